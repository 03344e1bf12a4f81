//! socketioxide as its documentation shows it, behind axum.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::serve::ListenerExt;
use bytes::Bytes;
use peers::clock::now_ns;
use peers::setting::{STAMP_BYTES, Settings};
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};
use socketioxide::handler::ConnectHandler;
use tokio::net::TcpListener;

/// How many sockets are in each room; there is no room without one.
type Rooms = Arc<Mutex<HashMap<String, usize>>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Settings::from_environment()?;
    rlimit::increase_nofile_limit(u64::MAX)?;
    let (layer, io) = SocketIo::builder()
        .ping_interval(settings.ping_interval)
        .build_layer();
    let rooms = Rooms::default();
    // Listeners are in place before the client is told that it is in: what it says at once would be lost otherwise.
    let listening = Arc::clone(&rooms);
    let listen = async move |socket: SocketRef| listen(&socket, &listening, settings.echo);
    io.ns("/", (async |_socket: SocketRef| {}).with(listen));
    tokio::spawn(broadcast(io, rooms, settings));
    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
    println!("listening on {}", listener.local_addr()?);
    // A stream that cannot be set is served all the same.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, axum::Router::new().layer(layer)).await?;
    Ok(())
}

fn listen(socket: &SocketRef, rooms: &Rooms, echo: bool) -> Result<(), String> {
    let joining = Arc::clone(rooms);
    socket.on(
        "join",
        async move |socket: SocketRef, Data::<String>(room), ack: AckSender| {
            socket.join(room.clone());
            *lock(&joining).entry(room.clone()).or_default() += 1;
            socket.on_disconnect(async move || leave(&joining, &room));
            let _ = ack.send("ok");
        },
    );
    if echo {
        socket.on("input", async |socket: SocketRef, Data::<Bytes>(data)| {
            let _ = socket.emit("echo", &data);
        });
    }
    Ok(())
}

fn leave(rooms: &Rooms, room: &str) {
    let mut rooms = lock(rooms);
    if let Some(count) = rooms.get_mut(room) {
        *count -= 1;
        if *count == 0 {
            rooms.remove(room);
        }
    }
}

fn lock(rooms: &Rooms) -> std::sync::MutexGuard<'_, HashMap<String, usize>> {
    rooms.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn broadcast(io: SocketIo, rooms: Rooms, settings: Settings) {
    let start = Instant::now();
    let (mut snap, mut tick) = (vec![0; settings.size_bytes], 1);
    loop {
        let due = start + Duration::from_nanos(settings.due_ns(tick));
        tokio::time::sleep_until(due.into()).await;
        let names: Vec<String> = lock(&rooms).keys().cloned().collect();
        for room in names {
            snap[..STAMP_BYTES].copy_from_slice(&now_ns().to_le_bytes());
            // A client whose queue is full misses it.
            let _ = io.to(room).emit("snap", &Bytes::copy_from_slice(&snap)).await;
        }
        tick = settings.next_tick(tick, start.elapsed().as_nanos() as u64);
    }
}
