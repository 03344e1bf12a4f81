//! What is kept of a socket whose connection broke, so that its client may be the same socket again.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::handshake::random_id;
use crate::outbound::Packet;

/// The private id of a session: whoever knows it can be that socket. So it is never logged, and handlers do not see it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pid(String);

impl Pid {
    /// A fresh one: 20 random characters.
    pub(crate) fn random() -> Self {
        Self(random_id())
    }

    /// What a client says its private id is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for those who store it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pid(…)")
    }
}

/// A session without its connection. It travels between nodes, and to whatever stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its private id.
    pub pid: Pid,
    /// The public id of the socket.
    pub id: String,
    /// Its rooms, its own first.
    pub rooms: Vec<String>,
    /// A snapshot of what the application kept with it.
    pub data: Value,
    /// Offset of the first event that was sent to it, and of the last; whether they arrived only the client knows.
    pub sent: Option<(String, String)>,
    /// The newest event when it left, see [`Adapter::position`](crate::adapter::Adapter::position): whoever has seen all
    /// that was sent to it may have missed what is behind this.
    pub position: String,
}

/// An event that a client has missed.
#[derive(Clone, Debug)]
pub struct Missed {
    /// The event.
    pub packet: Arc<Packet>,
    /// Its offset.
    pub offset: Arc<str>,
}
