use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use socketio::client::{Client, ClientConfig, ClientError, ConnectionEvent, Reconnection};
use socketio::{Config, DisconnectReason, Transport};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::harness::{
    OPEN, PATIENCE, Proxy, Server, Stage, check_alive, check_closed, fixture, next, once, patient, record,
    record_end,
};

/// A client that comes back soon.
pub(crate) fn soon() -> ClientConfig {
    ClientConfig {
        reconnection: Some(Reconnection {
            delay: Duration::from_millis(5),
            delay_max: Duration::from_millis(20),
            ..Reconnection::default()
        }),
        ..once()
    }
}

/// What becomes of the connection of a client, in words.
fn record_events(client: &Client) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    client.on_connection_event(move |event| {
        let _ = sender.send(match event {
            ConnectionEvent::Opened { transport } => format!("opened {transport:?}"),
            ConnectionEvent::Upgraded => "upgraded".to_owned(),
            ConnectionEvent::Closed { reason, reconnects } => format!("closed {reason} {reconnects}"),
            ConnectionEvent::ConnectFailed { .. } => "failed".to_owned(),
            ConnectionEvent::ReconnectAttempt { attempt } => format!("attempt {attempt}"),
            ConnectionEvent::Reconnected { attempt, .. } => format!("reconnected {attempt}"),
            ConnectionEvent::ReconnectFailed => "given up".to_owned(),
            other => panic!("a new event: {other:?}"),
        });
    });
    receiver
}

#[tokio::test]
async fn a_lost_connection_is_opened_again_and_its_namespaces_are_joined_again() {
    let server = Server::fixture().await;
    let proxy = Proxy::before(&server).await;
    let client = Client::new(&proxy.url, soon()).unwrap();
    let mut events = record_events(&client);
    let (main, custom) = (client.namespace("/"), client.namespace("/custom"));
    let left = client.namespace("/custom-left");
    let (sender, mut connects) = mpsc::unbounded_channel();
    for socket in [&main, &custom] {
        let sender = sender.clone();
        socket.on_connect(move |socket| {
            let _ = sender.send(socket.id());
        });
    }
    let mut greetings = record(&custom, "auth");
    let mut ends = record_end(&main);
    main.connect().await.unwrap();
    custom.connect().await.unwrap();
    assert!(left.connect().await.is_err());
    let first = [next(&mut connects).await, next(&mut connects).await];
    next(&mut greetings).await;
    assert_eq!(next(&mut events).await, "opened WebSocket");

    proxy.cut();
    assert_eq!(next(&mut ends).await, DisconnectReason::TransportClose);
    assert_eq!(next(&mut events).await, "closed transport close true");
    assert_eq!(next(&mut events).await, "attempt 1");
    assert_eq!(next(&mut events).await, "reconnected 1");
    let second = [next(&mut connects).await, next(&mut connects).await];
    assert!(second.iter().all(|id| !first.contains(id)));
    next(&mut greetings).await;
    check_alive(&main).await;
    check_alive(&custom).await;
    assert!(!left.is_active());
}

#[tokio::test]
async fn attempts_are_counted_and_given_up() {
    let server = Server::fixture().await;
    let config = ClientConfig {
        reconnection: Some(Reconnection {
            attempts_max: Some(3),
            ..soon().reconnection.unwrap()
        }),
        ..once()
    };
    let client = Client::new(&server.url, config).unwrap();
    let mut events = record_events(&client);
    let socket = client.namespace("/");
    let (sender, mut errors) = mpsc::unbounded_channel();
    socket.on_connect_error(move |socket, error| {
        let _ = sender.send((socket.is_active(), format!("{error:?}")));
    });
    socket.connect().await.unwrap();
    server.stop().await;
    check_closed(&client, DisconnectReason::TransportError).await;
    let mut seen = Vec::new();
    while seen.last().is_none_or(|event| event != "given up") {
        seen.push(next(&mut events).await);
    }
    let expected = [
        "opened WebSocket",
        "closed transport close true",
        "attempt 1",
        "failed",
        "attempt 2",
        "failed",
        "attempt 3",
        "failed",
        "given up",
    ];
    assert_eq!(seen, expected);
    for _ in 0..3 {
        let (is_active, error) = next(&mut errors).await;
        assert!(is_active && error.starts_with("Io("), "{error}");
    }
    assert_eq!(next(&mut errors).await, (false, "GivenUp".to_owned()));
    assert!(!socket.is_active());
}

#[tokio::test]
async fn a_first_connection_that_fails_is_tried_again_if_asked() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = closed.local_addr().unwrap();
    drop(closed);
    let url = format!("http://{addr}");
    let client = Client::new(&url, soon()).unwrap();
    assert!(matches!(client.connect().await, Err(ClientError::Io(_))));

    let config = ClientConfig {
        reconnection: Some(Reconnection {
            retry_first: true,
            ..soon().reconnection.unwrap()
        }),
        ..once()
    };
    let client = Client::new(&url, config).unwrap();
    let mut events = record_events(&client);
    let socket = client.namespace("/");
    let connecting = socket.connect();
    assert_eq!(next(&mut events).await, "failed");
    assert_eq!(next(&mut events).await, "attempt 1");
    let _server = Server::start_at(addr, Config::default(), fixture).await;
    patient("the connection", connecting).await.unwrap();
    check_alive(&socket).await;
}

