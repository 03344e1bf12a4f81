use std::sync::atomic::Ordering;

use socketio::Config;

use crate::stage::{Server, turn, until};
use allocator::counted_allocations;

/// For one client from its TCP connection to the answer to its CONNECT, and its end. Two thirds of it are hyper's.
const ALLOCATIONS_MAX: u64 = 89;

/// The answer to the request with the open packet, and the answer to CONNECT.
const WRITES: u64 = 2;

#[test]
fn a_client_comes_in_for_few_allocations_writes_and_reads() {
    const CLIENTS: u64 = 200;
    let _turn = turn();
    let server = Server::start(Config::default(), |io| {
        io.of("/").on_connection(|socket| socket.join("room").unwrap());
    });
    let stats = server.io.stats();
    let come_and_go = |count| {
        for _ in 0..count {
            drop(server.joined());
        }
        until(&stats.tcp_open, 0);
    };
    // What is there once for all that follows.
    come_and_go(10);
    let counts = || {
        (
            counted_allocations(),
            stats.writes.load(Ordering::SeqCst),
            stats.reads.load(Ordering::SeqCst),
        )
    };
    let before = counts();
    come_and_go(CLIENTS);
    let after = counts();
    let allocated = (after.0 - before.0) as f64 / CLIENTS as f64;
    assert!(
        allocated <= ALLOCATIONS_MAX as f64,
        "{allocated} allocations for each client"
    );
    assert_eq!(after.1 - before.1, WRITES * CLIENTS);
    assert_eq!(after.2 - before.2, CLIENTS);
}
