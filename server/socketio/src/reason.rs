//! Why a socket or a connection ended, in the words of the reference implementation.

use std::fmt;

/// Why a socket was disconnected. The strings are those a Socket.IO user knows from the Node server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The stream broke, or the peer violated the WebSocket protocol or the payload bound.
    TransportError,
    /// The peer closed the stream.
    TransportClose,
    /// The Engine.IO session was closed by this server.
    ForcedClose,
    /// The peer did not answer a ping in time.
    PingTimeout,
    /// The peer sent a packet that no client may send.
    ParseError,
    /// The whole server is going away.
    ServerShuttingDown,
    /// This server closed the connection, e.g. because no namespace was joined in time.
    ForcedServerClose,
    /// The client left the namespace.
    ClientNamespaceDisconnect,
    /// The server disconnected the socket.
    ServerNamespaceDisconnect,
    /// The peer took its bytes slower than they were sent and the outbox was full.
    SlowConsumer,
    /// The handlers of one socket fell behind its packets.
    HandlerBacklog,
    /// A reason of the application for a client that may come back.
    TryAgain(&'static str),
    /// A reason of the application.
    Other(&'static str),
}

impl DisconnectReason {
    /// Whether a client whose socket ended so may come back as the same socket: nobody wanted it to end.
    pub(crate) fn keeps_session(self) -> bool {
        matches!(
            self,
            Self::TransportError
                | Self::TransportClose
                | Self::ForcedClose
                | Self::PingTimeout
                | Self::ServerShuttingDown
                | Self::ForcedServerClose
                | Self::TryAgain(_)
        )
    }

    /// The reason as the reference spells it; used in logs and as label of metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TransportError => "transport error",
            Self::TransportClose => "transport close",
            Self::ForcedClose => "forced close",
            Self::PingTimeout => "ping timeout",
            Self::ParseError => "parse error",
            Self::ServerShuttingDown => "server shutting down",
            Self::ForcedServerClose => "forced server close",
            Self::ClientNamespaceDisconnect => "client namespace disconnect",
            Self::ServerNamespaceDisconnect => "server namespace disconnect",
            Self::SlowConsumer => "slow consumer",
            Self::HandlerBacklog => "handler backlog",
            Self::TryAgain(reason) | Self::Other(reason) => reason,
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
