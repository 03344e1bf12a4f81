//! Why a connection was not opened, or a namespace not joined. The errors of emitting are those of the server side.

use std::io;

use serde_json::Value;
use thiserror::Error;

use crate::error::EmitError;
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
