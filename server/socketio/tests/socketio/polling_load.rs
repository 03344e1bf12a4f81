use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use socketio::{Config, EmitError, Emitted};

use crate::harness::{PATIENCE, Server, fixture, server_with_sockets, until, until_writable};
use crate::poller::{Poller, exchange};
use crate::polling::half_a_post;

#[tokio::test]
async fn heartbeats_go_over_polls_and_the_abandoned_time_out() {
    let config = Config {
        ping_interval: Duration::from_millis(40),
        ping_timeout: Duration::from_secs(1),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    // Who has joined nothing hears nothing but pings, however slow the machine is.
    let poller = Poller::open(&server).await;
    for _ in 0..3 {
        assert_eq!(poller.poll().await.body, "2");
        assert_eq!(poller.post("3").await.body, "ok");
    }
    assert_eq!(poller.poll().await.body, "2");
    // A poll that waits is no answer to a ping.
    assert_eq!(poller.poll().await.body, "1");
    server.until_empty().await;
    poller.assert_gone("no pong").await;
    assert_eq!(server.io.stats().closed("ping timeout"), 1);
    // Neither joined nor ever polled again.
    let poller = Poller::open(&server).await;
    server.until_empty().await;
    poller.assert_gone("abandoned").await;
    assert_eq!(server.io.stats().closed("ping timeout"), 2);
}

#[tokio::test]
async fn a_socket_is_writable_only_while_a_poll_waits_for_it() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    assert!(!socket.writable());
    assert_eq!(socket.volatile().emit("v", 0), Ok(Emitted::Dropped));
    let poll = poller.poll_beside();
    until_writable(&socket).await;
    {
        // Held back, so that the poll cannot take the first before the second comes.
        let _cork = socket.cork();
        assert_eq!(socket.volatile().emit("v", 1), Ok(Emitted::Taken));
        assert!(!socket.writable());
        assert_eq!(socket.volatile().emit("v", 2), Ok(Emitted::Dropped));
        server.io.of("/").broadcast().volatile().emit("v", 3);
        socket.emit("e", 4).unwrap();
    }
    assert_eq!(poll.await.unwrap().body, "42[\"v\",1]\u{1e}42[\"e\",4]");
    assert_eq!(socket.buffered_bytes(), 0);
    socket.emit("e", 5).unwrap();
    assert!(socket.buffered_bytes() > 0);
    assert_eq!(poller.poll().await.body, "42[\"e\",5]");
}

#[tokio::test]
async fn a_client_that_does_not_poll_is_closed_at_the_bound() {
    let config = Config {
        outbox_bytes_max: 64 * 1024,
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let payload = "x".repeat(1000);
    let outcome = (0..1000)
        .map(|_| socket.emit("flood", payload.as_str()))
        .find(Result::is_err);
    assert_eq!(outcome, Some(Err(EmitError::Disconnected)));
    server.until_empty().await;
    poller.assert_gone("flooded").await;
    assert_eq!(server.count(|stats| &stats.slow_consumers), 1);
}

#[tokio::test]
async fn a_payload_has_no_more_packets_than_configured() {
    let config = Config {
        packets_per_poll_max: Some(16),
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    for number in 0..40 {
        socket.emit("n", number).unwrap();
    }
    for range in [0..16, 16..32, 32..40] {
        let expected: Vec<_> = range.map(|number| format!("42[\"n\",{number}]")).collect();
        assert_eq!(poller.poll().await.body, expected.join("\u{1e}"));
    }
    assert_eq!(server.count(|stats| &stats.outbox_bytes), 0);
}

#[tokio::test]
async fn sessions_are_bounded_as_connections_are() {
    let config = Config {
        connections_max: 3,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let request = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut sessions = Vec::new();
    for _ in 0..3 {
        server.until(|stats| &stats.tcp_open, 0).await;
        sessions.push(Poller::open(&server).await);
    }
    server.until(|stats| &stats.tcp_open, 0).await;
    let answer = exchange(server.addr, request).await;
    assert_eq!(answer.status, 503);
    assert!(answer.head.contains("retry-after: "), "{answer:?}");
    assert_eq!(sessions[0].post("1").await.status, 200);
    server.until(|stats| &stats.connections_open, 2).await;
    Poller::open(&server).await;
}

#[tokio::test]
async fn closing_the_server_ends_polls_and_waits_for_no_abandoned_session() {
    let config = Config {
        close_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let _abandoned = Poller::joined(&server).await;
    let poll = poller.poll_beside();
    until_writable(&socket).await;
    socket.emit("last", ()).unwrap();
    server.io.close(PATIENCE).await;
    let first = poll.await.unwrap().body;
    assert_eq!(first, r#"42["last"]"#);
    assert_eq!(server.io.stats().closed("server shutting down"), 2);
    server.until_empty().await;
}

/// Numbered events in batches, as the client of the reference packs them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_events_arrive_in_order_each_once_and_so_do_their_echoes() {
    const EVENTS: u64 = 100_000;
    const BATCH: u64 = 2_500;
    let handled = Arc::new(AtomicU64::new(0));
    let counter = handled.clone();
    // The order is the question here, not how far the reader may fall behind.
    let config = Config {
        outbox_packets_max: usize::MAX,
        outbox_bytes_max: 64 * 1024 * 1024,
        ..Config::default()
    };
    let server = Server::start(config, |io| {
        fixture(io);
        io.of("/").on_connection(move |socket| {
            let counter = counter.clone();
            socket.on("n", move |event| {
                let counter = counter.clone();
                async move {
                    let number: u64 = event.args.deserialize(0).unwrap();
                    assert_eq!(counter.swap(number + 1, Ordering::Relaxed), number);
                    event.socket.emit("n", number).unwrap();
                }
            });
        });
    })
    .await;
    let poller = Poller::joined(&server).await;
    let reader = poller.clone();
    let echoes = tokio::spawn(async move {
        let mut next = 0;
        while next < EVENTS {
            for packet in reader.poll().await.body.split('\u{1e}') {
                assert_eq!(packet, format!("42[\"n\",{next}]"));
                next += 1;
            }
        }
    });
    for start in (0..EVENTS).step_by(BATCH as usize) {
        let batch: Vec<_> = (start..start + BATCH)
            .map(|number| format!("42[\"n\",{number}]"))
            .collect();
        assert_eq!(poller.post(&batch.join("\u{1e}")).await.body, "ok");
    }
    until(&handled, EVENTS).await;
    echoes.await.unwrap();
    assert_eq!(server.count(|stats| &stats.handler_panics), 0);
    assert_eq!(poller.post("1").await.status, 200);
    server.until_empty().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_sessions_that_end_anyhow() {
    let config = Config {
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_millis(100),
        close_timeout: Duration::from_millis(20),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    for round in 0..200_u32 {
        let poller = Poller::open(&server).await;
        if round % 2 == 1 {
            // Not read: a ping may be between the answers.
            poller.post("40").await;
        }
        match round % 7 {
            0 => drop(poller.post("1").await),
            1 => drop(poller.post("?").await),
            2 => drop(half_a_post(&poller).await),
            3 => poller.poll_beside().abort(),
            4 => drop(
                poller
                    .post("451-[\"half\",{\"_placeholder\":true,\"num\":0}]")
                    .await,
            ),
            5 => drop(poller.post("40\u{1e}40").await),
            _ => {}
        }
    }
    server.until_empty().await;
    assert_eq!(server.io.of("/").sockets_count(), 0);
    assert_eq!(server.count(|stats| &stats.connections_opened), 200);
}
