//! A chat in one file: open two consoles of any Socket.IO client on <http://127.0.0.1:3000>, emit `join` with a room
//! and `say` with a text.

use std::time::Duration;

use socketio::{Socket, SocketIo, listen};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let io = SocketIo::builder().build();
    io.of("/").on_connection(|socket: &Socket| {
        socket.on("join", |event| async move {
            let Some(room) = event.args.deserialize::<String>(0) else {
                return;
            };
            let joined = event.socket.join(&room).is_ok();
            event.socket.to(&room).emit("joined", event.socket.id());
            if let Some(ack) = event.ack {
                let _ = ack.send(joined);
            }
        });
        socket.on("say", |event| async move {
            for room in event.socket.rooms().iter().skip(1) {
                event.socket.to(room).emit("said", event.args.clone());
            }
        });
        socket.on_disconnect(|socket, reason| println!("{} left: {reason}", socket.id()));
    });
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let app = listen::NotFound;
    listen::serve(listener, io.clone(), app, async {
        drop(tokio::signal::ctrl_c().await)
    })
    .await?;
    io.close(Duration::from_secs(5)).await;
    Ok(())
}
