//! A Socket.IO client: headless players, tests, and any other Rust program that talks to a server.
//!
//! One walk: `connect` opens a WebSocket and reads the open packet, then spawns the one task of the connection
//! (`driver`), which reads, dispatches in place (`connection`) and watches the server's pings. The way out is that of the server:
//! whoever emits encodes (`encode`) and writes (`outbox`) on its own thread.
//!
//! Packets, parser and arguments are those of the server side. Nothing a server sends is trusted more than what a
//! client sends: everything is bounded by [`ClientConfig`], and a malformed packet ends the connection with
//! `parse error`.
//!
//! It speaks WebSocket without TLS. It does not reconnect: when [`Client::closed`] resolves, the caller connects again
//! and joins its namespaces again.
//!
//! The modules stand in order of dependency; only `seat`, `link` and `event` know each other.

mod config;

mod error;

mod url;

mod encode;

mod outbox;

mod handshake;

mod seat;

mod link;

mod event;

mod socket;

mod connection;

mod driver;

mod connect;

pub use config::ClientConfig;
pub use connect::Client;
pub use error::ClientError;
pub use event::{Ack, EventRef};
pub use socket::ClientSocket;
