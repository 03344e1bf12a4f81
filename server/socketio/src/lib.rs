//! Engine.IO v4 and Socket.IO v5: a server, and in [`client`] a client.
//!
//! ```no_run
//! use serde::Deserialize;
//! use socketio::{SocketIo, listen};
//! use tokio::net::TcpListener;
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     item: String,
//!     count: u32,
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     let io = SocketIo::builder().build();
//!     io.of("/").on_connection(|socket| {
//!         // Whatever the client sends, in order of arrival, to everybody else.
//!         socket.on("say", |event| async move {
//!             event.socket.broadcast().emit("said", event.args);
//!         });
//!         // Arguments of a type; what the handler returns is the acknowledgement.
//!         socket.on_request("order", |socket, order: Order| async move {
//!             socket.join("kitchen").map_err(|error| error.to_string())?;
//!             Ok::<_, String>(format!("{} × {}", order.count, order.item))
//!         });
//!         socket.on_disconnect(|socket, reason| println!("{} left: {reason}", socket.id()));
//!     });
//!     let listener = TcpListener::bind("127.0.0.1:3000").await?;
//!     listen::serve(listener, io, listen::NotFound, std::future::pending()).await
//! }
//! ```
//!
//! Which way an event goes to a handler is the handler's choice:
//!
//! | listener | arguments | when it runs |
//! |---|---|---|
//! | [`Socket::on`], [`Socket::once`] | [`Args`] | in order of arrival, each when the one before has finished |
//! | [`Socket::on_typed`], [`Socket::on_request`] | a type of the application | the same |
//! | [`Socket::on_concurrent`] | [`Args`] | at once, beside all others |
//! | [`Socket::on_sync`] | borrowed | in place on the read task: nothing is allocated, and nothing may block |
//! | [`Socket::on_any`], [`Socket::on_any_outgoing`] | borrowed | before all others; for every event, in and out |
//!
//! Acknowledgements of the client never wait behind handlers, so that a handler may await [`Socket::emit_with_ack`]. A
//! panic in a handler ends there: it is counted, logged, and told to [`Socket::on_error`].
//!
//! One walk through the crate: [`listen`] accepts, `engine` turns requests into sessions and frames into messages,
//! `connection` turns messages into packets and hands them to a [`Socket`]'s handlers. The way back is short:
//! whoever emits encodes (`parser`) and writes (`outbox`) on its own thread.
//!
//! Everything a peer can make the server hold is bounded by [`Config`], and everything that is refused is counted in
//! [`Stats`]. The crate knows no game.
//!
//! Answers to polls and the client's files are compressed for clients that take it. WebSocket messages are not:
//! permessage-deflate is left out. What a game sends at a high rate are deltas of some tens of bytes, already packed, which
//! grow under deflate; each connection would hold a window of tens of kilobytes; a broadcast could not be encoded once
//! for all; and it lets a peer send bombs. Clients offer it and go on without, as its negotiation provides.
//!
//! The modules stand in order of dependency: a later one uses earlier ones.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on fails"))]

mod stats;

mod reason;

mod error;

mod guard;

mod patience;

mod stream;

mod piece;

mod byte_queue;

mod outbox;

mod recovery;

mod engine;

mod endpoint;

mod mount;

pub mod listen;

pub mod engine_io;

mod msgpack;

mod args;

mod packet;

mod parser;

mod attachments;

mod ack;

mod handshake;

mod selection;

mod outbound;

mod kept;

mod seat;

mod live;

mod restored;

mod room_events;

mod rooms;

mod broadcast_acks;

mod server_side;

mod local;

pub mod adapter;

mod away;

mod scope;

mod broadcast;

mod handlers;

mod incoming;

mod listeners;

mod hooks;

mod mailbox;

mod data;

mod extensions;

mod socket;

mod pressure;

mod emission;

mod event;

mod callbacks;

mod listening;

mod typed;

mod dispatch;

mod entrance;

mod namespace;

mod namespace_pattern;

mod dynamic;

mod namespaces;

mod searching;

mod admission;

mod connection;

mod server;

pub mod client;

pub mod contract;

pub mod guide;

#[doc(hidden)]
pub mod fuzzing;

pub use ack::Ack;
pub use args::{Arg, Args, ArgsRef, ArgsWriter, Json, JsonArg, ToArg, ToArgs};
pub use broadcast::{Broadcast, RemoteSocket};
pub use broadcast_acks::BroadcastError;
pub use data::SocketData;
pub use dynamic::{DynamicBroadcast, DynamicNamespace};
pub use emission::Emission;
pub use endpoint::Endpoint;
pub use engine::bundle::{BundleFile, ClientBundle};
pub use engine::compression::HttpCompression;
pub use engine::config::{Config, Parser, Transport};
pub use engine::cookie::{Cookie, SameSite};
pub use engine::cors::{Cors, Origins};
pub use engine::handshake::Query;
pub use engine::hooks::{Hooks, Passage, Stop};
pub use engine::refusal::Refusal;
pub use engine::request::RequestHead;
pub use error::{
    AckError, AdapterError, ArgsError, ConfigError, ConnectError, EmitError, EventError, JoinError,
    MailboxError, PatternError,
};
pub use event::{Event, EventRef};
pub use extensions::Extensions;
pub use handshake::Handshake;
pub use listeners::ListenerId;
pub use mailbox::{Mailbox, Previous};
pub use mount::{MountLayer, Mounted};
pub use namespace::Namespace;
pub use namespace_pattern::NamespacePattern;
pub use outbox::{Emitted, OutboxPolicy, Pressure};
pub use pressure::Cork;
pub use reason::DisconnectReason;
pub use recovery::Recovery;
pub use room_events::RoomEvent;
pub use selection::RoomList;
pub use server::{SocketIo, SocketIoBuilder};
pub use server_side::{ServerSideAck, ServerSideEvent};
pub use socket::Socket;
pub use stats::Stats;
