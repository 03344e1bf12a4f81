use std::time::SystemTime;

use serde_json::json;
use socketio::{Config, DisconnectReason, EmitError, SocketIo};
use tokio::sync::mpsc;

use crate::harness::{Client, PATIENCE, Seen, Server, fixture, server_with_sockets};
use crate::log::Log;
use crate::poller::Poller;

#[tokio::test]
async fn a_handshake_tells_all_that_is_known_of_a_client_in_every_namespace() {
    let (sender, mut sockets) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        for name in ["/", "/chat"] {
            let sender = sender.clone();
            io.of(name)
                .on_connection(move |socket| sender.send(socket.clone()).unwrap());
        }
    })
    .await;
    let before = SystemTime::now();
    let path = "/socket.io/?EIO=4&transport=websocket&key1=1&key2=%262";
    let mut client = Client::open_at(server.addr, path).await.unwrap();
    client.text().await;
    client.send(r#"40{"token":"t"}"#).await;
    client.send("40/chat,").await;
    let mut ids = Vec::new();
    for auth in [json!({"token": "t"}), json!({})] {
        let socket = sockets.recv().await.unwrap();
        let handshake = socket.handshake();
        assert_eq!(handshake.auth, auth);
        assert_eq!(handshake.query.get("key1"), Some("1"));
        assert_eq!(handshake.query.get("key2"), Some("&2"));
        assert_eq!(&*handshake.url, path);
        assert_eq!(handshake.headers["upgrade"], "websocket");
        assert_eq!(handshake.remote_addr, client.ws.get_ref().local_addr().ok());
        assert!(!handshake.xdomain && !handshake.secure);
        assert!(handshake.time >= before && handshake.issued_ms() > 1_700_000_000_000);
        assert_eq!(socket.request().method, "GET");
        assert_eq!(socket.transport().as_str(), "websocket");
        ids.push(socket.id().to_owned());
    }
    // One client is another socket in each namespace, and none is named like the session.
    assert_ne!(ids[0], ids[1]);
    let headers = "Origin: https://elsewhere.example\r\n";
    let request = format!(
        "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"
    );
    let answer = crate::poller::exchange(server.addr, request.as_bytes()).await;
    let sid = answer.body.strip_prefix("0{\"sid\":\"").unwrap()[..20].to_owned();
    let poller = Poller {
        addr: server.addr,
        sid,
    };
    poller.post("40").await;
    let socket = sockets.recv().await.unwrap();
    assert!(socket.handshake().xdomain);
    assert_ne!(socket.id(), poller.sid);
}

