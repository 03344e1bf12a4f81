//! What can go wrong for a client, one small enum per operation.
//!
//! They are not those of the server side: there a full outbox closes the connection of a slow peer, here it refuses
//! the emit, and the caller decides.

use std::io;

use serde_json::Value;
use thiserror::Error;

use crate::reason::DisconnectReason;

/// Why a connection was not opened, or a namespace not joined.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The URL is none of `http://host:port` and `ws://host:port`.
    #[error("cannot use the URL {url:?}: {problem}")]
    Url {
        /// The URL as it was given.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The URL asks for TLS. Put a proxy that speaks TLS before the client, or use `http://`.
    #[error("TLS is not built into this client; use http:// or ws://")]
    Tls,
    /// The network refused or broke the connection.
    #[error("cannot reach the server: {0}")]
    Io(#[from] io::Error),
    /// The server did not answer within [`ClientConfig::connect_timeout`](super::ClientConfig::connect_timeout).
    #[error("the server did not answer in time")]
    Timeout,
    /// The server answered the handshake with an HTTP error: wrong path, full, or no Engine.IO server.
    #[error("the server refused the connection with HTTP status {status}")]
    Refused {
        /// Status code of the answer.
        status: u16,
    },
    /// The server does not speak Engine.IO v4 over WebSocket.
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
    /// The authentication is neither an object nor `null`.
    #[error("the authentication must be a JSON object or null")]
    Auth,
    /// This connection has joined the namespace, or is about to.
    #[error("the namespace is joined already")]
    AlreadyJoined,
    /// CONNECT was not sent, because it is too large or the outbox is full.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The connection ended, or the socket was disconnected, before the server answered.
    #[error("disconnected before the namespace was joined: {0}")]
    Disconnected(DisconnectReason),
}

/// Why an event was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The socket is not connected: not yet, or not any more.
    #[error("the socket is not connected")]
    Disconnected,
    /// The server takes its bytes slower than they are emitted, and the outbox is full. Nothing of the packet was
    /// sent; emit again later, or drop it.
    #[error("the outbox is full")]
    Full,
    /// The encoded packet is larger than the outbox, or a message of it larger than the server accepts.
    #[error("the packet is too large")]
    TooLarge,
    /// An argument is not valid JSON, e.g. a map whose keys are no strings.
    #[error("an argument cannot be encoded: {0}")]
    Encode(String),
    /// The event name is one of those which the protocol keeps for itself, such as `connect`.
    #[error("the event name is reserved")]
    ReservedName,
    /// More attachments than any peer accepts in one packet.
    #[error("too many binary attachments in one packet")]
    TooManyAttachments,
}

impl From<crate::error::EmitError> for EmitError {
    fn from(error: crate::error::EmitError) -> Self {
        match error {
            crate::error::EmitError::Disconnected => Self::Disconnected,
            crate::error::EmitError::TooLarge => Self::TooLarge,
            crate::error::EmitError::Encode(problem) => Self::Encode(problem),
            crate::error::EmitError::ReservedName => Self::ReservedName,
            crate::error::EmitError::TooManyAttachments => Self::TooManyAttachments,
        }
    }
}

/// Why no acknowledgement arrived.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AckError {
    /// The server did not answer in time. A later answer is ignored.
    #[error("no acknowledgement in time")]
    Timeout,
    /// The socket was disconnected before the server answered.
    #[error("the socket was disconnected before the server acknowledged")]
    Disconnected,
    /// Too many acknowledgements of this socket are pending already.
    #[error("too many pending acknowledgements")]
    TooManyPending,
    /// The event was not sent.
    #[error(transparent)]
    Emit(#[from] EmitError),
}
