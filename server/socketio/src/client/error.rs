//! Why a connection was not opened, or a namespace not joined. The errors of emitting are those of the server side.

use std::io;
use std::sync::Arc;

use serde_json::Value;
use thiserror::Error;

use crate::error::{ConfigError, EmitError};
use crate::reason::DisconnectReason;

/// Why a connection was not opened, or a namespace not joined.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The URL is none of `http://host:port`, `https://…`, `ws://…` and `wss://…`, or the path of the server is none.
    #[error("cannot use the URL {url:?}: {problem}")]
    Url {
        /// The URL as it was given.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The server is not who it should be, or does not speak TLS. Trust its certification authority by
    /// [`Tls::with_roots`](super::Tls::with_roots) if it is one of yours.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// The network refused or broke the connection.
    #[error("cannot reach the server: {0}")]
    Io(Arc<io::Error>),
    /// The server did not answer within [`ClientConfig::connect_timeout`](super::ClientConfig::connect_timeout).
    #[error("the server did not answer in time")]
    Timeout,
    /// The server answered the handshake with an HTTP error: wrong path, full, forbidden, or no Engine.IO server.
    #[error("the server refused the connection with HTTP status {status}: {message}")]
    Refused {
        /// Status code of the answer.
        status: u16,
        /// What the server says, e.g. `Transport unknown`; cut to 200 bytes, empty if it says nothing.
        message: String,
    },
    /// The server does not speak Engine.IO v4.
    #[error("the server does not speak the protocol: {0}")]
    Protocol(String),
    /// The server refused the namespace; the connection stays open.
    #[error("the server refused the namespace: {message}")]
    ConnectRefused {
        /// What the server says, e.g. `Invalid namespace`.
        message: String,
        /// What its middleware added; `null` if nothing.
        data: Value,
    },
    /// No packet can carry this namespace: its name holds a comma or is longer than 256 bytes.
    #[error("the name of the namespace cannot be sent")]
    Namespace,
    /// The authentication is neither an object nor `null`, or its function panicked.
    #[error("the authentication must be a JSON object or null")]
    Auth,
    /// A setting makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server has other compact events than [`ClientConfig::compact_events`](super::ClientConfig::compact_events),
    /// or another parser.
    #[error("the server's compact events are not ours")]
    CompactEvents,
    /// CONNECT was not sent, because it is too large or the outbox is full.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The connection was lost, and all attempts to open it again have failed.
    #[error("the connection was lost and could not be opened again")]
    GivenUp,
    /// The connection ended, or the socket was disconnected, before the server answered.
    #[error("disconnected before the namespace was joined: {0}")]
    Disconnected(DisconnectReason),
}

impl From<io::Error> for ClientError {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}
