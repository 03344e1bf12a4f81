use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::DuplexStream;

use crate::baseline::{churn, is_long, server, turn};
use crate::states::ALL;

/// What may be under way in each direction, in bytes.
const STREAM_BYTES: usize = 16 * 1024;

#[test]
fn nothing_is_left_of_connections_in_memory_that_are_dropped() {
    let _turn = turn();
    // One thread and no real time: when nobody can go on, the clock jumps to the next timer.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let io = server();
        let service = TowerToHyperService::new(io.clone().into_service());
        let connect = async || -> DuplexStream {
            let (theirs, ours) = tokio::io::duplex(STREAM_BYTES);
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(io.config().header_read_timeout)
                .serve_connection(TokioIo::new(ours), service.clone())
                .with_upgrades();
            tokio::spawn(connection);
            theirs
        };
        let clients = if is_long() { 500 } else { 100 };
        for state in ALL {
            let (count, bytes) = churn(&io, state, clients, connect, drop).await;
            println!("{state:?}: {count} connections dropped, {bytes} bytes more");
        }
    });
}
