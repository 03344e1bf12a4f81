//! What idle clients hold: so many WebSockets, each joined to one room, behind their first heartbeat.
//!
//! `idle 5000` opens them against a server in the same process and prints the resident memory of each. The clients are bare
//! sockets without any memory of their own; the kernel's share is not resident memory. It needs two file descriptors for
//! each, and Linux.

use std::error::Error;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use socketio::{Config, SocketIo, listen};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

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
    let (sender, addr) = mpsc::channel();
    std::thread::spawn(move || -> io::Result<()> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let _ = sender.send(listener.local_addr()?);
            listen::serve(listener, io, listen::NotFound, std::future::pending()).await
        })
    });
    addr.recv().map_err(io::Error::other)
}

fn open_all(addr: SocketAddr, count: usize) -> io::Result<Vec<TcpStream>> {
    (0..count).map(|_| open(addr)).collect()
}

/// A client that has joined `/`.
fn open(addr: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(addr)?;
    stream.write_all(REQUEST)?;
    let mut last = [0; 4];
    while last != *b"\r\n\r\n" {
        last.rotate_left(1);
        stream.read_exact(&mut last[3..])?;
    }
    read_frame(&mut stream)?;
    // "40", under a mask of zeros.
    stream.write_all(b"\x81\x82\0\0\0\x0040")?;
    read_frame(&mut stream)?;
    Ok(stream)
}

/// Waits for the ping of each and answers it.
fn answer_pings(clients: &mut [TcpStream]) -> io::Result<()> {
    for client in clients {
        read_frame(client)?;
        client.write_all(b"\x81\x81\0\0\0\x003")?;
    }
    // The server has read the answers by then.
    std::thread::sleep(Duration::from_millis(500));
    Ok(())
}

/// Reads one frame of less than 64 KiB and forgets it.
fn read_frame(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let mut length = u64::from(head[1]);
    if length == 126 {
        stream.read_exact(&mut head)?;
        length = u64::from(u16::from_be_bytes(head));
    }
    io::copy(&mut stream.take(length), &mut io::sink()).map(drop)
}

fn resident_bytes() -> Result<i64, Box<dyn Error>> {
    let pages = fs::read_to_string("/proc/self/statm")?;
    let resident = pages.split_whitespace().nth(1).ok_or("no resident memory")?;
    Ok(resident.parse::<i64>()? * PAGE_BYTES)
}

const PING_INTERVAL: Duration = Duration::from_secs(8);

const PAGE_BYTES: i64 = 4096;

const REQUEST: &[u8] = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n\
    host: 127.0.0.1\r\n\
    connection: Upgrade\r\n\
    upgrade: websocket\r\n\
    sec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
