//! Engine.IO v4 and Socket.IO v5: a server, and in [`client`] a client.
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
pub use outbox::{Emitted, OutboxPolicy};
pub use pressure::Cork;
pub use reason::DisconnectReason;
pub use recovery::Recovery;
pub use room_events::RoomEvent;
pub use selection::RoomList;
pub use server::{SocketIo, SocketIoBuilder};
pub use server_side::{ServerSideAck, ServerSideEvent};
pub use socket::Socket;
pub use stats::Stats;
