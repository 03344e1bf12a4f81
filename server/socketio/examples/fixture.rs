//! The server that the protocol's own test suite expects on port 3000: namespaces `/` and `/custom`, an `auth` event
//! on connection, echo, and echo by acknowledgement. An argument is another address to listen on.

use std::time::Duration;

use socketio::{Config, Socket, SocketIo, listen};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let io = SocketIo::builder()
        .config(Config {
            ping_interval: Duration::from_millis(300),
            ping_timeout: Duration::from_millis(200),
            connect_timeout: Duration::from_secs(1),
            ..Config::default()
        })
        .build();
    let greet = |socket: &Socket| drop(socket.emit("auth", socket.handshake().auth.clone()));
    io.of("/custom").on_connection(greet);
    io.of("/").on_connection(move |socket| {
        greet(socket);
        socket.on("message", |event| async move {
            let _ = event.socket.emit("message-back", event.args);
        });
        socket.on("message-with-ack", |event| async move {
            if let Some(ack) = event.ack {
                let _ = ack.send(event.args);
            }
        });
    });
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "localhost:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    listen::serve(listener, io, listen::NotFound, std::future::pending()).await
}
