//! The control messages: everything that is neither an input nor a snapshot, and the names of the Socket.IO events.
//!
//! | event | from | bytes | answer |
//! |---|---|---|---|
//! | [`EVENT_MESSAGE`] | client | [`ClientMessage`] | acknowledged with a [`ServerMessage`] |
//! | [`EVENT_MESSAGE`] | server | [`ServerMessage`] | none |
//! | [`EVENT_INPUT`] | client | `input.rs` | none |
//! | [`EVENT_SNAPSHOT`] | server | `snapshot.rs` | none |
//! | [`EVENT_PING`] | client | no argument | acknowledged at once, without argument |
//!
//! Messages have no `u64`, `i64`, `f64` or map, so that the TypeScript mirror is exact. Adding a variant at the end
//! keeps old bytes readable; anything else needs a new [`PROTOCOL_VERSION`].

use serde::{Deserialize, Serialize};

use crate::ids::{EntityId, MatchId, PlayerId};
use crate::tick::Tick;

/// Version of everything on the wire above Socket.IO. A client with another one is told to reload.
pub const PROTOCOL_VERSION: u16 = 1;

/// Event that carries a control message.
pub const EVENT_MESSAGE: &str = "message";

/// Event that carries inputs.
pub const EVENT_INPUT: &str = "input";

/// Event that carries a snapshot.
pub const EVENT_SNAPSHOT: &str = "snapshot";

/// Event a client sends to measure the round trip.
pub const EVENT_PING: &str = "ping";

/// From a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage {
    /// Asks for a place in a match. Answered with [`ServerMessage::Joined`] or [`ServerMessage::Refused`].
    Join {
        /// [`PROTOCOL_VERSION`] of the client.
        protocol: u16,
        /// The name wished for, checked by `name.rs`.
        name: String,
    },
    /// Gives the place back and stays connected. Answered with [`ServerMessage::Left`].
    Leave,
}

/// From the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerMessage {
    /// The place is taken; snapshots follow.
    Joined(Joined),
    /// No place, and why.
    Refused(Refusal),
    /// The place is given back.
    Left,
    /// Somebody else came.
    PlayerJoined(RosterEntry),
    /// Somebody else went.
    PlayerLeft {
        /// Who.
        player: PlayerId,
    },
    /// The match is over for everybody; join again to play on.
    MatchEnded {
        /// Why.
        reason: MatchEnd,
    },
    /// The server is shutting down; the connection closes next.
    ServerClosing,
}

/// What a client needs to know to play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The match.
    pub match_id: MatchId,
    /// The place in it.
    pub player: PlayerId,
    /// What the player steers.
    pub entity: EntityId,
    /// The tick the match had reached.
    pub tick: Tick,
    /// Ticks a second, Hz.
    pub tick_hz: u16,
    /// Ticks from one snapshot to the next.
    pub snapshot_interval_ticks: u8,
    /// Everybody in the match, the receiver included.
    pub roster: Vec<RosterEntry>,
    /// What the game itself tells a new player, at most `SETUP_BYTES_MAX` bytes; the arena's is its map.
    pub setup: Vec<u8>,
}

/// One participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    /// Who.
    pub player: PlayerId,
    /// What that player steers.
    pub entity: EntityId,
    /// True for a player the server plays itself.
    pub bot: bool,
    /// To be shown as text, never as markup.
    pub name: String,
}

/// Why a join is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The client speaks another version: it should load the page anew.
    ProtocolMismatch {
        /// [`PROTOCOL_VERSION`] of the server.
        server: u16,
    },
    /// The name is empty, too long or unprintable.
    NameInvalid,
    /// This socket has a place already.
    AlreadyJoined,
    /// All places of the server are taken.
    ServerFull,
    /// The server cannot take the request right now; try again in a moment.
    Busy,
    /// The server is shutting down.
    ServerClosing,
}

/// Why a match ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatchEnd {
    /// The rules of the game failed; only this match is affected.
    Crashed,
    /// The server closed it.
    Closed,
}
