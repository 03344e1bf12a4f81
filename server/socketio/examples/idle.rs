//! What idle clients hold: so many WebSockets, each joined to one room, behind their first heartbeat.
//!
//! `idle 5000` opens them against a server in the same process and prints the resident memory of each. The clients are bare
//! sockets without any memory of their own; the kernel's share is not resident memory. It needs two file descriptors for
//! each, and Linux.

use std::error::Error;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socketio::{Config, SocketIo};
use tokio::runtime::Builder;

mod bare;

use bare::{open, send, skip_frame};

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = match std::env::args().nth(1) {
        Some(text) => text.parse()?,
        None => 5000,
    };
    let addr = serve()?;
    // What is there once for all that follows.
    let mut first = open_all(addr, 50)?;
    answer_pings(&mut first)?;
    let mut clients = Vec::with_capacity(count);
    let before = resident_bytes()?;
    let started = Instant::now();
    clients.append(&mut open_all(addr, count)?);
    println!("{count} clients in {:.1} s", started.elapsed().as_secs_f64());
    answer_pings(&mut clients)?;
    let each = (resident_bytes()? - before) as f64 / count as f64;
    println!("{each:.0} bytes of resident memory each");
    Ok(())
}

/// Starts a server on threads of its own.
fn serve() -> io::Result<SocketAddr> {
    let config = Config {
        ping_interval: PING_INTERVAL,
        ..Config::default()
    };
    let io = SocketIo::builder().config(config).build();
    io.of("/").on_connection(|socket| {
        let _ = socket.join("room");
    });
    bare::serve(io, Builder::new_multi_thread().enable_all().build()?)
}

fn open_all(addr: SocketAddr, count: usize) -> io::Result<Vec<TcpStream>> {
    (0..count).map(|_| open(addr)).collect()
}

/// Waits for the ping of each and answers it.
fn answer_pings(clients: &mut [TcpStream]) -> io::Result<()> {
    for client in clients {
        skip_frame(client)?;
        send(client, 1, b"3")?;
    }
    // The server has read the answers by then.
    std::thread::sleep(Duration::from_millis(500));
    Ok(())
}

fn resident_bytes() -> Result<i64, Box<dyn Error>> {
    let pages = fs::read_to_string("/proc/self/statm")?;
    let resident = pages.split_whitespace().nth(1).ok_or("no resident memory")?;
    Ok(resident.parse::<i64>()? * PAGE_BYTES)
}

const PING_INTERVAL: Duration = Duration::from_secs(8);

const PAGE_BYTES: i64 = 4096;
