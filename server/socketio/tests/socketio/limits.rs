use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::SinkExt;
use futures_util::future::join_all;
use socketio::{Config, EmitError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::harness::{Client, PATIENCE, Seen, Server, fixture, server_with_sockets};

#[tokio::test]
async fn a_message_above_the_bound_is_answered_with_1009() {
    let server = Server::start(
        Config {
            max_payload_bytes: 1000,
            ..Config::default()
        },
        fixture,
    )
    .await;
    let cases = [(1000 - 16, true), (1001 - 16, false), (200_000, false)];
    for (count, fits) in cases {
        let mut client = server.joined().await;
        client.text().await;
        client
            .send(&format!("42[\"message\",\"{}\"]", "x".repeat(count)))
            .await;
        match client.next().await {
            Seen::Text(text) => assert!(fits && text.len() == count + 21, "{count}"),
            seen => assert!(
                !fits && seen == Seen::close(1009, "payload too large"),
                "{count}: {seen:?}"
            ),
        }
    }
    server.until_empty().await;
    assert_eq!(server.count(|stats| &stats.payload_too_large), 2);
    assert_eq!(server.io.stats().closed("transport error"), 2);
}

/// Opens a WebSocket by hand, so that frames may be anything; returns what the server sends after `bytes`.
pub(crate) async fn send_raw(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut stream = tokio::net::TcpStream::connect(server.addr).await.unwrap();
    let mut request = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n\
        Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        .to_vec();
    request.extend_from_slice(bytes);
    stream.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    // A reset behind the answer is as good as its end.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .unwrap();
    let head_bytes = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap()
        + 4;
    assert!(
        answer.starts_with(b"HTTP/1.1 101 "),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    answer.split_off(head_bytes)
}

pub(crate) fn close_code(answer: &[u8]) -> Option<u16> {
    let at = answer.iter().rposition(|byte| *byte == 0x88)?;
    let [0x88, length, high, low, text @ ..] = &answer[at..] else {
        return None;
    };
    (usize::from(*length) == 2 + text.len()).then(|| u16::from_be_bytes([*high, *low]))
}

#[tokio::test]
async fn garbage_right_behind_the_handshake_ends_that_connection() {
    let server = Server::start(Config::default(), fixture).await;
    let huge = [&[0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0][..], &[0; 20]].concat();
    let cases: [(&str, Vec<u8>, u16); 5] = [
        ("unmasked frame", vec![0x81, 2, b'4', b'0'], 1002),
        ("reserved bits", vec![0xf1, 0x81, 0, 0, 0, 0, b'2'], 1002),
        (
            "text",
            b"this is no frame at all, but long enough to look like one".to_vec(),
            1002,
        ),
        ("invalid UTF-8", vec![0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28], 1007),
        ("a length of 2^62", huge, 1009),
    ];
    for (name, bytes, code) in cases {
        let answer = send_raw(&server, &bytes).await;
        assert_eq!(close_code(&answer), Some(code), "{name}: {answer:?}");
    }
    // A proper frame in the same segment is not lost: CONNECT, then the close packet.
    let early = [
        &[0x81, 0x82, 0, 0, 0, 0, b'4', b'0'][..],
        &[0x81, 0x81, 0, 0, 0, 0, b'1'],
    ]
    .concat();
    let answer = send_raw(&server, &early).await;
    assert!(
        String::from_utf8_lossy(&answer).contains("40{\"sid\":\""),
        "{answer:?}"
    );
    server.until_empty().await;
}

#[tokio::test]
async fn fragments_that_never_become_a_message_are_bounded() {
    let server = Server::start(
        Config {
            max_payload_bytes: 1000,
            ..Config::default()
        },
        fixture,
    )
    .await;
    let start = [0x01, 0x81, 0, 0, 0, 0, b'4'];
    let empty = [0x00, 0x80, 0, 0, 0, 0].repeat(12_000);
    let answer = send_raw(&server, &[&start[..], &empty].concat()).await;
    assert_eq!(close_code(&answer), Some(1008));
    server.until_empty().await;
}

#[tokio::test]
async fn attachments_that_never_arrive_time_out() {
    let config = Config {
        attachments_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let mut client = server.joined().await;
    client.text().await;
    client
        .send(r#"452-["message",{"_placeholder":true,"num":0}]"#)
        .await;
    client.send_binary(b"only one").await;
    assert!(matches!(client.next().await, Seen::Close(..)));
    assert_eq!(server.count(|stats| &stats.parse_errors), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_is_closed_and_nobody_else_notices() {
    const BOUND_BYTES: u64 = 256 * 1024;
    const HEADROOM_BYTES: u64 = 16 * 1024;
    let config = Config {
        outbox_bytes_max: BOUND_BYTES as usize,
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let deaf = server.joined().await;
    let deaf_socket = sockets.recv().await.unwrap();
    let (reasons, mut reason) = mpsc::unbounded_channel();
    deaf_socket.on_disconnect(move |_, why| reasons.send(why).unwrap());
    let mut bystander = server.joined().await;
    bystander.text().await;

    let io = server.io.clone();
    let flood = tokio::task::spawn_blocking(move || {
        let payload = "x".repeat(1000);
        let (mut taken, mut queued_max) = (0, 0);
        for _ in 0..400_000 {
            match deaf_socket.emit("flood", payload.as_str()) {
                Ok(()) => taken += 1,
                Err(error) => assert_eq!(error, EmitError::Disconnected),
            }
            queued_max = queued_max.max(io.stats().outbox_bytes.load(Ordering::Relaxed));
        }
        (taken, queued_max)
    });
    for round in 0..200 {
        bystander.send(&format!(r#"42["message",{round}]"#)).await;
        assert_eq!(bystander.text().await, format!(r#"42["message-back",{round}]"#));
    }
    let (taken, queued_max) = flood.await.unwrap();
    assert!(taken < 400_000, "the kernel took everything");
    assert!(
        queued_max > 0 && queued_max <= BOUND_BYTES + HEADROOM_BYTES,
        "{queued_max}"
    );
    assert_eq!(reason.recv().await.unwrap().as_str(), "slow consumer");
    assert_eq!(server.count(|stats| &stats.slow_consumers), 1);
    assert_eq!(server.io.stats().closed("slow consumer"), 1);

    bystander.send(r#"42["message","alive"]"#).await;
    assert_eq!(bystander.text().await, r#"42["message-back","alive"]"#);
    drop((deaf, bystander));
    server.until_empty().await;
}

#[tokio::test]
async fn a_packet_larger_than_the_outbox_is_refused_without_harm() {
    let config = Config {
        outbox_bytes_max: 10_000,
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let mut client = server.joined().await;
    client.text().await;
    let socket = sockets.recv().await.unwrap();
    assert_eq!(socket.emit("big", "x".repeat(10_000)), Err(EmitError::TooLarge));
    socket.emit("small", ()).unwrap();
    assert_eq!(client.text().await, r#"42["small"]"#);
}

#[tokio::test]
async fn what_a_cork_holds_back_is_no_backlog() {
    let config = Config {
        outbox_bytes_max: 3000,
        outbox_packets_max: 3,
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    let mut client = server.joined().await;
    client.text().await;
    let socket = sockets.recv().await.unwrap();
    let cork = socket.cork();
    for size in [1000, 10, 10, 10, 10, 2000, 2000] {
        socket.emit("n", "x".repeat(size)).unwrap();
    }
    drop(cork);
    for size in [1000, 10, 10, 10, 10, 2000, 2000] {
        assert_eq!(client.text().await.len(), size + 10);
    }
}

#[tokio::test]
async fn pings_of_a_peer_that_does_not_read_are_bounded() {
    let config = Config {
        outbox_bytes_max: 64 * 1024,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let mut client = server.client().await;
    let flood = async {
        loop {
            let ping = Message::Ping(vec![7; 125].into());
            if client.ws.feed(ping).await.is_err() || client.ws.flush().await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, flood).await.unwrap();
    server.until(|stats| &stats.connections_open, 0).await;
}

#[tokio::test]
async fn handlers_that_fall_behind_close_their_connection() {
    let forever = std::sync::Arc::new(Notify::new());
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            let forever = forever.clone();
            socket.on("stuck", move |_| {
                let forever = forever.clone();
                async move { forever.notified().await }
            });
        });
    })
    .await;
    let mut client = server.joined().await;
    // One runs, 256 wait.
    for _ in 0..257 {
        client.send(r#"42["stuck"]"#).await;
    }
    client.send(r#"42["stuck"]"#).await;
    assert!(matches!(client.next().await, Seen::Close(..)));
    assert_eq!(server.count(|stats| &stats.handler_backlogs), 1);
    assert_eq!(server.io.stats().closed("handler backlog"), 1);
    server.until_empty().await;
}

/// Whatever message completes a packet, it counts as the memory that all of it takes.
#[tokio::test]
async fn what_waits_for_handlers_is_bounded_by_the_memory_it_takes() {
    let header = |arg: &str| format!(r#"451-["stuck",{{"_placeholder":true,"num":0}},{arg}]"#);
    let long = header(&format!(r#""{}""#, "x".repeat(400_000)));
    let swollen = header(&format!("[{}]", [r#"{"":0}"#; 600].join(",")));
    for text in [long, swollen] {
        let server = Server::start(Config::default(), |io| {
            io.of("/").on_connection(|socket| {
                socket.on("stuck", |_| std::future::pending());
            });
        })
        .await;
        let mut client = server.joined().await;
        // One runs, two wait within a megabyte.
        for _ in 0..4 {
            client.send(&text).await;
            client.send_binary(&[7]).await;
        }
        assert!(matches!(client.next().await, Seen::Close(..)));
        assert_eq!(server.io.stats().closed("handler backlog"), 1);
        server.until_empty().await;
    }
}

#[tokio::test]
async fn namespaces_and_rooms_are_bounded() {
    let config = Config {
        namespaces_max: 2,
        namespace_bytes_max: 16,
        rooms_max: 2,
        ..Config::default()
    };
    let (server, mut sockets) = server_with_sockets(config).await;
    server.io.of("/third");
    let mut client = server.joined().await;
    let socket = sockets.recv().await.unwrap();
    socket.join("a").unwrap();
    socket.join("b").unwrap();
    socket.join("a").unwrap();
    assert!(socket.join("c").is_err());
    socket.leave("a");
    socket.join("c").unwrap();
    assert_eq!(socket.rooms().len(), 3);
    client.send("40/custom").await;
    client.send("40/third").await;
    while !matches!(client.next().await, Seen::Close(..)) {}

    let mut client = server.joined().await;
    client.text().await;
    client.send(&format!("40/{}", "n".repeat(16))).await;
    assert!(matches!(client.next().await, Seen::Close(..)));
    server.until_empty().await;
}

#[tokio::test]
async fn connections_above_the_maximum_are_told_503() {
    let server = Server::start(
        Config {
            connections_max: 1,
            ..Config::default()
        },
        fixture,
    )
    .await;
    let first = server.joined().await;
    let refused = Client::open_at(server.addr, "/socket.io/?EIO=4&transport=websocket").await;
    assert!(refused.err().unwrap().to_string().contains("503"));
    assert_eq!(server.count(|stats| &stats.tcp_refused), 1);
    drop(first);
    server.until_empty().await;
    drop(server.joined().await);
}

#[tokio::test]
async fn a_storm_is_let_in_at_the_rate_and_told_when_to_come_again() {
    const CLIENTS: usize = 50;
    let config = Config {
        handshakes_per_s_max: 2,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let path = "/socket.io/?EIO=4&transport=websocket";
    let storm = join_all((0..CLIENTS).map(|_| Client::open_at(server.addr, path))).await;
    let mut refused_count = 0;
    for outcome in storm {
        let Err(Error::Http(answer)) = outcome else {
            continue;
        };
        assert_eq!(answer.status(), 503);
        let retry_after = answer.headers()["retry-after"].to_str().unwrap();
        assert!((1..=61).contains(&retry_after.parse::<u32>().unwrap()));
        refused_count += 1;
    }
    assert!(refused_count > 0);
    assert_eq!(server.count(|stats| &stats.handshakes_deferred), refused_count);
    assert_eq!(server.count(|stats| &stats.handshakes_refused), refused_count);
    server.until_empty().await;
}
