//! One test for each published fault of other servers that another file does not show already, named by it.

use std::time::Duration;

use socketio::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Client, PATIENCE, Seen, Server, fixture, server_with_sockets};
use crate::limits::{close_code, send_raw};
use crate::poller::{POLLING, Poller, UPGRADE, WEBSOCKET, exchange, get};

/// Whatever was done to it, the server serves others.
async fn assert_alive(server: &Server) {
    let mut client = server.joined().await;
    client.text().await;
    client.send(r#"42["message","alive"]"#).await;
    assert_eq!(client.text().await, r#"42["message-back","alive"]"#);
    drop(client);
    server.until_empty().await;
}

/// CVE-2020-36048: a large POST is never held. What exceeds the bound is not even read.
#[tokio::test]
async fn cve_2020_36048_a_chunked_body_without_end_is_cut_off_at_the_bound() {
    const BOUND_BYTES: usize = 10_000;
    let config = Config {
        max_payload_bytes: BOUND_BYTES,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let poller = Poller::joined(&server).await;
    let before = server.count(|stats| &stats.bytes_in);
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream
        .write_all(&poller.head("POST", "Transfer-Encoding: chunked\r\n"))
        .await
        .unwrap();
    let (mut read, mut write) = stream.split();
    let flood = async {
        let chunk = [b"3e8\r\n", "x".repeat(1000).as_bytes(), b"\r\n"].concat();
        let mut sent_bytes = 0_usize;
        while write.write_all(&chunk).await.is_ok() {
            sent_bytes += 1000;
            assert!(sent_bytes < 100_000_000, "the server goes on reading");
        }
    };
    let answer = async {
        let mut head = [0; 12];
        read.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 413");
        let _ = read.read_to_end(&mut Vec::new()).await;
    };
    tokio::time::timeout(PATIENCE, async { tokio::join!(flood, answer) })
        .await
        .unwrap();
    let taken = server.count(|stats| &stats.bytes_in) - before;
    assert!(taken <= BOUND_BYTES as u64, "{taken}");
    assert_eq!(poller.post("3").await.body, "ok");
}

/// CVE-2022-41940 and CVE-2022-21676: what comes in one piece with an upgrade, fresh or of a session, hurts nobody else.
#[tokio::test]
async fn cve_2022_41940_garbage_in_one_piece_with_an_upgrade_ends_that_websocket() {
    let server = Server::start(Config::default(), fixture).await;
    let poller = Poller::joined(&server).await;
    let garbage: [&[u8]; 5] = [
        &[0xff; 64],
        &[0xf1, 0x81, 0, 0, 0, 0, b'2'],
        &[0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28],
        &[0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for bytes in garbage {
        for path in [WEBSOCKET.to_owned(), poller.path("websocket")] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{UPGRADE}\r\n");
            let mut stream = TcpStream::connect(server.addr).await.unwrap();
            stream
                .write_all(&[request.as_bytes(), bytes].concat())
                .await
                .unwrap();
            let mut answer = Vec::new();
            let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
                .await
                .unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 101 "));
        }
        assert_eq!(poller.post("3").await.body, "ok", "{bytes:?}");
    }
    assert_eq!(poller.post("1").await.body, "ok");
    server.until_empty().await;
    assert_alive(&server).await;
}

/// CVE-2022-21676 and CVE-2023-31125: a client that resets in the middle of a handshake.
#[tokio::test]
async fn cve_2023_31125_a_reset_during_the_handshake_leaves_nothing_behind() {
    let config = Config {
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(300),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let websocket = format!("GET {WEBSOCKET} HTTP/1.1\r\nHost: x\r\n{UPGRADE}\r\n");
    let polling = format!("GET {POLLING} HTTP/1.1\r\nHost: x\r\n\r\n");
    for request in [&websocket, &websocket[..60], &polling, &polling[..30], ""] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(server.addr).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.set_zero_linger().unwrap();
        }
    }
    server.until_empty().await;
    let mut client = server.client().await;
    client.send("40").await;
    assert!(client.text().await.starts_with("40{"));
}

/// CVE-2021-32640 and GHSA-5v72-xg48-5rpm: long or strange headers of the WebSocket handshake. They are counted, not parsed.
#[tokio::test]
async fn cve_2021_32640_long_and_strange_websocket_headers_are_refused_or_ignored() {
    let server = Server::start(Config::default(), fixture).await;
    for name in ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"] {
        let long = format!("{name}: {}\r\n", "a; b, ".repeat(10_000));
        let request = format!("GET {WEBSOCKET} HTTP/1.1\r\nHost: x\r\n{UPGRADE}{long}\r\n");
        let answer = exchange(server.addr, request.as_bytes()).await;
        assert_eq!(answer.status, 431, "{name}");
        let strange = format!("{name}: \u{e9}\t\"; =,,; a\r\n");
        let request = format!("GET {WEBSOCKET} HTTP/1.1\r\nHost: x\r\n{UPGRADE}{strange}\r\n");
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = [0; 13];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 101 ", "{name}");
    }
    assert_alive(&server).await;
}

/// CVE-2024-37890: thousands of headers.
#[tokio::test]
async fn cve_2024_37890_thousands_of_headers_are_refused() {
    let server = Server::start(Config::default(), fixture).await;
    let many: String = (0..3000).map(|number| format!("X-{number}: y\r\n")).collect();
    let request = format!("GET {WEBSOCKET} HTTP/1.1\r\nHost: x\r\n{UPGRADE}{many}\r\n");
    assert_eq!(exchange(server.addr, request.as_bytes()).await.status, 431);
    assert_alive(&server).await;
}

/// CVE-2016-10518 and CVE-2026-45736: answers to pings and closes are what was sent, byte by byte, and nothing of the
/// server's memory.
#[tokio::test]
async fn cve_2016_10518_answers_to_pings_and_closes_are_what_was_sent() {
    let server = Server::start(Config::default(), fixture).await;
    let frame = |opcode: u8, payload: &[u8]| {
        [&[0x80 | opcode, 0x80 | payload.len() as u8, 0, 0, 0, 0], payload].concat()
    };
    let long: Vec<u8> = (0..125).collect();
    let close = [&[0x03, 0xe8][..], b"bye"].concat();
    let said = [
        frame(0x9, b""),
        frame(0x9, &[1, 2, 3]),
        frame(0x9, &long),
        frame(0x8, &close),
    ]
    .concat();
    let answer = send_raw(&server, &said).await;
    let open_bytes = 2 + usize::from(answer[1]);
    let expected = [
        &[0x8a, 0][..],
        &[0x8a, 3, 1, 2, 3],
        &[&[0x8a, 125][..], &long].concat(),
        &[&[0x88, 5][..], &close].concat(),
    ]
    .concat();
    // The open packet is shorter than 126 bytes with this configuration.
    assert_eq!(&answer[open_bytes..], expected);
    server.until_empty().await;
}

/// Frames of control that RFC 6455 forbids.
#[tokio::test]
async fn forbidden_control_frames_end_the_connection() {
    let server = Server::start(Config::default(), fixture).await;
    let cases: [(&str, &[u8]); 4] = [
        ("a close of one byte", &[0x88, 0x81, 0, 0, 0, 0, 3]),
        ("a ping in fragments", &[0x09, 0x81, 0, 0, 0, 0, 1]),
        ("a ping of 126 bytes", &[0x89, 0xfe, 0, 126, 0, 0, 0, 0]),
        ("an unknown opcode", &[0x8b, 0x80, 0, 0, 0, 0]),
    ];
    for (name, bytes) in cases {
        let mut bytes = bytes.to_vec();
        bytes.extend_from_slice(&[0; 126]);
        let answer = send_raw(&server, &bytes).await;
        assert_eq!(close_code(&answer), Some(1002), "{name}: {answer:?}");
    }
    assert_alive(&server).await;
}

/// Escapes are decoded once, and of two values the first counts.
#[tokio::test]
async fn escaped_and_repeated_query_keys_are_read_one_way() {
    let server = Server::start(Config::default(), fixture).await;
    let cases = [
        ("%45IO=4&transpor%74=pollin%67", 200),
        ("EIO=4&EIO=3&transport=polling&transport=websocket", 200),
        ("EIO=3&EIO=4&transport=polling", 400),
        ("EIO=4&transport=polling&sid=", 200),
        ("EIO=4&transport=polling&sid=&sid=x", 200),
        ("EIO=4&transport=polling&sid=x&sid=", 400),
        ("%2545IO=4&transport=polling", 400),
        ("EIO=4;transport=polling", 400),
        ("&&=&EIO=4&transport=polling&%", 200),
    ];
    for (query, status) in cases {
        assert_eq!(
            get(&server, &format!("/socket.io/?{query}")).await.status,
            status,
            "{query}"
        );
    }
}

/// A head or a body that trickles has so much time as a whole, not per byte.
#[tokio::test]
async fn slow_heads_and_bodies_are_given_up() {
    let config = Config {
        header_read_timeout: Duration::from_millis(200),
        body_read_timeout: Duration::from_millis(200),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let poller = Poller::open(&server).await;
    let body = poller.head("POST", "Content-Length: 100000\r\n");
    for start in [b"GET /socket.io/?EIO=4 HTTP/1.1\r\nX: ".to_vec(), body] {
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        stream.write_all(&start).await.unwrap();
        let trickle = async {
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            let mut answer = Vec::new();
            loop {
                tokio::select! {
                    read = stream.read_buf(&mut answer) => match read {
                        Ok(0) | Err(_) => return answer,
                        Ok(_) => {}
                    },
                    _ = pace.tick() => {}
                }
                let _ = stream.try_write(b"4");
            }
        };
        let answer = tokio::time::timeout(PATIENCE, trickle).await.unwrap();
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    }
    server.until_empty().await;
    poller.assert_gone("trickled").await;
}

/// Ten thousand packets in one body are served in turns, and all of them.
#[tokio::test]
async fn ten_thousand_packets_in_one_body_hold_up_nobody() {
    const COUNT: usize = 10_000;
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    sockets.recv().await.unwrap().on_sync("n", |_| {});
    let mut bystander = server.joined().await;
    bystander.text().await;
    let body = vec![r#"42["n"]"#; COUNT].join("\u{1e}");
    let before = server.count(|stats| &stats.packets_in);
    let posting = poller.post(&body);
    let talking = async {
        for _ in 0..50 {
            bystander.send(r#"42["message",1]"#).await;
            assert_eq!(bystander.text().await, r#"42["message-back",1]"#);
        }
    };
    let (answer, ()) = tokio::join!(posting, talking);
    assert_eq!(answer.body, "ok");
    assert_eq!(
        server.count(|stats| &stats.packets_in) - before,
        COUNT as u64 + 50
    );
}

/// The packets that Engine.IO's own tests call malformed.
#[tokio::test]
async fn cve_2024_38355_malformed_engine_packets_end_their_session_alone() {
    let server = Server::start(Config::default(), fixture).await;
    for packet in ["", "a123", "{", "{}", "7", "\u{e9}abcd", "b!", "2"] {
        let mut client = server.client().await;
        client.send(packet).await;
        assert!(
            matches!(client.next().await, Seen::Close(1002 | 1008, _)),
            "{packet:?}"
        );
        let poller = Poller::open(&server).await;
        poller.post(packet).await;
        server.until_empty().await;
        poller.assert_gone(packet).await;
    }
    let path = "/socket.io/?EIO=4&transport=websocket&sid=__proto__";
    assert!(Client::open_at(server.addr, path).await.is_err());
    assert_alive(&server).await;
}
