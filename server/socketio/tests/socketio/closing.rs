use std::time::Duration;

use socketio::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Client, PATIENCE, Seen, Server, fixture, server_with_sockets, until_writable};
use crate::poller::{POLLING, Poller, exchange};
use crate::polling::half_a_post;

/// "should not discard the packets in the writeBuffer when closing gracefully", by both transports.
#[tokio::test]
async fn what_waits_leaves_before_a_graceful_close() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let polling = sockets.recv().await.unwrap();
    let mut client = server.joined().await;
    client.text().await;
    let websocket = sockets.recv().await.unwrap();
    for socket in [&polling, &websocket] {
        socket.emit("last", 1).unwrap();
    }
    let closing = server.io.close(PATIENCE);
    let fetching = async {
        assert_eq!(client.text().await, r#"42["last",1]"#);
        assert_eq!(client.next().await, Seen::close(1001, "server shutting down"));
        drop(client);
        assert_eq!(poller.poll().await.body, r#"42["last",1]"#);
        assert_eq!(poller.poll().await.body, "6\u{1e}1");
    };
    tokio::join!(closing, fetching);
    server.until_empty().await;
}

/// "should discard the packets in the writeBuffer when stopping the server".
#[tokio::test]
async fn what_waits_is_dropped_by_a_hard_stop() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    socket.emit("last", 1).unwrap();
    server.io.close(Duration::ZERO).await;
    assert_eq!(socket.buffered_bytes(), 0);
    let body = poller.poll().await.body;
    assert!(!body.contains("last"), "{body}");
    server.until_empty().await;
}

/// "should abort the polling data request if it is in progress".
#[tokio::test]
async fn a_post_in_progress_ends_with_its_session() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let mut post = half_a_post(&poller).await;
    let poll = poller.poll_beside();
    until_writable(&socket).await;
    socket.disconnect(true);
    let mut answer = String::new();
    let _ = tokio::time::timeout(PATIENCE, post.read_to_string(&mut answer))
        .await
        .unwrap();
    assert!(!answer.contains(" 200 "), "{answer}");
    assert!(poll.await.unwrap().body.starts_with("41"));
}

/// "should trigger when calling socket.close() in payload": what stands behind a close is not heard.
#[tokio::test]
async fn nothing_is_heard_behind_a_close_in_a_payload() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    socket.on_sync("late", |_| panic!("a test panics behind a close"));
    assert_eq!(poller.post("1\u{1e}42[\"late\"]").await.body, "ok");
    server.until_empty().await;
    assert_eq!(server.io.stats().closed("transport close"), 1);
    assert_eq!(server.count(|stats| &stats.handler_panics), 0);
}

/// "should abort connection when upgrade fails", and "should trigger transport close before open".
#[tokio::test]
async fn handshakes_that_come_to_nothing_leave_nothing() {
    let server = Server::start(Config::default(), fixture).await;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    let request = format!("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n");
    assert_eq!(exchange(server.addr, request.as_bytes()).await.status, 400);
    drop(Client::open(server.addr).await);
    let mut client = Client::open(server.addr).await;
    client.ws.close(None).await.unwrap();
    server.until_empty().await;
    let poller = Poller::open(&server).await;
    assert_eq!(poller.post("1").await.body, "ok");
    server.until_empty().await;
    assert_eq!(server.io.stats().closed("transport close"), 3);
}

/// "should not trigger with connection: close header", and the other way round: many requests on one connection.
#[tokio::test]
async fn a_session_may_poll_on_one_connection_or_on_many() {
    let server = Server::start(Config::default(), fixture).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let mut ask = async |request: String| {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        loop {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
            let text = String::from_utf8_lossy(&answer).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return body.to_owned();
            }
        }
    };
    let open = ask(format!("GET {POLLING} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    let path = format!("{POLLING}&sid={}", &open[9..29]);
    let get = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let post = |body: &str| {
        let length = body.len();
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    assert_eq!(ask(post("40")).await, "ok");
    assert!(ask(get.clone()).await.starts_with("40{"));
    for number in 0..10 {
        assert_eq!(ask(post(&format!(r#"42["message",{number}]"#))).await, "ok");
        assert_eq!(ask(get.clone()).await, format!(r#"42["message-back",{number}]"#));
    }
    assert_eq!(server.count(|stats| &stats.tcp_open), 1);
}

/// "should allow client reconnect after restarting".
#[tokio::test]
async fn clients_come_back_to_a_server_that_starts_again() {
    let server = Server::start(Config::default(), fixture).await;
    let mut client = server.joined().await;
    client.text().await;
    let (closed, ()) = tokio::join!(client.closed(), server.io.close(PATIENCE));
    assert_eq!(closed, Some(1001));
    let again = Server::start(Config::default(), fixture).await;
    let mut client = again.joined().await;
    client.text().await;
    client.send(r#"42["message",1]"#).await;
    assert_eq!(client.text().await, r#"42["message-back",1]"#);
}
