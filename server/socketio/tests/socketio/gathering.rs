use std::sync::atomic::Ordering;

use bytes::Bytes;
use socketio::{Config, Emitted, Pressure};

use crate::harness::{Seen, Server, fixture, forced_pressure, server_with_sockets, until};

fn config(pressure: Pressure) -> Config {
    Config {
        pressure,
        ..Config::default()
    }
}

/// Whether the environment lets a test choose for itself.
fn is_free() -> bool {
    forced_pressure().is_none()
}

fn writes(server: &Server) -> u64 {
    server.io.stats().writes.load(Ordering::Relaxed)
}

#[tokio::test]
async fn under_pressure_messages_share_a_write_and_keep_their_order() {
    if !is_free() {
        return;
    }
    let (server, mut sockets) = server_with_sockets(config(Pressure::Always)).await;
    let mut client = server.joined().await;
    let socket = sockets.recv().await.unwrap();
    client.text().await;
    let before = writes(&server);
    for number in 0..50 {
        socket.emit("n", (number, Bytes::from_static(b"x"))).unwrap();
    }
    // It leaves soon, so that a client counts as ready.
    assert!(socket.writable() && socket.buffered_packets() == 100);
    assert_eq!(socket.volatile().emit("v", ()), Ok(Emitted::Queued));
    for number in 0..50 {
        assert!(client.text().await.starts_with(&format!(r#"451-["n",{number},"#)));
        assert_eq!(client.binary().await, "x");
    }
    assert_eq!(client.text().await, r#"42["v"]"#);
    assert_eq!(writes(&server) - before, 1);
    assert!(server.count(|stats| &stats.gathered_writes) > 0);
    socket.drained().await.unwrap();
    until(&server.io.stats().outbox_bytes, 0).await;
}

#[tokio::test]
async fn without_pressure_each_message_has_a_write() {
    if !is_free() {
        return;
    }
    for pressure in [Pressure::Off, Pressure::Auto] {
        let (server, mut sockets) = server_with_sockets(config(pressure)).await;
        let mut client = server.joined().await;
        let socket = sockets.recv().await.unwrap();
        client.text().await;
        let before = writes(&server);
        for number in 0..10 {
            socket.emit("n", number).unwrap();
        }
        assert_eq!(writes(&server) - before, 10, "{pressure:?}");
        assert_eq!(server.count(|stats| &stats.gathered_writes), 0);
    }
}

#[tokio::test]
async fn enough_for_a_write_waits_for_nothing() {
    if !is_free() {
        return;
    }
    let (server, mut sockets) = server_with_sockets(config(Pressure::Always)).await;
    let mut client = server.joined().await;
    let socket = sockets.recv().await.unwrap();
    client.text().await;
    let before = writes(&server);
    for _ in 0..4 {
        socket.emit("large", Bytes::from(vec![1; 5000])).unwrap();
    }
    // The fourth has made it more than 16 KiB, before any task had a turn.
    assert_eq!((writes(&server) - before, socket.buffered_bytes()), (1, 0));
    for _ in 0..4 {
        client.text().await;
        client.binary().await;
    }
}

#[tokio::test]
async fn a_thread_without_a_runtime_is_heard_too() {
    let server = Server::start(config(Pressure::Always), fixture).await;
    let mut client = server.joined().await;
    assert_eq!(client.text().await, r#"42["auth",{}]"#);
    let io = server.io.clone();
    std::thread::spawn(move || io.of("/").emit("from afar", 1))
        .join()
        .unwrap();
    assert_eq!(client.text().await, r#"42["from afar",1]"#);
}

#[tokio::test]
async fn what_is_gathered_leaves_before_the_end() {
    let (server, mut sockets) = server_with_sockets(config(Pressure::Always)).await;
    let mut client = server.joined().await;
    let socket = sockets.recv().await.unwrap();
    client.text().await;
    socket.emit("last", ()).unwrap();
    socket.disconnect(true);
    assert_eq!(client.text().await, r#"42["last"]"#);
    assert_eq!(client.text().await, "41");
    assert!(matches!(client.next().await, Seen::Close(1000, _)));
}
