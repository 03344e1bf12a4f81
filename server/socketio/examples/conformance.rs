//! The servers that the public test suites of both protocols expect on port 3000: by default the one of Socket.IO
//! (namespaces `/` and `/custom`, an `auth` event on connection, echo, echo by acknowledgement), with `--engine` the one
//! of Engine.IO (echo of every message under `/engine.io/`).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use clap::Parser;
use socketio::engine_io::{Application, Client, EngineIo, Message, Session};
use socketio::{Config, Endpoint, Origins, Socket, SocketIo, listen};
use tokio::net::TcpListener;

/// A server for the public test suites of Engine.IO and Socket.IO, on localhost over IPv4 and IPv6.
#[derive(Parser)]
struct Flags {
    /// Port to listen on; 0 takes any that is free and prints it.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Serve Engine.IO alone, under /engine.io/.
    #[arg(long)]
    engine: bool,
    /// Time between pings.
    #[arg(long, default_value_t = 300)]
    ping_interval_ms: u64,
    /// Time a client may take to answer one.
    #[arg(long, default_value_t = 200)]
    ping_timeout_ms: u64,
    /// Time a move from polling to WebSocket may take.
    #[arg(long, default_value_t = 10_000)]
    upgrade_timeout_ms: u64,
    /// Time a client may take to join a namespace.
    #[arg(long, default_value_t = 1_000)]
    connect_timeout_ms: u64,
    /// Largest message of a client.
    #[arg(long, default_value_t = 1_000_000)]
    max_payload_bytes: usize,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let flags = Flags::parse();
    let endpoint: Endpoint = if flags.engine {
        EngineIo::builder(Echo)
            .config(config(&flags, "/engine.io"))
            .build()
            .into()
    } else {
        socket_io(config(&flags, "/socket.io")).into()
    };
    // `localhost` is either address, and clients try them in an order of their own.
    let ipv4 = TcpListener::bind((Ipv4Addr::LOCALHOST, flags.port)).await?;
    let port = ipv4.local_addr()?.port();
    let ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await;
    println!("listening on http://localhost:{port}");
    let forever = std::future::pending;
    match ipv6 {
        Ok(ipv6) => tokio::try_join!(
            listen::serve(ipv4, endpoint.clone(), listen::NotFound, forever()),
            listen::serve(ipv6, endpoint, listen::NotFound, forever()),
        )
        .map(|_| ()),
        Err(error) => {
            println!("without IPv6: {error}");
            listen::serve(ipv4, endpoint, listen::NotFound, forever()).await
        }
    }
}

fn config(flags: &Flags, path: &str) -> Config {
    Config {
        path: path.to_owned(),
        ping_interval: Duration::from_millis(flags.ping_interval_ms),
        ping_timeout: Duration::from_millis(flags.ping_timeout_ms),
        upgrade_timeout: Duration::from_millis(flags.upgrade_timeout_ms),
        connect_timeout: Duration::from_millis(flags.connect_timeout_ms),
        max_payload_bytes: flags.max_payload_bytes,
        ..Config::default()
    }
}

fn socket_io(config: Config) -> SocketIo {
    let config = Config {
        // One of the suites also runs in a browser, from a page of its own.
        cors: Some(Origins::Any.into()),
        ..config
    };
    let io = SocketIo::builder().config(config).build();
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
    io
}

struct Echo;

impl Application for Echo {
    fn open(&self, session: Session) -> Box<dyn Client> {
        Box::new(EchoClient(session))
    }
}

struct EchoClient(Session);

impl Client for EchoClient {
    fn on_message(&mut self, message: Message<'_>) {
        let _ = self.0.send(message);
    }
}
