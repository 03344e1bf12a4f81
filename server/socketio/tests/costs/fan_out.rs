use std::sync::atomic::Ordering;

use bytes::Bytes;
use socketio::{Config, Pressure, Stats};

use crate::stage::{Server, turn, until};
use allocator::allocations_of;

/// What has been paid for sending.
#[derive(Debug, PartialEq)]
struct Paid {
    encoded: u64,
    writes: u64,
    wakes: u64,
    bytes: u64,
}

impl Paid {
    fn now(stats: &Stats) -> Self {
        Self {
            encoded: stats.broadcasts_encoded.load(Ordering::SeqCst),
            writes: stats.writes.load(Ordering::SeqCst),
            wakes: stats.driver_wakes.load(Ordering::SeqCst),
            bytes: stats.bytes_out.load(Ordering::SeqCst),
        }
    }
}

/// For one broadcast, whatever the number of members: the list of rooms, the event, and its bytes.
const ALLOCATIONS_MAX: u64 = 5;

#[test]
fn a_broadcast_costs_one_encoding_and_a_write_each() {
    const CLIENTS: u64 = 100;
    const BROADCASTS: u64 = 50;
    let _turn = turn();
    let config = Config {
        pressure: Pressure::Off,
        ..Config::default()
    };
    let server = Server::start(config, |io| {
        io.of("/").on_connection(|socket| socket.join("room").unwrap());
    });
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| server.joined()).collect();
    let stats = server.io.stats();
    until(&stats.sockets_connected, CLIENTS);
    let snap = Bytes::from(vec![7; 300]);
    let emit = || server.io.of("/").to("room").emit("snap", snap.clone());
    // What is there once for all that follows.
    emit();
    let before = Paid::now(stats);
    let allocated = allocations_of(|| (0..BROADCASTS).for_each(|_| emit()));
    let after = Paid::now(stats);
    let paid = Paid {
        encoded: after.encoded - before.encoded,
        writes: after.writes - before.writes,
        wakes: after.wakes - before.wakes,
        bytes: after.bytes - before.bytes,
    };
    // Two bytes of header in front of the text, four in front of the attachment.
    let header = r#"451-["snap",{"_placeholder":true,"num":0}]"#;
    let message_bytes = (2 + header.len() + 4 + 300) as u64;
    let expected = Paid {
        encoded: BROADCASTS,
        writes: BROADCASTS * CLIENTS,
        wakes: 0,
        bytes: BROADCASTS * CLIENTS * message_bytes,
    };
    assert_eq!(paid, expected);
    assert!(
        allocated <= BROADCASTS * ALLOCATIONS_MAX,
        "{} allocations for each broadcast",
        allocated as f64 / BROADCASTS as f64
    );
    for client in &mut clients {
        assert_eq!(client.text(), header);
    }
}