/// What the fixture's echo makes of `args`.
async fn check_echo(client: &mut Client, args: &str) {
    client.send(&format!(r#"42["message",{args}]"#)).await;
    assert_eq!(client.text().await, format!(r#"42["message-back",{args}]"#));
}

#[tokio::test]
async fn arguments_of_any_kind_and_size_pass_unchanged() {
    let config = Config {
        max_payload_bytes: 8_000_000,
        json_objects_max: 100_000,
        outbox_bytes_max: 32_000_000,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let mut client = server.joined().await;
    client.text().await;
    for args in [
        "null",
        "null,[null],{\"a\":null}",
        "\"utf8 — string\"",
        "\"cat 🐱 ąćęłńóśźż 漢字\"",
        "true,false,0,-1,1.5,1e+300",
        r#""__proto__",{"__proto__":{"polluted":true},"constructor":1}"#,
    ] {
        check_echo(&mut client, args).await;
    }
    let large = format!("[{}0]", "{\"key\":\"value of some length\"},".repeat(100_000));
    check_echo(&mut client, &large).await;
    let binary = vec![7; 5_000_000];
    let header = r#"451-["message",{"_placeholder":true,"num":0}]"#;
    client.send(header).await;
    client.send_binary(&binary).await;
    assert_eq!(client.text().await, header.replace("message", "message-back"));
    assert!(client.binary().await == binary);
}

#[tokio::test]
async fn names_that_mean_something_in_other_languages_mean_nothing_here() {
    let server = Server::start(Config::default(), |io| {
        fixture(io);
        io.of("/").on_connection(|socket| {
            for name in ["__proto__", "toString", "hasOwnProperty"] {
                socket.on(name, |event| async move {
                    event.socket.join(&event.name).unwrap();
                    event.socket.emit(&event.name, 1).unwrap();
                });
            }
        });
    })
    .await;
    let mut client = server.joined().await;
    client.text().await;
    for name in ["__proto__", "toString", "hasOwnProperty"] {
        client.send(&format!("42[\"{name}\"]")).await;
        assert_eq!(client.text().await, format!("42[\"{name}\",1]"));
        client.send(&format!("40/{name},")).await;
        assert_eq!(
            client.text().await,
            format!("44/{name},{{\"message\":\"Invalid namespace\"}}")
        );
        client.send("42[\"constructor\"]").await;
    }
    check_echo(&mut client, "1").await;
}

#[tokio::test]
async fn reserved_events_cannot_be_emitted() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let mut client = server.joined().await;
    client.text().await;
    let socket = sockets.recv().await.unwrap();
    for name in [
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
    ] {
        assert_eq!(socket.emit(name, ()), Err(EmitError::ReservedName), "{name}");
        // A broadcast has no caller who could do something about it: it is logged.
        server.io.of("/").emit(name, ());
        socket.broadcast().emit(name, ());
    }
    socket.emit("end", ()).unwrap();
    assert_eq!(client.text().await, r#"42["end"]"#);
}

/// A client in three namespaces, and the namespaces whose sockets are told of their end.
async fn in_three_namespaces() -> (
    Server,
    Client,
    mpsc::UnboundedReceiver<(String, DisconnectReason)>,
) {
    let (sender, ends) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        for name in ["/", "/a", "/b"] {
            let sender = sender.clone();
            io.of(name).on_connection(move |socket| {
                let sender = sender.clone();
                socket.on_disconnect(move |socket, reason| {
                    sender.send((socket.namespace().to_owned(), reason)).unwrap();
                });
                socket.on_sync("close", |event| event.socket().disconnect(true));
            });
        }
    })
    .await;
    let mut client = server.joined().await;
    for name in ["/a", "/b"] {
        client.send(&format!("40{name},")).await;
        assert!(client.text().await.starts_with(&format!("40{name},{{")));
    }
    (server, client, ends)
}

async fn check_ends(mut ends: mpsc::UnboundedReceiver<(String, DisconnectReason)>, reason: DisconnectReason) {
    let mut names = Vec::new();
    for _ in 0..3 {
        let (name, told) = ends.recv().await.unwrap();
        assert_eq!(told, reason);
        names.push(name);
    }
    names.sort();
    assert_eq!(names, ["/", "/a", "/b"]);
}

#[tokio::test]
async fn all_namespaces_end_with_their_connection() {
    let (_server, mut client, ends) = in_three_namespaces().await;
    client.send(r#"42/a,["close"]"#).await;
    let mut heard = vec![client.text().await, client.text().await, client.text().await];
    heard.sort();
    assert_eq!(heard, ["41", "41/a,", "41/b,"]);
    assert_eq!(client.next().await, Seen::close(1000, "forced server close"));
    check_ends(ends, DisconnectReason::ServerNamespaceDisconnect).await;

    let (server, client, ends) = in_three_namespaces().await;
    drop(client);
    check_ends(ends, DisconnectReason::TransportClose).await;
    server.until_empty().await;

    let (server, mut client, ends) = in_three_namespaces().await;
    client.send("2").await;
    check_ends(ends, DisconnectReason::TransportError).await;
    server.until_empty().await;
}

#[tokio::test]
async fn the_main_namespace_has_two_names() {
    let io = SocketIo::builder().build();
    assert_eq!(io.of(""), io.of("/"));
    assert_eq!(io.of("abc"), io.of("/abc"));
    assert_ne!(io.of("/abc"), io.of("/ab"));
    let server = Server::start(Config::default(), |io| {
        io.of("")
            .on_connection(|socket| socket.emit("hello", ()).unwrap());
        io.of("abc")
            .on_connection(|socket| socket.emit("hello", ()).unwrap());
    })
    .await;
    let mut client = server.joined().await;
    assert_eq!(client.text().await, r#"42["hello"]"#);
    client.send("40/abc,").await;
    assert!(client.text().await.starts_with("40/abc,{"));
    assert_eq!(client.text().await, r#"42/abc,["hello"]"#);
}

/// A polling client may put CONNECT and its first events into one request.
#[tokio::test]
async fn events_in_the_same_request_as_connect_are_heard_in_order() {
    let (sender, mut heard) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        io.of("/custom").on_connection(move |socket| {
            let sender = sender.clone();
            socket.on_any(move |event| sender.send(event.deserialize::<u32>(0).unwrap()).unwrap());
        });
    })
    .await;
    let poller = Poller::open(&server).await;
    let mut body = "40/custom,".to_owned();
    for number in 0..50 {
        body.push_str(&format!("\u{1e}42/custom,[\"n\",{number}]"));
    }
    assert_eq!(poller.post(&body).await.body, "ok");
    for number in 0..50 {
        assert_eq!(heard.recv().await, Some(number));
    }
}

#[tokio::test]
async fn a_server_may_be_closed_before_it_listens_and_twice() {
    let io = SocketIo::builder().build();
    io.close(PATIENCE).await;
    io.close(PATIENCE).await;
    let server = Server::start(Config::default(), fixture).await;
    let mut client = server.joined().await;
    client.text().await;
    tokio::join!(server.io.close(PATIENCE), server.io.close(PATIENCE), async {
        assert_eq!(client.next().await, Seen::close(1001, "server shutting down"));
        drop(client);
    });
    server.until_empty().await;
    // Emitting to it reaches nobody, and hurts nobody.
    server.io.of("/").emit("event", ());
}

#[tokio::test]
async fn clients_of_a_closed_server_are_served_by_the_next_one() {
    let (first, mut sockets) = server_with_sockets(Config::default()).await;
    let mut client = first.joined().await;
    let old = sockets.recv().await.unwrap();
    let close = first.io.close(PATIENCE);
    tokio::join!(close, async {
        while !matches!(client.next().await, Seen::Close(..)) {}
        drop(client);
    });
    assert_eq!(old.emit("event", ()), Err(EmitError::Disconnected));
    let (second, mut sockets) = server_with_sockets(Config::default()).await;
    let mut client = second.joined().await;
    client.text().await;
    sockets.recv().await.unwrap().emit("event", 1).unwrap();
    assert_eq!(client.text().await, r#"42["event",1]"#);
}

#[tokio::test]
async fn a_client_that_connects_again_is_a_new_socket_and_hears_everything_once() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let mut client = server.joined().await;
    client.text().await;
    let first = sockets.recv().await.unwrap();
    for _ in 0..3 {
        client.send("41").await;
        client.send("40").await;
        assert!(client.text().await.starts_with("40{"));
        assert_eq!(client.text().await, r#"42["auth",{}]"#);
        let again = sockets.recv().await.unwrap();
        assert_ne!(first.id(), again.id());
        assert!(!first.is_connected() && again.is_connected());
    }
    server.io.of("/").emit("event", ());
    check_once(&mut client).await;
    assert_eq!(first.emit("event", ()), Err(EmitError::Disconnected));
    check_echo(&mut client, "1").await;
}

async fn check_once(client: &mut Client) {
    assert_eq!(client.text().await, r#"42["event"]"#);
    client.send(r#"42["message"]"#).await;
    assert_eq!(client.text().await, r#"42["message-back"]"#);
}

#[tokio::test]
async fn a_panic_is_logged_with_its_event_and_namespace_and_without_ids() {
    let log = Log::of_this_thread();
    let server = Server::start(Config::default(), |io| {
        io.of("/game").on_connection(|socket| {
            socket.on("move", |_| async { panic!("a test panics") });
            socket.on_disconnecting(|_, _| panic!("a test panics at the end"));
        });
    })
    .await;
    let mut client = server.client().await;
    client.send("40/game,").await;
    let answer = client.text().await;
    client.send(r#"42/game,["move"]"#).await;
    drop(client);
    server.until(|stats| &stats.handler_panics, 2).await;
    server.until_empty().await;
    let logged = log.text();
    let line = r#"a handler panicked namespace="/game" event="move""#;
    assert!(logged.contains(line), "{logged}");
    assert!(logged.contains(&line.replace("move", "disconnecting")));
    let id = &answer.strip_prefix("40/game,{\"sid\":\"").unwrap()[..20];
    assert!(!logged.contains(id));
}
