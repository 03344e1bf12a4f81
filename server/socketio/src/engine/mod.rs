//! Engine.IO v4: sessions over transports, heartbeats, and what HTTP answers.
//!
//! The session is a state machine without I/O ([`session`]); a transport driver ([`polling`], [`websocket`]) reads,
//! hands in, polls out and sets the timer, one of [`timers`]. The layer above is reached through the traits of [`application`], so nothing here
//! knows Socket.IO.

pub(crate) mod application;
pub(crate) mod bundle;
pub(crate) mod compression;
pub(crate) mod config;
pub(crate) mod conversation;
pub(crate) mod cookie;
pub(crate) mod cors;
pub(crate) mod door;
pub(crate) mod exchange;
pub(crate) mod frame;
pub(crate) mod frames;
pub(crate) mod half;
pub(crate) mod handshake;
pub(crate) mod hooks;
pub(crate) mod http;
pub(crate) mod messages;
pub(crate) mod packet;
pub(crate) mod payload;
pub(crate) mod polling;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod routing;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod timers;
pub(crate) mod upgrade;
pub(crate) mod websocket;
