//! What becomes of the connection of a client, for those who want to know.

use super::error::ClientError;
use crate::engine::config::Transport;
use crate::reason::DisconnectReason;

/// What has happened to the connection of a client, see [`Client::on_connection_event`](super::Client::on_connection_event).
/// Sockets have handlers of their own; this is about the connection below them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConnectionEvent {
    /// The first connection is open, or one that was asked for after the client had closed.
    Opened {
        /// How it is connected; it may move to WebSocket later.
        transport: Transport,
    },
    /// The session has moved from polling to WebSocket.
    Upgraded,
    /// The connection is over.
    Closed {
        /// Why.
        reason: DisconnectReason,
        /// Whether it will be opened again.
        reconnects: bool,
    },
    /// A connection could not be opened: the first one, or an attempt to open a lost one again.
    ConnectFailed {
        /// Why not.
        error: ClientError,
    },
    /// A lost connection is tried again.
    ReconnectAttempt {
        /// Number of the attempt since the connection was lost, from 1.
        attempt: u32,
    },
    /// A lost connection is open again.
    Reconnected {
        /// Number of the attempt that succeeded.
        attempt: u32,
        /// How it is connected.
        transport: Transport,
    },
    /// All attempts have failed, and the client has given up.
    ReconnectFailed,
}

pub(super) type Observer = dyn Fn(&ConnectionEvent) + Send + Sync;
