use std::sync::atomic::Ordering;
use std::time::Duration;

use socketio::Config;

use crate::stage::{Client, Server, push_text, turn, until};
use allocator::InUse;

/// Clients that join a room, hear of it, and answer a ping.
fn settle(server: &Server, count: usize) -> Vec<Client> {
    let answered = server.io.stats().packets_in.load(Ordering::SeqCst);
    let mut clients: Vec<_> = (0..count).map(|_| server.joined()).collect();
    let mut pong = Vec::new();
    push_text(&mut pong, "3");
    for client in &mut clients {
        assert_eq!(client.text(), "2");
        client.write(&pong);
    }
    until(&server.io.stats().packets_in, answered + 2 * count as u64);
    clients
}

/// Of the heap. A quarter of it are the headers of the request that opened the connection, which handlers may ask for.
const BYTES_MAX: i64 = 5800;

#[test]
fn an_idle_client_holds_little() {
    const CLIENTS: usize = 500;
    let _turn = turn();
    let config = Config {
        ping_interval: Duration::from_secs(1),
        ..Config::default()
    };
    let server = Server::start(config, |io| {
        io.of("/").on_connection(|socket| socket.join("room").unwrap());
    });
    // What is there once for all that follows.
    let first = settle(&server, 20);
    let before = InUse::now();
    let clients = settle(&server, CLIENTS);
    let after = InUse::now();
    let each = (after.bytes - before.bytes) / CLIENTS as i64;
    assert!(
        each <= BYTES_MAX,
        "{each} bytes each:\n{}",
        after.table(&before, CLIENTS)
    );
    drop((first, clients));
}
