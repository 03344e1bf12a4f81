use std::time::Duration;

use socketio::{Config, DisconnectReason, Hooks, SocketIo, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::harness::{Server, fixture, server_with_sockets, until_writable};
use crate::poller::{Answer, Poller, exchange};

/// One step of a client that has joined `/`.
enum Step {
    /// Posts this and is answered with `ok`.
    Post(&'static str),
    /// Polls and reads this.
    Poll(&'static str),
    /// Posts this and is answered with a status.
    Refused(u16, &'static str),
    /// The session is unknown.
    Gone,
}
use Step::{Gone, Poll, Post, Refused};

/// Plays `steps` against the fixture; nothing is left behind, and the session ends for `reason` if it ends.
async fn check(config: Config, steps: &[Step], reason: &str) {
    let server = Server::start(config, |io| {
        fixture(io);
        io.of("/").on_connection(|socket| {
            socket.on_sync("leave", |event| event.socket().disconnect(false));
            socket.on_sync("close", |event| event.socket().disconnect(true));
            socket.on_sync("kick", |event| event.socket().disconnect_with("cheating"));
        });
    })
    .await;
    let poller = Poller::joined(&server).await;
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{reason}, step {index}");
        match step {
            Post(body) => {
                let answer = poller.post(body).await;
                assert_eq!((answer.status, answer.body.as_str()), (200, "ok"), "{place}");
            }
            Poll(expected) => assert_eq!(poller.poll().await.body, *expected, "{place}"),
            Refused(status, body) => assert_eq!(poller.post(body).await.status, *status, "{place}"),
            Gone => {
                server.until_empty().await;
                poller.assert_gone(&place).await;
                assert_eq!(server.io.stats().closed(reason), 1, "{place}");
            }
        }
    }
}

#[tokio::test]
async fn payloads_carry_packets_both_ways() {
    let steps = [
        Post(r#"42["message",1]"#),
        Poll(r#"42["message-back",1]"#),
        Post("42[\"message\",\"é\u{1f600}\"]\u{1e}42[\"message\",2]\u{1e}42[\"message\",3]"),
        Poll("42[\"message-back\",\"é\u{1f600}\"]\u{1e}42[\"message-back\",2]\u{1e}42[\"message-back\",3]"),
        Post("451-[\"message\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQIDBA=="),
        Poll("451-[\"message-back\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQIDBA=="),
        Post("452-[\"message\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]\u{1e}b"),
        Post("bAQI="),
        Poll(
            "452-[\"message-back\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]\u{1e}b\u{1e}bAQI=",
        ),
        Post("427[\"message-with-ack\",1]"),
        Poll("437[1]"),
        Post("6\u{1e}3\u{1e}41"),
        Post("40"),
    ];
    check(Config::default(), &steps, "no end").await;
}

#[tokio::test]
async fn each_end_has_its_reason_and_its_last_answer() {
    let broken = [
        "abc",
        "",
        "42[\"message\",1]\u{1e}",
        "b?",
        "bAQ",
        "7",
        "3\u{1e}\u{1e}3",
        "{}",
    ];
    for body in broken {
        check(Config::default(), &[Refused(400, body), Gone], "parse error").await;
    }
    let cases = [
        (vec![Post("1"), Gone], "transport close"),
        (vec![Post("2"), Gone], "transport error"),
        (vec![Post("2probe"), Gone], "transport error"),
        // An end of the server lets the client fetch what waits, and then the close.
        (vec![Post("4?"), Poll("6\u{1e}1"), Gone], "parse error"),
        (vec![Post("40"), Poll("6\u{1e}1"), Gone], "forced server close"),
        (
            vec![
                Post("42[\"message\",1]\u{1e}42[\"close\"]"),
                Refused(400, "42[]"),
                Poll("42[\"message-back\",1]\u{1e}41"),
                Poll("6\u{1e}1"),
                Gone,
            ],
            "forced server close",
        ),
        (
            vec![Post("42[\"kick\"]"), Poll("41"), Poll("6\u{1e}1"), Gone],
            "cheating",
        ),
        (
            vec![Post("42[\"leave\"]"), Poll("41"), Post("41\u{1e}1"), Gone],
            "transport close",
        ),
    ];
    for (steps, reason) in cases {
        check(Config::default(), &steps, reason).await;
    }
    // Nobody comes to fetch the close.
    let config = Config {
        close_timeout: Duration::from_millis(20),
        ..Config::default()
    };
    check(config, &[Post("42[\"kick\"]"), Gone], "cheating").await;
}

#[tokio::test]
async fn a_handshake_is_answered_with_the_open_packet() {
    let only = |transport| Config {
        transports: vec![transport],
        ..Config::default()
    };
    let cases = [
        (Config::default(), r#"["websocket"]"#),
        (only(Transport::Polling), "[]"),
        (
            Config {
                allow_upgrades: false,
                ..Config::default()
            },
            "[]",
        ),
    ];
    let request = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (config, upgrades) in cases {
        let server = Server::start(config, fixture).await;
        let Answer { status, head, body } = exchange(server.addr, request).await;
        assert_eq!(status, 200);
        for line in [
            "content-type: text/plain; charset=utf-8",
            "cache-control: no-store",
        ] {
            assert!(head.contains(line), "{head}");
        }
        assert!(
            !head.contains("access-control") && !head.contains("set-cookie"),
            "{head}"
        );
        let rest = body.strip_prefix("0{\"sid\":\"").unwrap();
        let expected = format!(
            "\",\"upgrades\":{upgrades},\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}}"
        );
        assert_eq!(rest[20..], expected);
    }
    let server = Server::start(only(Transport::WebSocket), fixture).await;
    let answer = exchange(server.addr, request).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (400, r#"{"code":0,"message":"Transport unknown"}"#)
    );
    server.joined().await;
}

#[tokio::test]
async fn what_is_refused_names_its_code() {
    let hooks = Hooks::default().allow_request(|request| async move {
        match request.query.get("token") {
            Some("bad") => Err("bad \"token\"".to_owned()),
            Some("none") => Err(String::new()),
            _ => Ok(()),
        }
    });
    let builder = SocketIo::builder().hooks(hooks);
    let server = Server::serve(builder.build()).await;
    let cases = [
        ("POST", "", 400, r#"{"code":2,"message":"Bad handshake method"}"#),
        ("PUT", "", 400, r#"{"code":2,"message":"Bad handshake method"}"#),
        ("HEAD", "", 400, ""),
        (
            "GET",
            "&EIO=3",
            400,
            r#"{"code":5,"message":"Unsupported protocol version"}"#,
        ),
        (
            "GET",
            "&sid=AAAAAAAAAAAAAAAAAAAA",
            400,
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        (
            "GET",
            "&sid=__proto__",
            400,
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        (
            "POST",
            "&sid=%00",
            400,
            r#"{"code":1,"message":"Session ID unknown"}"#,
        ),
        (
            "GET",
            "&token=bad",
            403,
            r#"{"code":4,"message":"bad \"token\""}"#,
        ),
        ("GET", "&token=none", 403, r#"{"code":4,"message":"Forbidden"}"#),
    ];
    for (method, query, status, body) in cases {
        let version = if query.contains("EIO") { "" } else { "&EIO=4" };
        let request = format!(
            "{method} /socket.io/?transport=polling{version}{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        );
        let answer = exchange(server.addr, request.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (status, body),
            "{method} {query}"
        );
    }
    assert_eq!(server.count(|stats| &stats.handshakes_forbidden), 2);
    assert_eq!(
        server.count(|stats| &stats.handshakes_refused),
        cases.len() as u64
    );
    // A preflight learns that other origins are not let in.
    let poller = Poller::open(&server).await;
    let answer = poller.request("OPTIONS", "Origin: http://other\r\n", b"").await;
    assert_eq!(answer.status, 204);
    assert!(answer.head.contains("allow: get, post, options") && !answer.head.contains("access-control"));
    for method in ["PUT", "DELETE", "HEAD", "PATCH"] {
        assert_eq!(poller.request(method, "", b"4").await.status, 400, "{method}");
    }
    assert_eq!(poller.post("3").await.status, 200);
}

#[tokio::test]
async fn a_second_request_of_a_kind_ends_the_session() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let first = poller.poll_beside();
    until_writable(&socket).await;
    assert_eq!(poller.poll().await.status, 400);
    let answer = first.await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "1"));
    server.until_empty().await;
    poller.assert_gone("second poll").await;

    let poller = Poller::joined(&server).await;
    let mut first = half_a_post(&poller).await;
    // The first may not have been read yet; one of them is the second.
    while poller.post("3").await.status == 200 {}
    let mut answer = String::new();
    let _ = first.write_all(b"3").await;
    let _ = first.read_to_string(&mut answer).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
        "{answer}"
    );
    server.until_empty().await;
    poller.assert_gone("second post").await;
    assert_eq!(server.io.stats().closed("transport error"), 2);
}

/// A POST whose body lacks its second half.
pub(crate) async fn half_a_post(poller: &Poller) -> TcpStream {
    let mut stream = TcpStream::connect(poller.addr).await.unwrap();
    let head = poller.head("POST", "Content-Length: 2\r\n");
    stream.write_all(&[&head[..], b"4"].concat()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_request_that_the_client_drops_ends_the_session() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    for abort in [false, true] {
        let poller = Poller::joined(&server).await;
        let socket = sockets.recv().await.unwrap();
        let (sender, mut reason) = mpsc::unbounded_channel();
        socket.on_disconnect(move |_, why| sender.send(why).unwrap());
        let mut stream = TcpStream::connect(poller.addr).await.unwrap();
        stream.write_all(&poller.head("GET", "")).await.unwrap();
        until_writable(&socket).await;
        if abort {
            stream.set_zero_linger().unwrap();
        }
        drop(stream);
        assert_eq!(reason.recv().await, Some(DisconnectReason::TransportError));
        server.until_empty().await;
        poller.assert_gone("dropped poll").await;

        let poller = Poller::joined(&server).await;
        let stream = half_a_post(&poller).await;
        if abort {
            stream.set_zero_linger().unwrap();
        }
        drop(stream);
        server.until_empty().await;
        poller.assert_gone("dropped post").await;
        drop(sockets.recv().await);
    }
    assert_eq!(server.io.stats().closed("transport error"), 4);
}

/// Whether the session has noticed yet or not, the next poll finds it over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_right_behind_a_dropped_one_is_refused() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    for _ in 0..100 {
        let poller = Poller::joined(&server).await;
        let mut stream = TcpStream::connect(poller.addr).await.unwrap();
        stream.write_all(&poller.head("GET", "")).await.unwrap();
        until_writable(&sockets.recv().await.unwrap()).await;
        drop(stream);
        assert_eq!(poller.poll().await.status, 400);
    }
    server.until_empty().await;
}

#[tokio::test]
async fn a_client_that_closes_has_its_poll_ended() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let cases: [(&str, &str); 3] = [("1", "6"), ("2", "1"), ("4?", "1")];
    for (post, last) in cases {
        let poller = Poller::joined(&server).await;
        let poll = poller.poll_beside();
        until_writable(&sockets.recv().await.unwrap()).await;
        assert_eq!(poller.post(post).await.status, 200);
        assert_eq!(poll.await.unwrap().body, last, "{post}");
        server.until_empty().await;
    }
}

#[tokio::test]
async fn bodies_are_text_within_the_bound() {
    let config = Config {
        max_payload_bytes: 1000,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let poller = Poller::joined(&server).await;
    let event = |bytes: usize| format!("42[\"message\",\"{}\"]", "x".repeat(bytes - 16));
    assert_eq!(poller.post(&event(1000)).await.status, 200);
    assert_eq!(poller.post(&event(1001)).await.status, 413);
    // Announced or found too large, the rest of the body is not waited for.
    let huge = poller.head("POST", "Content-Length: 99999999999\r\n");
    assert_eq!(exchange(server.addr, &huge).await.status, 413);
    let chunk = [b"3e9\r\n", "x".repeat(1001).as_bytes(), b"\r\n"].concat();
    let head = poller.head("POST", "Transfer-Encoding: chunked\r\n");
    assert_eq!(
        exchange(server.addr, &[&head[..], &chunk].concat()).await.status,
        413
    );
    // A chunk may end in the middle of a character.
    let halves = b"f\r\n42[\"message\",\"\xc3\r\n3\r\n\xa9\"]\r\n0\r\n\r\n";
    assert_eq!(
        exchange(server.addr, &[&head[..], halves].concat()).await.body,
        "ok"
    );
    assert_eq!(server.count(|stats| &stats.payload_too_large), 3);
    let answer = poller.poll().await.body;
    assert!(answer.ends_with("\u{1e}42[\"message-back\",\"é\"]"), "{answer}");

    for headers in [
        "Content-Type: application/octet-stream\r\n",
        "Content-Encoding: gzip\r\n",
    ] {
        let poller = Poller::joined(&server).await;
        assert_eq!(
            poller.request("POST", headers, b"4").await.status,
            400,
            "{headers}"
        );
        poller.assert_gone(headers).await;
    }
    let other = Poller::joined(&server).await;
    assert_eq!(other.request("POST", "", b"4\xc3\x28").await.status, 400);
    other.assert_gone("no UTF-8").await;
    assert_eq!(poller.post("1").await.status, 200);
    server.until_empty().await;
}

#[tokio::test]
async fn a_body_that_never_ends_ends_the_session() {
    let config = Config {
        body_read_timeout: Duration::from_millis(30),
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let poller = Poller::joined(&server).await;
    let mut stream = half_a_post(&poller).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    server.until_empty().await;
    poller.assert_gone("late").await;
}
