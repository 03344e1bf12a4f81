use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use socketio::{Config, DisconnectReason, Socket};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::harness::{Client, PATIENCE, Seen, Server, fixture, server_with_sockets, until};

type Reasons = mpsc::UnboundedReceiver<DisconnectReason>;

/// A server whose sockets report the reason of their end.
async fn reporting(config: Config, setup: impl Fn(&Socket) + Send + Sync + 'static) -> (Server, Reasons) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let server = Server::start(config, |io| {
        io.of("/").on_connection(move |socket| {
            let sender = sender.clone();
            socket.on_disconnect(move |socket, reason| {
                assert!(!socket.is_connected() && socket.rooms().is_empty());
                sender.send(reason).unwrap();
            });
            setup(socket);
        });
    })
    .await;
    (server, receiver)
}

/// What a client does, what it sees then, and the reason the server tells.
async fn check(act: &str, seen: &[&Seen], reason: &str) {
    let (server, mut reasons) = reporting(Config::default(), |socket| {
        socket.on_sync("leave", |event| event.socket().disconnect(false));
        socket.on_sync("close", |event| event.socket().disconnect(true));
        socket.on_sync("kick", |event| event.socket().disconnect_with("cheating"));
        socket.on_sync("rest", |event| event.socket().disconnect_for_now("busy"));
    })
    .await;
    let mut client = server.joined().await;
    client.send(act).await;
    for expected in seen {
        assert_eq!(client.next().await, **expected, "{act}");
    }
    let told = tokio::time::timeout(PATIENCE, reasons.recv()).await.expect(act);
    assert_eq!(told.unwrap().as_str(), reason, "{act}");
    drop(client);
    server.until_empty().await;
    assert!(reasons.try_recv().is_err(), "{act}: told twice");
}

#[tokio::test]
async fn each_end_has_its_reason() {
    let disconnect = Seen::Text("41".to_owned());
    let close = Seen::close;
    check("41", &[], "client namespace disconnect").await;
    check("1", &[&close(1000, "transport close")], "transport close").await;
    check("2", &[&close(1002, "transport error")], "transport error").await;
    check("4?", &[&close(1008, "parse error")], "parse error").await;
    let forced = close(1000, "forced server close");
    check("40", &[&forced], "forced server close").await;
    check(r#"42["leave"]"#, &[&disconnect], "server namespace disconnect").await;
    check(
        r#"42["close"]"#,
        &[&disconnect, &forced],
        "server namespace disconnect",
    )
    .await;
    let kicked = close(1008, "cheating");
    check(r#"42["kick"]"#, &[&disconnect, &kicked], "cheating").await;
    check(r#"42["rest"]"#, &[&close(1013, "busy")], "busy").await;

    let (server, mut reasons) = reporting(Config::default(), |_| {}).await;
    drop(server.joined().await);
    assert_eq!(reasons.recv().await, Some(DisconnectReason::TransportClose));
    let mut client = server.joined().await;
    client.ws.close(None).await.unwrap();
    assert_eq!(reasons.recv().await, Some(DisconnectReason::TransportClose));
    let client = server.joined().await;
    client.ws.get_ref().set_zero_linger().unwrap();
    drop(client);
    assert_eq!(reasons.recv().await, Some(DisconnectReason::TransportError));
    server.until_empty().await;
    assert_eq!(server.io.stats().closed("transport close"), 2);
}

#[tokio::test]
async fn disconnecting_comes_before_the_rooms_are_left_and_disconnect_behind() {
    let (sender, mut told) = mpsc::unbounded_channel();
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            socket.join("room").unwrap();
            socket.extensions().insert(socket.clone());
            let tell = |when: &'static str| {
                let sender = sender.clone();
                move |socket: &Socket, reason| {
                    let kept = socket.extensions().get::<Socket>().is_some();
                    sender.send((when, socket.rooms().len(), kept, reason)).unwrap();
                }
            };
            socket.on_disconnect(tell("disconnect"));
            socket.on_disconnecting(tell("disconnecting"));
            socket.on_disconnecting(move |socket, _| {
                socket.on_disconnecting(|_, _| panic!("too late to be told"));
                socket.data().set("left", true);
            });
        });
    })
    .await;
    let mut client = server.joined().await;
    client.send("41").await;
    let reason = DisconnectReason::ClientNamespaceDisconnect;
    assert_eq!(told.recv().await, Some(("disconnecting", 2, true, reason)));
    assert_eq!(told.recv().await, Some(("disconnect", 0, true, reason)));
    drop(client);
    server.until_empty().await;
    assert_eq!(server.count(|stats| &stats.handler_panics), 0);
}

