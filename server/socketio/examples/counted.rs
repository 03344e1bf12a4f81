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
use std::io::{self, Write};
use std::net::SocketAddr;

use bytes::Bytes;
use socketio::{Config, Parser, Pressure, SocketIo};
use tokio::runtime::Builder;

mod bare;

use bare::{open, push, send, skip_frame};

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
    skip_frame(&mut asking)
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
    skip_frame(&mut client)
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
    bare::serve(io, Builder::new_current_thread().enable_all().build()?)
}
