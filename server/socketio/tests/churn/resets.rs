use std::future::pending;
use std::net::SocketAddr;

use socketio::listen;
use tokio::net::{TcpListener, TcpStream};

use crate::baseline::{churn, server, turn};
use crate::states::ALL;

/// Makes the kernel send RST.
fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
}

async fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

#[test]
fn nothing_is_left_of_real_connections_that_are_reset() {
    let _turn = turn();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let io = server();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(listen::serve(listener, io.clone(), listen::NotFound, pending()));
        for state in ALL {
            let (count, bytes) = churn(&io, state, 250, async || connect(addr).await, reset).await;
            println!("{state:?}: {count} connections reset, {bytes} bytes more");
        }
    });
}