#[tokio::test]
async fn packets_that_cross_a_disconnect_of_the_server_are_ignored() {
    let (server, mut reasons) = reporting(Config::default(), |socket| {
        socket.on_sync("leave", |event| event.socket().disconnect(false));
    })
    .await;
    let mut client = server.joined().await;
    client.send(r#"42["leave"]"#).await;
    for crossing in [r#"42["leave"]"#, "430[]", "41"] {
        client.send(crossing).await;
    }
    assert_eq!(client.text().await, "41");
    assert_eq!(
        reasons.recv().await,
        Some(DisconnectReason::ServerNamespaceDisconnect)
    );
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"));
    client.send("41").await;
    client.send("41").await;
    assert_eq!(client.next().await, Seen::close(1000, "forced server close"));
}

#[tokio::test]
async fn a_client_that_joins_nothing_is_sent_away() {
    let config = Config {
        connect_timeout: Duration::from_millis(30),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let mut client = server.client().await;
    assert!(matches!(client.next().await, Seen::Close(..)));
    server.until_empty().await;
    assert_eq!(server.count(|stats| &stats.connect_timeouts), 1);
}

#[tokio::test]
async fn closing_the_server_tells_everybody_and_returns_when_they_are_gone() {
    let (server, mut reasons) = reporting(Config::default(), |_| {}).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(server.joined().await);
    }
    // This one has joined nothing.
    let mut silent = server.client().await;
    let readers: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            tokio::spawn(async move {
                // No DISCONNECT packet: a client that reads one would not come back by itself.
                assert_eq!(client.next().await, Seen::close(1001, "server shutting down"));
                assert_eq!(client.next().await, Seen::End);
            })
        })
        .collect();
    let silent = tokio::spawn(async move { silent.closed().await });
    server.io.close(PATIENCE).await;
    assert_eq!(server.count(|stats| &stats.connections_open), 0);
    for reader in readers {
        reader.await.unwrap();
        assert_eq!(reasons.recv().await, Some(DisconnectReason::ServerShuttingDown));
    }
    silent.await.unwrap();
    assert_eq!(server.io.stats().closed("server shutting down"), 21);
    // Nobody is let in any more.
    let path = "/socket.io/?EIO=4&transport=websocket";
    assert!(Client::open_at(server.addr, path).await.is_err());
    server.until_empty().await;
}

#[tokio::test]
async fn a_panic_of_a_handler_hurts_nobody() {
    let server = Server::start(Config::default(), |io| {
        fixture(io);
        io.of("/").on_connection(|socket| {
            socket.on_sync("panic in place", |_| panic!("a test panics in place"));
            socket.on("panic", |_| async { panic!("a test panics") });
            socket.on("panic later", |_| async {
                tokio::task::yield_now().await;
                panic!("a test panics later");
            });
        });
        io.of("/panic")
            .on_connection(|_| panic!("a test panics on connection"));
    })
    .await;
    let mut client = server.joined().await;
    client.text().await;
    for event in ["panic in place", "panic", "panic later", "panic"] {
        client.send(&format!(r#"42["{event}"]"#)).await;
    }
    client.send(r#"42["message","alive"]"#).await;
    assert_eq!(client.text().await, r#"42["message-back","alive"]"#);
    client.send("40/panic").await;
    assert!(client.text().await.starts_with("40/panic,"));
    assert_eq!(client.text().await, "41/panic,");
    assert_eq!(server.count(|stats| &stats.handler_panics), 5);
    drop(client);
    server.until_empty().await;
}

#[tokio::test]
async fn listeners_are_in_place_before_connect_is_answered() {
    let heard = Arc::new(AtomicU64::new(0));
    let counter = heard.clone();
    let server = Server::start(Config::default(), move |io| {
        io.of("/").on_connection(move |socket| {
            let counter = counter.clone();
            socket.emit("first", ()).unwrap();
            socket.on_sync("early", move |_| {
                counter.fetch_add(1, Ordering::Relaxed);
            });
        });
    })
    .await;
    for _ in 0..100 {
        let mut client = server.client().await;
        client.send("40").await;
        client.send(r#"42["early"]"#).await;
        assert!(client.text().await.starts_with("40{"));
        assert_eq!(client.text().await, r#"42["first"]"#);
    }
    until(&heard, 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_after_all_clients_are_gone() {
    let dropped = Arc::new(AtomicU64::new(0));
    struct CountsDrop(Arc<AtomicU64>);
    impl Drop for CountsDrop {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let counter = dropped.clone();
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            socket.join("room").unwrap();
            // A handler that holds its own socket must not keep it alive.
            let held = (socket.clone(), CountsDrop(counter.clone()));
            socket.on_sync("x", move |_| assert!(held.0.is_connected()));
        });
    })
    .await;
    for round in 0..300_u32 {
        let mut client = match round % 3 {
            0 => server.client().await,
            _ => server.joined().await,
        };
        match round % 7 {
            0 => client.send("41").await,
            1 => client.ws.close(None).await.unwrap(),
            2 => client.ws.get_ref().set_zero_linger().unwrap(),
            3 => client.send(r#"451-["half",{"_placeholder":true,"num":0}]"#).await,
            4 => client.ws.get_mut().write_all(&[0x81, 0xfe, 1]).await.unwrap(),
            5 => client.send("?").await,
            _ => {}
        }
    }
    server.until_empty().await;
    assert_eq!(server.io.of("/").sockets_count(), 0);
    until(&dropped, 200).await;
    assert_eq!(server.count(|stats| &stats.connections_opened), 300);
}

#[tokio::test]
async fn what_waits_leaves_before_a_graceful_end_and_is_discarded_by_a_hard_stop() {
    for graceful in [true, false] {
        let config = Config {
            close_timeout: PATIENCE,
            outbox_bytes_max: 1 << 30,
            ..Config::default()
        };
        let (server, mut sockets) = server_with_sockets(config).await;
        let mut client = server.joined().await;
        let socket = sockets.recv().await.unwrap();
        // More than the kernel takes from a client that does not read.
        for _ in 0..200 {
            socket.emit("n", Bytes::from(vec![0; 100_000])).unwrap();
        }
        assert!(socket.buffered_bytes() > 0);
        if graceful {
            socket.disconnect(true);
        } else {
            server.io.close(Duration::ZERO).await;
            server.until(|stats| &stats.outbox_bytes, 0).await;
        }
        let mut seen = 0;
        let end = loop {
            match client.next().await {
                Seen::Binary(_) => seen += 1,
                Seen::Text(_) => {}
                end => break end,
            }
        };
        if graceful {
            assert_eq!((seen, matches!(end, Seen::Close(1000, _))), (200, true));
        } else {
            assert!(seen < 200, "{seen}");
            assert_eq!(end, Seen::End);
        }
        drop(client);
        server.until_empty().await;
    }
}
