use std::time::Duration;

use futures_util::SinkExt;
use socketio::Config;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::harness::{Client, PATIENCE, Seen, Server, fixture, server_with_sockets, until_writable};
use crate::poller::Poller;

impl Poller {
    /// Opens a WebSocket for this session.
    async fn websocket(&self) -> Client {
        Client::open_at(self.addr, &self.path("websocket")).await.unwrap()
    }

    /// Moves to WebSocket.
    async fn upgraded(&self) -> Client {
        let mut client = self.websocket().await;
        client.send("2probe").await;
        assert_eq!(client.text().await, "3probe");
        client.send("5").await;
        client
    }

    /// The session polls, and works.
    async fn assert_polls(&self, why: &str) {
        assert_eq!(self.post(r#"42["message","alive"]"#).await.body, "ok", "{why}");
        assert_eq!(self.poll().await.body, r#"42["message-back","alive"]"#, "{why}");
    }
}

#[tokio::test]
async fn a_session_moves_with_all_that_waits() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let pending = poller.poll_beside();
    until_writable(&socket).await;
    assert_eq!(socket.transport().as_str(), "polling");
    let mut client = poller.websocket().await;
    client.send("2probe").await;
    assert_eq!(client.text().await, "3probe");
    // The poll that was pending, and those that come now, hold nobody.
    assert_eq!(pending.await.unwrap().body, "6");
    assert_eq!(poller.poll().await.body, "6");
    // Until the client has moved it still polls.
    socket.emit("polled", ()).unwrap();
    assert_eq!(poller.poll().await.body, r#"42["polled"]"#);
    assert_eq!(poller.post(r#"42["message",1]"#).await.body, "ok");
    socket.emit("waits", bytes::Bytes::from_static(&[1, 2])).unwrap();
    assert!(!socket.writable() && socket.buffered_bytes() > 0);
    client.send("5").await;
    assert_eq!(client.text().await, r#"42["message-back",1]"#);
    assert_eq!(
        client.text().await,
        r#"451-["waits",{"_placeholder":true,"num":0}]"#
    );
    assert_eq!(client.binary().await, [1, 2][..]);
    client.send(r#"42["message",2]"#).await;
    assert_eq!(client.text().await, r#"42["message-back",2]"#);
    assert!(socket.writable());
    assert_eq!(socket.transport().as_str(), "websocket");
    let mismatch = r#"{"code":3,"message":"Bad request"}"#;
    for answer in [poller.poll().await, poller.post("4").await] {
        assert_eq!((answer.status, answer.body.as_str()), (400, mismatch));
    }
    assert_eq!(server.count(|stats| &stats.upgrades), 1);
    assert_eq!(server.count(|stats| &stats.connections_opened), 1);
    client.ws.close(None).await.unwrap();
    server.until_empty().await;
    assert_eq!(server.io.stats().closed("transport close"), 1);
    poller.assert_gone("closed").await;
}

#[tokio::test]
async fn a_poll_that_waits_is_ended_by_the_move() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let pending = poller.poll_beside();
    until_writable(&socket).await;
    // Without a probe nothing has ended it before.
    let mut client = poller.websocket().await;
    client.send("5").await;
    assert_eq!(pending.await.unwrap().body, "6");
    client.send(r#"42["message",1]"#).await;
    assert_eq!(client.text().await, r#"42["message-back",1]"#);
}

#[tokio::test]
async fn a_second_websocket_is_closed_and_hurts_nobody() {
    let server = Server::start(Config::default(), fixture).await;
    let poller = Poller::joined(&server).await;
    let mut first = poller.websocket().await;
    first.send("2probe").await;
    assert_eq!(first.text().await, "3probe");
    let mut during = poller.websocket().await;
    assert_eq!(during.closed().await, Some(1000));
    first.send("5").await;
    let mut after = poller.websocket().await;
    assert_eq!(after.closed().await, Some(1000));
    first.send(r#"42["message",1]"#).await;
    assert_eq!(first.text().await, r#"42["message-back",1]"#);
    // A session that was opened by WebSocket has one as well.
    let mut client = server.client().await;
    drop(first);
    server.until(|stats| &stats.connections_open, 1).await;
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"));
}

#[tokio::test]
async fn a_move_that_fails_costs_only_the_websocket() {
    let config = Config {
        upgrade_timeout: Duration::from_millis(100),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let poller = Poller::joined(&server).await;
    let cases: [&[Message]; 9] = [
        &[Message::text("2")],
        &[Message::text("2prob")],
        &[Message::text("40")],
        &[Message::text("")],
        &[Message::text("1")],
        &[Message::binary(vec![4])],
        &[
            Message::text("2probe"),
            Message::text("2probe"),
            Message::text("6"),
        ],
        &[Message::text("x".repeat(2_000_000))],
        // Says nothing until the time is over.
        &[Message::text("2probe")],
    ];
    for (index, messages) in cases.iter().enumerate() {
        let mut client = poller.websocket().await;
        for message in *messages {
            let _ = client.ws.send(message.clone()).await;
        }
        client.closed().await;
        poller.assert_polls(&format!("case {index}")).await;
    }
    for garbage in [&b"\xff\xff no frame at all"[..], &[0x81, 0xfe, 1]] {
        let mut client = poller.websocket().await;
        client.ws.get_mut().write_all(garbage).await.unwrap();
        if garbage.len() == 3 {
            client.ws.get_ref().set_zero_linger().unwrap();
        } else {
            client.closed().await;
        }
        drop(client);
        poller.assert_polls("garbage").await;
    }
    server
        .until(|stats| &stats.upgrades_failed, cases.len() as u64 + 2)
        .await;
    // Another attempt may succeed.
    let mut client = poller.upgraded().await;
    client.send(r#"42["message",1]"#).await;
    assert_eq!(client.text().await, r#"42["message-back",1]"#);
    drop(client);
    server.until_empty().await;
}

#[tokio::test]
async fn an_upgrade_that_does_not_fit_is_refused() {
    let server = Server::start(Config::default(), fixture).await;
    let poller = Poller::joined(&server).await;
    let unknown = "/socket.io/?EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA".to_owned();
    let cases = [
        (poller.path("websocket").replace("EIO=4", "EIO=3"), "Bad request"),
        (poller.path("websocket").replace("EIO=4&", ""), "Bad request"),
        (unknown, "Session ID unknown"),
    ];
    for (path, text) in cases {
        match Client::open_at(server.addr, &path).await {
            Err(Error::Http(response)) => {
                assert_eq!(response.status(), 400, "{path}");
                assert_eq!(
                    response.body().as_deref().unwrap_or_default(),
                    text.as_bytes(),
                    "{path}"
                );
            }
            other => panic!("{path}: {:?}", other.map(|_| "let in")),
        }
    }
    poller.assert_polls("refused").await;
    let config = Config {
        allow_upgrades: false,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let poller = Poller::joined(&server).await;
    assert!(
        Client::open_at(server.addr, &poller.path("websocket"))
            .await
            .is_err()
    );
    poller.assert_polls("not offered").await;
}

#[tokio::test]
async fn heartbeats_go_on_while_a_client_moves() {
    let config = Config {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    // The client probes and then forgets both.
    let poller = Poller::open(&server).await;
    let mut client = poller.websocket().await;
    client.send("2probe").await;
    assert_eq!(client.text().await, "3probe");
    assert_eq!(client.closed().await, Some(1000));
    server.until_empty().await;
    poller.assert_gone("silent").await;
    assert_eq!(server.io.stats().closed("ping timeout"), 1);
    // A ping that waited for a poll arrives behind the move.
    let poller = Poller::open(&server).await;
    let mut client = poller.upgraded().await;
    for _ in 0..3 {
        assert_eq!(client.text().await, "2");
        client.send("3").await;
    }
}

#[tokio::test]
async fn a_session_that_ends_takes_its_probe_along() {
    let server = Server::start(Config::default(), fixture).await;
    for end in ["1", "40\u{1e}40", "?"] {
        let poller = Poller::open(&server).await;
        let mut client = poller.websocket().await;
        client.send("2probe").await;
        assert_eq!(client.text().await, "3probe");
        poller.post(end).await;
        assert_eq!(
            client.next().await,
            Seen::close(1000, "the session is closed"),
            "{end:?}"
        );
        drop(client);
        server.until_empty().await;
    }
}

#[tokio::test]
async fn a_session_that_is_closed_while_its_client_moves_says_so_over_the_websocket() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let mut client = poller.websocket().await;
    client.send("2probe").await;
    assert_eq!(client.text().await, "3probe");
    assert_eq!(poller.poll().await.body, "6");
    // From here on a client of the reference polls no more.
    socket.emit("waits", ()).unwrap();
    let io = server.io.clone();
    let closing = tokio::spawn(async move { io.close(PATIENCE).await });
    server.until(|stats| &stats.sockets_connected, 0).await;
    assert_eq!(poller.post("3").await.status, 400);
    client.send("5").await;
    assert_eq!(client.text().await, r#"42["waits"]"#);
    assert_eq!(client.next().await, Seen::close(1001, "server shutting down"));
    drop(client);
    closing.await.unwrap();
    server.until_empty().await;
    assert_eq!(server.io.stats().closed("server shutting down"), 1);
}

/// Both directions, each number once and in order, whatever carried it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_keep_their_order_across_the_move() {
    const BEFORE: u64 = 1000;
    const AFTER: u64 = 1000;
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    for _ in 0..10 {
        let poller = Poller::joined(&server).await;
        let socket = sockets.recv().await.unwrap();
        let emitter = tokio::task::spawn_blocking(move || {
            for number in 0..BEFORE + AFTER {
                socket.emit("n", number).unwrap();
                std::thread::yield_now();
            }
        });
        let reader = poller.clone();
        let mut seen = Vec::new();
        while seen.len() < BEFORE as usize / 2 {
            seen.extend(reader.poll().await.body.split('\u{1e}').map(str::to_owned));
        }
        let mut client = poller.upgraded().await;
        while seen.len() < (BEFORE + AFTER) as usize {
            seen.push(client.text().await);
        }
        emitter.await.unwrap();
        for (number, packet) in seen.iter().enumerate() {
            assert_eq!(*packet, format!("42[\"n\",{number}]"));
        }
    }
    server.until_empty().await;
}
