//! Every setting of a client, with its unit, default, and what more or less of it costs.

use std::time::Duration;

use http::HeaderMap;

use super::backoff::Reconnection;
use super::tls::Tls;
use crate::engine::config::{Parser, Transport};
use crate::error::ConfigError;
use crate::parser::{Codec, CompactEvents};

/// Settings of a [`Client`](super::Client). The defaults are those of the JavaScript client where it has the setting,
/// except that WebSocket is tried first.
///
/// ```
/// use socketio::client::{ClientConfig, Reconnection};
///
/// let once = ClientConfig {
///     reconnection: None,
///     ..ClientConfig::default()
/// };
/// let patient = ClientConfig {
///     reconnection: Some(Reconnection { retry_first: true, ..Reconnection::default() }),
///     ..ClientConfig::default()
/// };
/// assert!(once.reconnection.is_none() && patient.reconnection.is_some());
/// ```
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Path prefix of the server, without a slash at the end; `/socket.io`.
    pub path: String,
    /// What to connect by, in the order in which it is tried: WebSocket, then polling. A transport that fails hands on to
    /// the next. With polling first a session starts where every proxy lets it, and moves to WebSocket later.
    pub transports: Vec<Transport>,
    /// Whether a session that polls moves to WebSocket, if the server offers it and `transports` has it; yes.
    pub upgrade: bool,
    /// How packets become messages; the default parser. A server must speak the same: ours is told by `parser=…` in the
    /// query, which it must allow, and others must be set to it.
    pub parser: Parser,
    /// Names of the events that the compact parser abbreviates, in the order in which the server has them; none.
    pub compact_events: Vec<String>,
    /// Headers sent with every request, among them those of the WebSocket handshake; none.
    pub headers: HeaderMap,
    /// Whom to trust over TLS; the public certification authorities.
    pub tls: Tls,
    /// How a lost connection is opened again; as the JavaScript client does. `None` leaves that to the application.
    pub reconnection: Option<Reconnection>,
    /// What is emitted while a socket waits for its connection.
    pub offline: OfflineBuffer,
    /// Time to open a connection by one transport, to move to WebSocket, and to join a namespace, each; 20 s. Shorter
    /// gives up on slow servers sooner.
    pub connect_timeout: Duration,
    /// Time the server may take to answer an event that asks for it; 5 s, as on the server.
    /// [`ClientSocket::timeout`](super::ClientSocket::timeout) says otherwise for one emit.
    pub ack_timeout: Duration,
    /// Largest message a server may send, in bytes; 4 MiB, which is the largest packet our own server lets out by
    /// default. Also bounds the answer to one poll, and all attachments of one packet together. It is memory that a
    /// server can make us hold.
    pub max_payload_bytes: usize,
    /// Bytes that may wait for a slow server; 1 MiB. Less refuses an emit sooner, more holds memory. One packet
    /// must fit.
    pub outbox_bytes_max: usize,
    /// Packets of one socket that may wait for its asynchronous handlers; 256. More forgives longer stalls of a handler
    /// and holds more memory. Above it the connection is closed with `handler backlog`.
    pub handler_queue_packets_max: usize,
    /// Bytes of those packets; 1 MiB.
    pub handler_queue_bytes_max: usize,
    /// Time all attachments of a packet may take after its header; 10 s.
    pub attachments_timeout: Duration,
    /// Acknowledgements the server may owe one socket; 1 024.
    pub pending_acks_max: usize,
    /// Time a closing connection may take to flush, and again to see the server close; 1 s.
    pub close_timeout: Duration,
    /// Read buffer of one WebSocket, in bytes; 4 KiB. More costs memory for each connection, less costs more reads
    /// for large messages.
    pub read_buffer_bytes: usize,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            path: "/socket.io".to_owned(),
            transports: vec![Transport::WebSocket, Transport::Polling],
            upgrade: true,
            parser: Parser::Default,
            compact_events: Vec::new(),
            headers: HeaderMap::new(),
            tls: Tls::default(),
            reconnection: Some(Reconnection::default()),
            offline: OfflineBuffer::default(),
            connect_timeout: Duration::from_secs(20),
            ack_timeout: Duration::from_secs(5),
            max_payload_bytes: 4 * 1024 * 1024,
            outbox_bytes_max: 1024 * 1024,
            handler_queue_packets_max: 256,
            handler_queue_bytes_max: 1024 * 1024,
            attachments_timeout: Duration::from_secs(10),
            pending_acks_max: 1024,
            close_timeout: Duration::from_secs(1),
            read_buffer_bytes: 4096,
        }
    }
}

impl ClientConfig {
    /// Checks what the rest of the client relies on.
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let rules = [
            (!self.transports.is_empty(), "transports", "must not be empty"),
            (
                self.handler_queue_packets_max > 0,
                "handler_queue_packets_max",
                "must not be zero",
            ),
            (
                self.read_buffer_bytes >= 64,
                "read_buffer_bytes",
                "must be at least 64",
            ),
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, field, problem)) => Err(ConfigError { field, problem }),
            None => Ok(()),
        }
    }

    pub(super) fn codec(&self) -> Result<Codec, ConfigError> {
        Ok(match self.parser {
            Parser::Default => Codec::Default,
            Parser::Msgpack => Codec::Msgpack,
            Parser::Compact => Codec::Compact(CompactEvents::new(&self.compact_events)?.into()),
        })
    }
}

/// What a socket keeps that is emitted while it is connecting or reconnecting; it leaves, in order, once the namespace is
/// joined. A socket that does not try to be connected keeps nothing: it refuses with
/// [`EmitError::Disconnected`](crate::EmitError::Disconnected).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfflineBuffer {
    /// Packets of one socket; 1 024. With 0 nothing is kept, and the emit is refused as that of a socket which is not
    /// connected. More lets a longer outage pass unnoticed and sends more of the past after it.
    pub packets_max: usize,
    /// Bytes of those packets; 1 MiB.
    pub bytes_max: usize,
    /// What happens when it is full; the emit is refused.
    pub when_full: WhenFull,
}

/// What happens to an emit that finds its buffer full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It is refused with [`EmitError::Full`](crate::EmitError::Full); counted in
    /// [`Stats::offline_refused`](crate::Stats::offline_refused).
    Refuse,
    /// The oldest packets make room for it; counted in [`Stats::offline_dropped`](crate::Stats::offline_dropped).
    DropOldest,
}

impl Default for OfflineBuffer {
    fn default() -> Self {
        Self {
            packets_max: 1024,
            bytes_max: 1024 * 1024,
            when_full: WhenFull::Refuse,
        }
    }
}

/// Length of the name of a namespace, in bytes, as our server bounds it by default.
pub(super) const NAMESPACE_BYTES_MAX: usize = 256;

/// Attachments of one packet, as the reference accepts them.
pub(super) const ATTACHMENTS_MAX: usize = 10;
