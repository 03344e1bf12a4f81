//! Rooms that hear a snapshot at a fixed rate: the load that a game puts on a server, without the game.
//!
//! It listens on 127.0.0.1:$PORT (3000). A client emits `join` with the name of a room and is answered "ok". At $RATE (30) a
//! second each room that is not empty hears `snap` with one binary argument of $SIZE (300) bytes, of which the first eight
//! are the time right before: nanoseconds of the machine's monotonic clock, little-endian. `input`, 16 bytes, is counted;
//! with ECHO=1 it is also sent back as `echo`. Pings are $PING_INTERVAL_MS (25000) apart. Ctrl-C ends it and prints the counts.
//!
//! `benches/peers/` sets other servers beside it that do the same.

use std::collections::HashMap;
use std::error::Error;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustix::time::{ClockId, clock_gettime};
use socketio::{Config, Socket, SocketIo, listen};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = setting("PORT", 3000)?;
    let rate_hz: f64 = setting("RATE", 30.0)?;
    let size_bytes: usize = setting("SIZE", 300)?;
    let echo = setting("ECHO", 0)? == 1;
    if !(rate_hz > 0.0 && size_bytes >= STAMP_BYTES) {
        return Err("RATE must be above 0, and SIZE at least 8".into());
    }
    let config = Config {
        ping_interval: Duration::from_millis(setting("PING_INTERVAL_MS", 25_000)?),
        ..Config::default()
    };
    let io = SocketIo::builder().config(config).try_build()?;
    let (rooms, inputs) = (Rooms::default(), Arc::default());
    serve_players(&io, &rooms, &inputs, echo);
    let ticking = io.clone();
    std::thread::spawn(move || broadcast(&ticking, &rooms, rate_hz, size_bytes));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    let stop = async { drop(tokio::signal::ctrl_c().await) };
    listen::serve(listener, io.clone(), listen::NotFound, stop).await?;
    io.close(Duration::from_secs(1)).await;
    let snaps = io.stats().broadcasts_encoded.load(Ordering::Relaxed);
    let slow = io.stats().slow_consumers.load(Ordering::Relaxed);
    println!(
        "{} inputs, {snaps} snaps, {slow} slow clients",
        inputs.load(Ordering::Relaxed)
    );
    Ok(())
}

fn setting<T: FromStr>(name: &str, default: T) -> Result<T, String> {
    match std::env::var(name) {
        Ok(text) => text.parse().map_err(|_| format!("{name}={text} is no number")),
        Err(_) => Ok(default),
    }
}

/// How many sockets are in each room; there is no room without one.
#[derive(Clone, Default)]
struct Rooms(Arc<Mutex<HashMap<String, usize>>>);

impl Rooms {
    fn enter(&self, room: &str) {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *rooms.entry(room.to_owned()).or_default() += 1;
    }

    fn leave(&self, room: &str) {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = rooms.get_mut(room) {
            *count -= 1;
            if *count == 0 {
                rooms.remove(room);
            }
        }
    }

    fn names(&self) -> Vec<String> {
        let rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.keys().cloned().collect()
    }
}

fn serve_players(io: &SocketIo, rooms: &Rooms, inputs: &Arc<AtomicU64>, echo: bool) {
    let (rooms, inputs) = (rooms.clone(), inputs.clone());
    io.of("/").on_connection(move |socket| {
        let (rooms, inputs) = (rooms.clone(), inputs.clone());
        socket.on_sync("join", move |mut event| {
            let Some(room) = event.deserialize::<String>(0) else {
                return;
            };
            join(event.socket(), &room, &rooms);
            if let Some(ack) = event.ack() {
                let _ = ack.send("ok");
            }
        });
        socket.on_sync("input", move |event| {
            inputs.fetch_add(1, Ordering::Relaxed);
            if let (true, Some(data)) = (echo, event.binary(0)) {
                let _ = event.socket().emit("echo", Bytes::copy_from_slice(data));
            }
        });
    });
}

fn join(socket: &Socket, room: &str, rooms: &Rooms) {
    let is_there = socket.rooms().iter().any(|joined| joined == room);
    if is_there || socket.join(room).is_err() {
        return;
    }
    rooms.enter(room);
    let (room, rooms) = (room.to_owned(), rooms.clone());
    socket.on_disconnect(move |_, _| rooms.leave(&room));
}

/// In a thread of its own, as a simulation is, since it sleeps more exactly than the runtime. Ticks are counted from the
/// start, so that the rate does not drift; those that are over before their turn are skipped.
fn broadcast(io: &SocketIo, rooms: &Rooms, rate_hz: f64, size_bytes: usize) {
    let start = Instant::now();
    let mut snap = vec![0; size_bytes];
    let mut tick = 0.0_f64;
    loop {
        let over = (start.elapsed().as_secs_f64() * rate_hz).floor();
        tick = over.max(tick) + 1.0;
        let due = start + Duration::from_secs_f64(tick / rate_hz);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        for room in rooms.names() {
            snap[..STAMP_BYTES].copy_from_slice(&now_ns().to_le_bytes());
            io.of("/").to(room).emit("snap", Bytes::copy_from_slice(&snap));
        }
    }
}

fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

const STAMP_BYTES: usize = 8;
