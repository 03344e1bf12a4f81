//! A chat on <http://127.0.0.1:3000>: any Socket.IO client may emit `join` with a room and a name, and `say` with a text.

use std::time::Duration;

use serde_json::Value;
use socketio::{Json, Socket, SocketIo, listen};
use tokio::net::TcpListener;

/// Everybody in the rooms of a socket but itself; the first room is its own.
fn tell(socket: &Socket, event: &str, what: Value) {
    let (name, rooms) = (socket.data().get("name"), socket.rooms().split_off(1));
    if !rooms.is_empty() {
        socket.to(rooms).emit(event, (Json(name), what));
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let io = SocketIo::builder().build();
    io.of("/").on_connection(|socket| {
        socket.on_request("join", |socket, (room, name): (String, String)| async move {
            socket.data().set("name", name);
            socket.join(&room).map_err(|error| error.to_string())?;
            tell(&socket, "joined", room.into());
            Ok::<_, String>(socket.rooms().len() - 1)
        });
        socket.on_typed("say", |socket, text: String| async move {
            tell(&socket, "said", text.into());
        });
        socket.on_disconnecting(|socket, reason| tell(socket, "left", reason.as_str().into()));
    });
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    listen::serve(listener, io.clone(), listen::NotFound, interrupted).await?;
    io.close(Duration::from_secs(5)).await;
    Ok(())
}
