use std::sync::atomic::Ordering;

use bytes::Bytes;
use socketio::{Config, Json, Stats};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::harness::{Client, Server, is_always_gathered, server_with_sockets, until};
use crate::poller::Poller;

/// What sending costs, counted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    encoded: u64,
    writes: u64,
    wakes: u64,
    packets: u64,
}

impl Cost {
    fn now(stats: &Stats) -> Self {
        Self {
            encoded: stats.broadcasts_encoded.load(Ordering::Relaxed),
            writes: stats.writes.load(Ordering::Relaxed),
            wakes: stats.driver_wakes.load(Ordering::Relaxed),
            packets: stats.packets_out.load(Ordering::Relaxed),
        }
    }

    /// What has been paid since `self`.
    fn since(self, stats: &Stats) -> Self {
        let now = Self::now(stats);
        Self {
            encoded: now.encoded - self.encoded,
            writes: now.writes - self.writes,
            wakes: now.wakes - self.wakes,
            packets: now.packets - self.packets,
        }
    }
}

async fn greeted(server: &Server) -> Client {
    let mut client = server.joined().await;
    assert_eq!(client.text().await, r#"42["auth",{}]"#);
    client
}

#[tokio::test]
async fn the_answer_to_an_upgrade_leaves_in_one_write_with_the_open_packet() {
    let (server, _sockets) = server_with_sockets(Config::default()).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream
        .write_all(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\n\
            upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .await
        .unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0);
    }
    assert!(received.starts_with(b"HTTP/1.1 101 "));
    let stats = server.io.stats();
    let written = (
        stats.writes.load(Ordering::Relaxed),
        stats.bytes_out.load(Ordering::Relaxed),
    );
    assert_eq!(written, (1, received.len() as u64));
}

#[tokio::test]
async fn a_broadcast_is_encoded_once_written_once_to_each_and_wakes_nobody() {
    if is_always_gathered() {
        return;
    }
    const CLIENTS: u64 = 50;
    let (server, _sockets) = server_with_sockets(Config::default()).await;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(greeted(&server).await);
    }
    let stats = server.io.stats();
    let before = Cost::now(stats);
    server.io.of("/").emit("snap", Bytes::from(vec![7; 300]));
    // Nothing was left to a task: it is all done when the emit returns.
    let expected = Cost {
        encoded: 1,
        writes: CLIENTS,
        wakes: 0,
        packets: 2 * CLIENTS,
    };
    assert_eq!(before.since(stats), expected);
    for client in &mut clients {
        assert_eq!(
            client.text().await,
            r#"451-["snap",{"_placeholder":true,"num":0}]"#
        );
        assert_eq!(client.binary().await, vec![7; 300]);
    }
    assert_eq!(before.since(stats), expected);
    // To nobody it is not even encoded.
    server.io.of("/").to("nobody").emit("snap", ());
    assert_eq!(before.since(stats), expected);
}

#[tokio::test]
async fn a_header_and_its_attachments_leave_in_one_write() {
    if is_always_gathered() {
        return;
    }
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let mut client = greeted(&server).await;
    let socket = sockets.recv().await.unwrap();
    let stats = server.io.stats();
    let before = Cost::now(stats);
    let attachment = |byte| Bytes::from(vec![byte; 5000]);
    socket.emit("e", (attachment(1), Json(0), attachment(2))).unwrap();
    let expected = Cost {
        encoded: 0,
        writes: 1,
        wakes: 0,
        packets: 3,
    };
    assert_eq!(before.since(stats), expected);
    client.text().await;
    assert_eq!(client.binary().await, attachment(1));
    assert_eq!(client.binary().await, attachment(2));
}

#[tokio::test]
async fn what_one_handler_emits_leaves_in_one_write() {
    static RESUME: Notify = Notify::const_new();
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(|socket| {
            socket.emit("hello", ()).unwrap();
            socket.on_sync("sync", |event| {
                for number in 0..10 {
                    event.socket().emit("n", number).unwrap();
                }
            });
            socket.on("async", |event| async move {
                for number in 0..10 {
                    event
                        .socket
                        .emit("n", (number, Bytes::from_static(b"abc")))
                        .unwrap();
                }
                RESUME.notified().await;
                for number in 10..20 {
                    event.socket.emit("n", number).unwrap();
                }
            });
        });
    })
    .await;
    let mut client = server.joined().await;
    assert_eq!(client.text().await, r#"42["hello"]"#);
    let stats = server.io.stats();
    let check = |before: Cost, writes, packets| {
        let cost = before.since(stats);
        assert_eq!((cost.writes, cost.packets), (writes, packets));
    };

    let before = Cost::now(stats);
    client.send(r#"42["sync"]"#).await;
    for number in 0..10 {
        assert_eq!(client.text().await, format!(r#"42["n",{number}]"#));
    }
    check(before, 1, 10);

    let before = Cost::now(stats);
    client.send(r#"42["async"]"#).await;
    for number in 0..10 {
        assert!(client.text().await.starts_with(&format!(r#"451-["n",{number},"#)));
        client.binary().await;
    }
    check(before, 1, 20);
    RESUME.notify_one();
    for number in 10..20 {
        assert_eq!(client.text().await, format!(r#"42["n",{number}]"#));
    }
    check(before, 2, 30);

    // The answer to CONNECT leaves with what the connection handler emits; the open packet was another write.
    let before = Cost::now(stats);
    let mut other = server.client().await;
    other.send("40").await;
    assert!(other.text().await.starts_with("40{\"sid\""));
    assert_eq!(other.text().await, r#"42["hello"]"#);
    check(before, 2, 3);
}

#[tokio::test]
async fn polls_are_not_written_by_whoever_emits() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let poller = Poller::joined(&server).await;
    let socket = sockets.recv().await.unwrap();
    let stats = server.io.stats();
    let before = Cost::now(stats);
    for number in 0..10 {
        socket.emit("n", number).unwrap();
    }
    assert_eq!(poller.poll().await.body.split('\u{1e}').count(), 10);
    let expected = Cost {
        encoded: 0,
        writes: 0,
        wakes: 0,
        packets: 10,
    };
    assert_eq!(before.since(stats), expected);
}

#[tokio::test]
async fn a_stream_that_takes_not_all_wakes_its_task_once() {
    let (server, mut sockets) = server_with_sockets(Config::default()).await;
    let mut client = greeted(&server).await;
    let socket = sockets.recv().await.unwrap();
    let stats = server.io.stats();
    let before = Cost::now(stats);
    let mut sent = 0;
    while socket.writable() {
        socket.emit("n", Bytes::from(vec![0; 50_000])).unwrap();
        sent += 1;
    }
    for _ in 0..10 {
        socket.emit("n", Bytes::from(vec![0; 50_000])).unwrap();
    }
    let cost = before.since(stats);
    assert_eq!((cost.wakes, cost.packets), (1, 2 * (sent + 10)));
    assert!(cost.writes <= sent);
    for _ in 0..sent + 10 {
        client.text().await;
        assert_eq!(client.binary().await.len(), 50_000);
    }
    until(&stats.outbox_bytes, 0).await;
}
