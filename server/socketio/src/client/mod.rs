//! A Socket.IO client: for programs that talk to a server, headless players, and tests.
//!
//! ```no_run
//! use socketio::client::{Client, ClientConfig};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("http://localhost:3000", ClientConfig::default())?;
//! let socket = client.namespace("/");
//! socket.on("greeting", |event| async move { println!("{:?}", event.args.json(0)) });
//! socket.connect().await?;
//! socket.emit("hello", "world")?;
//! client.closed().await;
//! # Ok(())
//! # }
//! ```
//!
//! A [`Client`] is what the JavaScript client calls a Manager: one connection and what keeps it open. A [`ClientSocket`] is
//! one namespace over it, and lives on from connection to connection.
//!
//! One walk: `entry` and `socket` are the handles; what they share is a `link`. Its one task (`lifetime`) opens a session
//! (`open`, by WebSocket or polling over `http`) and serves it (`driver`), which reads, hands packets (`connection`) to the
//! seats of namespaces (`seat`), watches the server's pings, and perhaps moves to WebSocket (`upgrade`). The way out is
//! that of the server: whoever emits encodes and, over WebSocket, writes (`sending`, `outbox`) on its own thread.
//!
//! Packets, parser, arguments, listeners and errors of emitting are those of the server side. Nothing a server sends is
//! trusted more than what a client sends: everything is bounded by [`ClientConfig`], and a malformed packet ends the
//! connection with `parse error`.
//!
//! The modules stand in order of dependency; only those from `link` to `lifetime`, which are one machine, know each other.

mod backoff;

mod error;

mod tls;

mod config;

mod url;

mod cookies;

mod dial;

mod http;

mod handshake;

mod masked;

mod outbox;

mod polling;

mod websocket;

mod upgrade;

mod observer;

mod offline;

mod auth;

mod link;

mod seat;

mod sending;

mod hearing;

mod socket;

mod emission;

mod listening;

mod connection;

mod open;

mod driver;

mod lifetime;

mod entry;

pub use backoff::Reconnection;
pub use config::{ClientConfig, OfflineBuffer, WhenFull};
pub use emission::Emission;
pub use entry::Client;
pub use error::ClientError;
pub use observer::ConnectionEvent;
pub use socket::ClientSocket;
pub use tls::Tls;