#[tokio::test]
async fn a_server_that_expels_a_socket_does_not_see_it_again_until_it_connects() {
    let stage = Stage::new().await;
    let client = Client::new(&stage.url, soon()).unwrap();
    let (expelled, stays) = (client.namespace("/expelled"), client.namespace("/stays"));
    drop((expelled.connect(), stays.connect()));
    let mut fake = stage.accept(OPEN).await;
    let mut asked = [fake.text().await, fake.text().await];
    asked.sort();
    assert_eq!(asked, ["40/expelled,", "40/stays,"]);
    fake.send(r#"40/expelled,{"sid":"a"}"#).await;
    fake.send(r#"40/stays,{"sid":"b"}"#).await;
    let mut ends = record_end(&expelled);
    fake.send("41/expelled,").await;
    assert_eq!(next(&mut ends).await, DisconnectReason::ServerNamespaceDisconnect);
    assert!(!expelled.is_active());
    drop(fake);

    let mut fake = stage.accept(OPEN).await;
    assert_eq!(fake.text().await, "40/stays,");
    drop(expelled.connect());
    assert_eq!(fake.text().await, "40/expelled,");
    // With its last socket a server wants the whole client gone.
    for namespace in ["/stays", "/expelled"] {
        fake.send(&format!(r#"40{namespace},{{"sid":"c"}}"#)).await;
        fake.send(&format!("41{namespace},")).await;
    }
    fake.send("1").await;
    check_closed(&client, DisconnectReason::TransportClose).await;
}

#[tokio::test]
async fn a_client_that_is_closed_comes_back_only_when_it_connects() {
    let server = Server::fixture().await;
    let client = Client::new(&server.url, soon()).unwrap();
    let socket = client.namespace("/");
    let mut greetings = record(&socket, "auth");
    for _ in 0..3 {
        socket.connect().await.unwrap();
        next(&mut greetings).await;
        client.close();
        check_closed(&client, DisconnectReason::ForcedClose).await;
        assert!(!socket.is_active());
    }
    server.until(|stats| &stats.connections_open, 0).await;

    // Also while it waits for its next attempt.
    let far = ClientConfig {
        reconnection: Some(Reconnection {
            delay: PATIENCE * 2,
            delay_max: PATIENCE * 2,
            ..Reconnection::default()
        }),
        ..once()
    };
    let proxy = Proxy::before(&server).await;
    let client = Client::new(&proxy.url, far).unwrap();
    let mut events = record_events(&client);
    let socket = client.namespace("/");
    socket.connect().await.unwrap();
    proxy.cut();
    assert_eq!(next(&mut events).await, "opened WebSocket");
    assert_eq!(next(&mut events).await, "closed transport close true");
    client.close();
    check_closed(&client, DisconnectReason::ForcedClose).await;
    let refused = socket.emit("echo", Value::Null);
    assert_eq!(refused, Err(socketio::EmitError::Disconnected));
}

#[tokio::test]
async fn clients_that_are_lost_together_come_back_apart() {
    const CLIENTS: usize = 40;
    let waits = Arc::new(Mutex::new(Vec::new()));
    let stage = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", stage.local_addr().unwrap());
    drop(stage);
    let config = ClientConfig {
        transports: vec![Transport::WebSocket, Transport::Polling],
        reconnection: Some(Reconnection {
            delay: Duration::from_millis(100),
            retry_first: true,
            attempts_max: Some(1),
            ..Reconnection::default()
        }),
        ..once()
    };
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let client = Client::new(&url, config.clone()).unwrap();
            let (waits, started) = (waits.clone(), Mutex::new(None));
            client.on_connection_event(move |event| match event {
                ConnectionEvent::ConnectFailed { .. } => {
                    started
                        .lock()
                        .unwrap()
                        .get_or_insert_with(tokio::time::Instant::now);
                }
                ConnectionEvent::ReconnectAttempt { .. } => {
                    let started = started.lock().unwrap().unwrap();
                    waits.lock().unwrap().push(started.elapsed().as_millis());
                }
                _ => {}
            });
            drop(client.connect());
            client
        })
        .collect();
    for client in &clients {
        check_closed(client, DisconnectReason::TransportError).await;
    }
    let waits = waits.lock().unwrap();
    assert_eq!(waits.len(), CLIENTS);
    // 50 to 150 ms, and more on a machine that is busy.
    let (first, last) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
    assert!(*first >= 50 && last - first >= 20, "{waits:?}");
}
