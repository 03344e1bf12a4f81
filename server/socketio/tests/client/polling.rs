use std::time::Duration;

use bytes::Bytes;
use serde_json::json;
use socketio::client::{Client, ClientConfig, ClientError, ConnectionEvent};
use socketio::{Config, DisconnectReason, EmitError, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::harness::{PATIENCE, Server, check_alive, check_closed, fixture, next, once, patient, record};

/// A client that polls, and may move to WebSocket.
fn polling(upgrade: bool) -> ClientConfig {
    ClientConfig {
        transports: vec![Transport::Polling, Transport::WebSocket],
        upgrade,
        ..once()
    }
}

async fn upgraded(client: &Client) {
    patient("the move", async {
        while client.transport() != Some(Transport::WebSocket) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

/// Numbered events both ways, text and binary, arrive once and in order.
async fn check_order(config: ClientConfig, events: u64) -> Client {
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(|socket| {
            socket.on_sync("n", |event| {
                let _ = event.socket().emit("n", event.args());
            });
        });
    })
    .await;
    let client = Client::new(&server.url, config).unwrap();
    let socket = client.namespace("/");
    let mut echoes = record(&socket, "n");
    socket.connect().await.unwrap();
    let emit = async {
        for number in 0..events {
            let data = Bytes::copy_from_slice(&number.to_le_bytes());
            let emitted = || match number % 2 {
                0 => socket.emit("n", (number, data.clone(), "é\u{1e}")),
                _ => socket.emit("n", number),
            };
            while let Err(error) = emitted() {
                assert_eq!(error, EmitError::Full);
                tokio::task::yield_now().await;
            }
            if number % 16 == 0 {
                tokio::task::yield_now().await;
            }
        }
    };
    let read = async {
        for number in 0..events {
            let echo = next(&mut echoes).await;
            assert_eq!(echo.json(0), Some(&json!(number)));
            if number % 2 == 0 {
                assert_eq!(echo.binary(1).unwrap(), &number.to_le_bytes()[..]);
            }
        }
    };
    tokio::join!(emit, read);
    assert_eq!(server.io.stats().closed("parse error"), 0);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn polling_alone_carries_everything_in_order() {
    let client = check_order(polling(false), 2000).await;
    assert_eq!(client.transport(), Some(Transport::Polling));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_overtaken_while_a_session_moves_to_websocket() {
    for _ in 0..5 {
        let client = check_order(polling(true), 2000).await;
        upgraded(&client).await;
        let stats = client.stats();
        assert_eq!(stats.upgrades.load(std::sync::atomic::Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_move_to_websocket_is_told() {
    let server = Server::fixture().await;
    let client = Client::new(&server.url, polling(true)).unwrap();
    let (sender, mut upgrades) = mpsc::unbounded_channel();
    client.on_connection_event(move |event| {
        if matches!(event, ConnectionEvent::Upgraded) {
            let _ = sender.send(());
        }
    });
    let socket = client.namespace("/");
    socket.connect().await.unwrap();
    next(&mut upgrades).await;
    assert_eq!(client.transport(), Some(Transport::WebSocket));
    check_alive(&socket).await;
    server.until(|stats| &stats.upgrades, 1).await;
    client.close();
    check_closed(&client, DisconnectReason::ForcedClose).await;
    server.until(|stats| &stats.connections_open, 0).await;
    server.until(|stats| &stats.tcp_open, 0).await;
}

#[tokio::test]
async fn a_move_that_fails_leaves_the_session_polling() {
    let config = Config {
        transports: vec![Transport::Polling],
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    // Before the server, something that lets no WebSocket through, and promises one.
    let (url, _proxy) = without_websocket(server.addr).await;
    let client = Client::new(&url, polling(true)).unwrap();
    let socket = client.namespace("/");
    socket.connect().await.unwrap();
    patient("the failure", async {
        while client
            .stats()
            .upgrades_failed
            .load(std::sync::atomic::Ordering::Relaxed)
            == 0
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    check_alive(&socket).await;
    assert_eq!(client.transport(), Some(Transport::Polling));
}

/// Forwards connections; requests for an upgrade are closed, and sessions are told that they may ask.
async fn without_websocket(server: std::net::SocketAddr) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let proxy = tokio::spawn(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(server).await.unwrap();
                let mut request = vec![0; 4096];
                let bytes = near.read(&mut request).await.unwrap();
                let text = String::from_utf8_lossy(&request[..bytes]).to_lowercase();
                if text.contains("transport=websocket") {
                    return;
                }
                far.write_all(&request[..bytes]).await.unwrap();
                if !text.contains("sid=") {
                    let mut answer = vec![0; 4096];
                    let bytes = far.read(&mut answer).await.unwrap();
                    let answer = String::from_utf8_lossy(&answer[..bytes]).into_owned();
                    // As long as before.
                    let answer = answer.replace(r#""pingInterval":25000"#, r#""pingInterval":1000 "#);
                    let answer = answer.replace(r#""upgrades":[],"#, r#""upgrades":["websocket"],"#);
                    let answer = answer.replace("content-length: ", "x-was: ");
                    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
                    let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                    near.write_all(answer.as_bytes()).await.unwrap();
                }
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (url, proxy)
}

#[tokio::test]
async fn a_transport_that_fails_hands_on_to_the_next() {
    for (served, transports, expected) in [
        (
            Transport::Polling,
            [Transport::WebSocket, Transport::Polling],
            Transport::Polling,
        ),
        (
            Transport::WebSocket,
            [Transport::Polling, Transport::WebSocket],
            Transport::WebSocket,
        ),
    ] {
        let config = Config {
            transports: vec![served],
            ..Config::default()
        };
        let server = Server::start(config, fixture).await;
        let tries = ClientConfig {
            transports: transports.to_vec(),
            ..once()
        };
        let client = Client::new(&server.url, tries).unwrap();
        let socket = client.namespace("/");
        socket.connect().await.unwrap();
        assert_eq!(client.transport(), Some(expected));
        check_alive(&socket).await;

        let alone = ClientConfig {
            transports: transports[..1].to_vec(),
            ..once()
        };
        let client = Client::new(&server.url, alone).unwrap();
        match client.connect().await {
            Err(ClientError::Refused { status, message }) => {
                assert_eq!((status, message.as_str()), (400, "Transport unknown"));
            }
            other => panic!("refused otherwise: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_session_that_polls_ends_like_any_other() {
    let server = Server::fixture().await;
    // We close.
    let client = Client::new(&server.url, polling(false)).unwrap();
    let socket = client.namespace("/");
    socket.connect().await.unwrap();
    socket.emit("silence", "leaves before the end").unwrap();
    client.close();
    check_closed(&client, DisconnectReason::ForcedClose).await;
    server.until(|stats| &stats.connections_open, 0).await;
    assert_eq!(server.io.stats().closed("transport close"), 1);
    // The server closes.
    let socket = client.namespace("/");
    socket.connect().await.unwrap();
    socket.emit("go", ()).unwrap();
    check_closed(&client, DisconnectReason::TransportClose).await;
    // The server forgets the session.
    socket.connect().await.unwrap();
    server.stop().await;
    let reason = patient("the end", client.closed()).await;
    assert!(
        [DisconnectReason::TransportClose, DisconnectReason::TransportError].contains(&reason),
        "{reason}"
    );
}

#[tokio::test]
async fn pings_are_answered_over_polling() {
    let config = Config {
        ping_interval: Duration::from_millis(5),
        ping_timeout: PATIENCE,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let client = Client::new(&server.url, polling(false)).unwrap();
    let socket = client.namespace("/");
    socket.connect().await.unwrap();
    patient("ten pongs", async {
        while server
            .io
            .stats()
            .packets_in
            .load(std::sync::atomic::Ordering::Relaxed)
            < 11
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    check_alive(&socket).await;
}

#[tokio::test]
async fn what_is_too_large_for_a_post_is_refused() {
    let config = Config {
        max_payload_bytes: 1000,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let client = Client::new(&server.url, polling(false)).unwrap();
    let socket = client.namespace("/");
    socket.connect().await.unwrap();
    // As base64 it is larger by a third.
    assert_eq!(socket.emit("silence", vec![0_u8; 800]), Err(EmitError::TooLarge));
    assert_eq!(socket.emit("silence", "x".repeat(1000)), Err(EmitError::TooLarge));
    for _ in 0..10 {
        socket.emit("silence", vec![0_u8; 700]).unwrap();
    }
    check_alive(&socket).await;
}

/// Answers the requests of a client one after another, each on whatever connection it comes; what was asked.
async fn serve_answers(listener: &TcpListener, answers: &[&str]) -> Vec<String> {
    let mut heads = Vec::new();
    let mut streams = Vec::new();
    for answer in answers {
        let (mut stream, _) = patient("a request", listener.accept()).await.unwrap();
        let mut head = vec![0; 4096];
        let bytes = stream.read(&mut head).await.unwrap();
        heads.push(String::from_utf8_lossy(&head[..bytes]).to_lowercase());
        stream.write_all(answer.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    heads
}

#[tokio::test]
async fn cookies_headers_and_query_go_with_every_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}?token=t", listener.local_addr().unwrap());
    let mut headers = http::HeaderMap::new();
    headers.insert("x-game", http::HeaderValue::from_static("arena"));
    let config = ClientConfig {
        headers,
        path: "/game/".to_owned(),
        ..polling(true)
    };
    let client = Client::new(&url, config).unwrap();
    let open =
        r#"0{"sid":"S","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#;
    let open = format!(
        "HTTP/1.1 200 OK\r\nSet-Cookie: node=n7; Path=/; HttpOnly\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{open}",
        open.len()
    );
    let lost = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let answers = [open.as_str(), lost, lost];
    let (heads, connected) = tokio::join!(serve_answers(&listener, &answers), client.connect());
    connected.unwrap();
    for head in &heads {
        assert!(head.starts_with("get /game/?eio=4&transport="), "{head}");
        assert!(
            head.contains("x-game: arena\r\n") && head.contains("&token=t"),
            "{head}"
        );
    }
    assert!(!heads[0].contains("cookie: "));
    for head in &heads[1..] {
        assert!(
            head.contains("cookie: node=n7\r\n") && head.contains("&sid=s "),
            "{head}"
        );
    }
    assert_eq!(
        heads
            .iter()
            .filter(|head| head.contains("upgrade: websocket"))
            .count(),
        1
    );
    check_closed(&client, DisconnectReason::TransportError).await;
}

/// What a client says of a server that answers its first poll with `answer`.
async fn refused(answer: &str) -> ClientError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = ClientConfig {
        transports: vec![Transport::Polling],
        max_payload_bytes: 10_000,
        ..once()
    };
    let client = Client::new(&url, config).unwrap();
    let answer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
        stream
    };
    let (connected, _stream) = tokio::join!(patient("a refusal", client.connect()), answer);
    connected.expect_err("a refusal")
}

#[tokio::test]
async fn answers_that_open_no_session_are_refused() {
    let ok = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for body in [
        "",
        "2",
        "0{}",
        "0[]",
        "\u{1e}",
        // A session that polls needs an id.
        r#"0{"pingInterval":1,"pingTimeout":1}"#,
        &"x".repeat(20_000),
    ] {
        let error = refused(&ok(body)).await;
        assert!(matches!(error, ClientError::Protocol(_)), "{body:.20}: {error:?}");
    }
    for answer in [
        "",
        "SSH-2.0-x\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0{",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz",
        &format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(100_000)),
        &format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(1000)),
    ] {
        let error = refused(answer).await;
        assert!(
            matches!(error, ClientError::Protocol(_) | ClientError::Io(_)),
            "{answer:.40}: {error:?}"
        );
    }
    let forbidden =
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 32\r\n\r\n{\"code\":4,\"message\":\"Forbidden\"}";
    match refused(forbidden).await {
        ClientError::Refused { status, message } => {
            assert_eq!((status, message.as_str()), (403, "Forbidden"))
        }
        other => panic!("{other:?}"),
    }
}
