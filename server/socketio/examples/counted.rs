//! A known amount of work, for a program that counts instructions: `tests/counts` of the project runs it under callgrind.
//!
//! | `counted` | what it does |
//! |---|---|
//! | `fan-out N` | N broadcasts of 300 bytes to a room of 100 |
//! | `ingress N` | N inputs of 16 bytes by the compact parser, ten in each write |
//! | `accept N` | N clients that join a namespace and a room |
//!
//! Server and clients are in one process; the clients read only what they must.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;

use bytes::Bytes;
use socketio::{Config, Parser, Pressure, SocketIo, listen};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (what, count) = (args.next().ok_or("what?")?, args.next().ok_or("how often?")?);
    let count: usize = count.parse()?;
    let addr = serve()?;
    match what.as_str() {
        "fan-out" => fan_out(addr, count)?,
        "ingress" => ingress(addr, count)?,
        "accept" => accept(addr, count)?,
        _ => return Err("fan-out, ingress or accept".into()),
    }
    Ok(())
}

fn fan_out(addr: SocketAddr, count: usize) -> io::Result<()> {
    let _members: Vec<_> = (0..100).map(|_| open(addr)).collect::<Result<_, _>>()?;
    let mut asking = open(addr)?;
    send(&mut asking, 1, format!(r#"427["broadcast",{count}]"#).as_bytes())?;
    // It hears nothing of it, and its answer is behind all of them.
    read_frame(&mut asking).map(drop)
}

fn ingress(addr: SocketAddr, count: usize) -> io::Result<()> {
    let mut client = open(addr)?;
    let mut inputs = Vec::new();
    for _ in 0..10 {
        push(&mut inputs, 2, &[0; 17]);
    }
    for _ in 0..count / 10 {
        client.write_all(&inputs)?;
    }
    send(&mut client, 1, br#"427["done"]"#)?;
    read_frame(&mut client).map(drop)
}

fn accept(addr: SocketAddr, count: usize) -> io::Result<()> {
    let clients: Result<Vec<_>, _> = (0..count).map(|_| open(addr)).collect();
    clients.map(drop)
}

/// Starts a server on a thread of its own.
fn serve() -> io::Result<SocketAddr> {
    let config = Config {
        parser: Parser::Compact,
        compact_events: vec!["input".to_owned()],
        pressure: Pressure::Off,
        ..Config::default()
    };
    let io = SocketIo::builder().config(config).build();
    io.of("/").on_connection(|socket| {
        let _ = socket.join("room");
        socket.on_sync("input", |event| assert!(event.binary(0).is_some()));
        socket.on_sync("done", |mut event| drop(event.ack().map(|ack| ack.send(()))));
        socket.on_sync("broadcast", |mut event| {
            let snap = Bytes::from(vec![7; 300]);
            for _ in 0..event.deserialize::<usize>(0).unwrap_or_default() {
                event.socket().broadcast().to("room").emit("snap", snap.clone());
            }
            drop(event.ack().map(|ack| ack.send(())));
        });
    });
    let (sender, addr) = mpsc::channel();
    std::thread::spawn(move || -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let _ = sender.send(listener.local_addr()?);
            listen::serve(listener, io, listen::NotFound, std::future::pending()).await
        })
    });
    addr.recv().map_err(io::Error::other)
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
    send(&mut stream, 1, b"40")?;
    read_frame(&mut stream)?;
    Ok(stream)
}

fn send(stream: &mut TcpStream, opcode: u8, payload: &[u8]) -> io::Result<()> {
    let mut frame = Vec::new();
    push(&mut frame, opcode, payload);
    stream.write_all(&frame)
}

/// Frames up to 125 bytes, under a mask of zeros.
fn push(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.extend_from_slice(&[0x80 | opcode, 0x80 | payload.len() as u8, 0, 0, 0, 0]);
    out.extend_from_slice(payload);
}

/// Payload of one frame of less than 64 KiB.
fn read_frame(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let length = match head[1] {
        126 => {
            stream.read_exact(&mut head)?;
            usize::from(u16::from_be_bytes(head))
        }
        length => usize::from(length),
    };
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload)?;
    Ok(payload)
}

const REQUEST: &[u8] = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n\
    host: 127.0.0.1\r\n\
    connection: Upgrade\r\n\
    upgrade: websocket\r\n\
    sec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
