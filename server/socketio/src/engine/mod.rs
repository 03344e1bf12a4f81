//! Engine.IO v4: sessions over transports, heartbeats, and what HTTP answers.
//!
//! The session is a state machine without I/O ([`session`]); a transport driver ([`websocket`]) reads, hands in,
//! polls out and sets the timer. The layer above is reached through the traits of [`application`], so nothing here
//! knows Socket.IO.

pub(crate) mod application;
pub(crate) mod config;
pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod http;
pub(crate) mod packet;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod websocket;
