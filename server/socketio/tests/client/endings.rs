use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use serde_json::Value;
use socketio::{Config, DisconnectReason, EmitError};
use tokio::sync::mpsc;

use crate::harness::{
    Fake, OPEN, PATIENCE, Server, check_alive, check_closed, check_ended, fixture, join, next, once, patient,
    record, record_end,
};

/// What the server's disconnect handlers were told.
async fn server_with_ends(config: Config) -> (Server, mpsc::UnboundedReceiver<DisconnectReason>) {
    let (sender, ends) = mpsc::unbounded_channel();
    let server = Server::start(config, |io| {
        io.of("/").on_connection(move |socket| {
            let sender = sender.clone();
            socket.on_disconnect(move |_, reason| {
                let _ = sender.send(reason);
            });
            socket.on_sync("leave", |event| event.socket().disconnect(false));
            socket.on_sync("go", |event| event.socket().disconnect(true));
        });
    })
    .await;
    (server, ends)
}

#[tokio::test]
async fn a_client_that_leaves_is_known_to_both_sides() {
    let (server, mut server_ends) = server_with_ends(Config::default()).await;
    let (client, socket) = server.joined(|_| {}).await;
    let ends = record_end(&socket);
    socket.disconnect();
    socket.disconnect();
    let reason = DisconnectReason::ClientNamespaceDisconnect;
    check_ended(ends, reason).await;
    assert_eq!(next(&mut server_ends).await, reason);
    assert_eq!(socket.emit("e", ()), Err(EmitError::Disconnected));
    assert!(client.is_open());
}

#[tokio::test]
async fn a_server_that_disconnects_is_seen_as_a_reason() {
    let (server, _) = server_with_ends(Config::default()).await;
    let (client, socket) = server.joined(|_| {}).await;
    let ends = record_end(&socket);
    socket.emit("leave", ()).unwrap();
    check_ended(ends, DisconnectReason::ServerNamespaceDisconnect).await;
    assert!(client.is_open());

    let socket = join(&client, "/", Value::Null, |_| {}).await.unwrap();
    let ends = record_end(&socket);
    socket.emit("go", ()).unwrap();
    check_ended(ends, DisconnectReason::ServerNamespaceDisconnect).await;
    check_closed(&client, DisconnectReason::TransportClose).await;
}

#[tokio::test]
async fn a_server_that_goes_away_is_told_to_everybody_who_waits() {
    let server = Server::fixture().await;
    let (client, socket) = server.joined(|_| {}).await;
    let ends = record_end(&socket);
    let waiters: Vec<_> = (0..5)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.closed().await })
        })
        .collect();
    server.io.close(PATIENCE).await;
    for waiter in waiters {
        assert_eq!(
            patient("the end", waiter).await.unwrap(),
            DisconnectReason::TransportClose
        );
    }
    check_ended(ends, DisconnectReason::TransportClose).await;
}

#[tokio::test]
async fn a_stream_that_breaks_is_a_transport_close() {
    let (fake, client, socket) = Fake::joined(once()).await;
    let ends = record_end(&socket);
    drop(fake);
    check_ended(ends, DisconnectReason::TransportClose).await;
    check_closed(&client, DisconnectReason::TransportClose).await;
}

#[tokio::test]
async fn what_was_emitted_before_closing_arrives() {
    let count = Arc::new(AtomicU64::new(0));
    let (sender, mut server_ends) = mpsc::unbounded_channel();
    let seen = count.clone();
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(move |socket| {
            let (seen, sender) = (seen.clone(), sender.clone());
            socket.on_sync("e", move |_| {
                seen.fetch_add(1, Ordering::Relaxed);
            });
            socket.on_disconnect(move |_, reason| {
                let _ = sender.send(reason);
            });
        });
    })
    .await;
    let (client, socket) = server.joined(|_| {}).await;
    let ends = record_end(&socket);
    for _ in 0..100 {
        socket.emit("e", vec![0_u8; 5000]).unwrap();
    }
    client.close();
    client.close();
    assert_eq!(socket.emit("e", ()), Err(EmitError::Disconnected));
    check_ended(ends, DisconnectReason::ForcedClose).await;
    check_closed(&client, DisconnectReason::ForcedClose).await;
    assert_eq!(next(&mut server_ends).await, DisconnectReason::TransportClose);
    assert_eq!(count.load(Ordering::Relaxed), 100);
}

#[tokio::test]
async fn a_close_says_goodbye_on_both_layers() {
    let (mut fake, client) = Fake::meet(OPEN, once()).await;
    client.close();
    assert_eq!(fake.text().await, "1");
    assert_eq!(fake.text().await, "closed");
    drop(fake);
    check_closed(&client, DisconnectReason::ForcedClose).await;
}

#[tokio::test]
async fn the_last_handle_closes_the_connection() {
    let server = Server::fixture().await;
    let (client, socket) = server.joined(|_| {}).await;
    let mut echoes = record(&socket, "echo");
    drop(client);
    socket.emit("echo", 1).unwrap();
    next(&mut echoes).await;
    drop(socket);
    server.until(|stats| &stats.connections_open, 0).await;
    server.until(|stats| &stats.tcp_open, 0).await;
    assert_eq!(patient("the listener is dropped", echoes.recv()).await, None);
}

#[tokio::test]
async fn answered_pings_keep_a_client() {
    let config = Config {
        ping_interval: Duration::from_millis(5),
        ping_timeout: PATIENCE,
        ..Config::default()
    };
    let server = Server::start(config, fixture).await;
    let (client, socket) = server.joined(|_| {}).await;
    // CONNECT and the pongs.
    patient("ten pongs", async {
        while server.io.stats().packets_in.load(Ordering::Relaxed) < 11 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(client.is_open());
    check_alive(&socket).await;
}

#[tokio::test]
async fn a_server_that_does_not_ping_is_dead() {
    let open = r#"0{"sid":"S","upgrades":[],"pingInterval":30,"pingTimeout":20,"maxPayload":1000}"#;
    let (_fake, client) = Fake::meet(open, once()).await;
    check_closed(&client, DisconnectReason::PingTimeout).await;
}

#[test]
fn a_runtime_that_ends_tells_the_handlers() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (client, mut ends) = runtime.block_on(async {
        let (fake, client, socket) = Fake::joined(once()).await;
        let ends = record_end(&socket);
        std::mem::forget(fake);
        (client, ends)
    });
    drop(runtime);
    assert_eq!(ends.try_recv(), Ok(DisconnectReason::ForcedClose));
    assert_eq!(
        client.closed().now_or_never(),
        Some(DisconnectReason::ForcedClose)
    );
}
