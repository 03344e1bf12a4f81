//! The control messages: everything that is neither an input nor a snapshot, and the names of the Socket.IO events.
//!
//! A client first asks for a seat in the namespace [`LOBBY`], and gets a token. With it (`{"token": "…"}` as the auth
//! payload) it connects to the namespace [`GAME`], where the match is: there the first message is
//! [`ServerMessage::Joined`], and a client that comes back within [`SEAT_HELD_S`] seconds has the same place again.
//! A viewer gets a token as well, and [`ServerMessage::Watching`]; it sees a match and is nobody in it. A viewer of a recording
//! gets [`ServerMessage::Replaying`] instead, and again each time it has steered.
//!
//! | namespace | event | from | bytes | answer |
//! |---|---|---|---|---|
//! | lobby | [`EVENT_MESSAGE`] | client | [`LobbyRequest`] | acknowledged with a [`LobbyReply`] |
//! | game | [`EVENT_MESSAGE`] | server | [`ServerMessage`] | none |
//! | game | [`EVENT_LEAVE`] | client | no argument | acknowledged without argument; the place is free |
//! | game | [`EVENT_INPUT`] | player | `input.rs` | none |
//! | game | [`EVENT_LOOK`] | viewer | `look.rs` | none |
//! | game | [`EVENT_STEER`] | viewer of a recording | `steer.rs` | a [`ServerMessage::Replaying`] when it is there |
//! | game | [`EVENT_SNAPSHOT`] | server | `snapshot.rs` | none |
//! | game | [`EVENT_PING`] | client | none, or a byte of `presence.rs` as a number | acknowledged at once, with what a tick of the match costs the server, µs, how many it has dropped, and, if the client said a byte, the bytes of all |
//!
//! Messages have no `u64`, `i64`, `f64` or map, so that the TypeScript mirror is exact. Adding a variant at the end
//! keeps old bytes readable; anything else needs another [`PROTOCOL_VERSION`] than that of the last release. The number changes once
//! between two releases: what lies between them is served with its own page.

use serde::{Deserialize, Serialize};

use crate::ids::{EntityId, MatchId, PlayerId};
use crate::match_code::MatchCode;
use crate::tick::Tick;

/// Version of everything on the wire above Socket.IO. A client with another one is told to reload.
pub const PROTOCOL_VERSION: u16 = 4;

/// Namespace where matches are listed and seats are given.
pub const LOBBY: &str = "/lobby";

/// Namespace where the game is played.
pub const GAME: &str = "/";

/// Event that carries a control message.
pub const EVENT_MESSAGE: &str = "message";

/// Event a client sends to give its place back.
pub const EVENT_LEAVE: &str = "leave";

/// Event that carries inputs.
pub const EVENT_INPUT: &str = "input";

/// Event that carries what a viewer looks at.
pub const EVENT_LOOK: &str = "look";

/// Event that carries how a recording is to go on.
pub const EVENT_STEER: &str = "steer";

/// Event that carries a snapshot.
pub const EVENT_SNAPSHOT: &str = "snapshot";

/// Events that the compact parser of Socket.IO sends as one binary frame: a byte that is the index in this list, then the
/// argument. Clients and server must have the same list.
pub const COMPACT_EVENTS: [&str; 4] = [EVENT_INPUT, EVENT_SNAPSHOT, EVENT_MESSAGE, EVENT_LOOK];

/// Event a client sends to measure the round trip. With it, it says what the last one was, and is told those of the others.
pub const EVENT_PING: &str = "ping";

/// Seconds that a seat is held for a player whose connection broke.
pub const SEAT_HELD_S: u16 = 30;

/// From a client in the lobby.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LobbyRequest {
    /// Asks what is played. Answered with [`LobbyReply::Matches`].
    List,
    /// Asks for a seat. Answered with [`LobbyReply::Seat`] or [`LobbyReply::Refused`].
    Join {
        /// [`PROTOCOL_VERSION`] of the client.
        protocol: u16,
        /// The name wished for, checked by `name.rs`.
        name: String,
        /// Where.
        choice: MatchChoice,
    },
    /// Asks to see a match without playing. Answered with [`LobbyReply::Seat`] or [`LobbyReply::Refused`].
    Watch {
        /// [`PROTOCOL_VERSION`] of the client.
        protocol: u16,
        /// Which; `None` for the one with the most people.
        match_id: Option<MatchId>,
    },
    /// Asks which recordings can be watched. Answered with [`LobbyReply::Replays`] or [`LobbyReply::Refused`].
    Replays,
    /// Asks to see a recorded match. Answered with [`LobbyReply::Seat`] or [`LobbyReply::Refused`].
    Replay {
        /// [`PROTOCOL_VERSION`] of the client.
        protocol: u16,
        /// Of the recording, as in the list.
        name: String,
        /// The moment to begin with; one behind the end is the end.
        tick: Tick,
    },
}

/// Which match a player wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatchChoice {
    /// One with room and people in it, a new one when there is none.
    Any,
    /// A new one.
    New,
    /// This one.
    Id(MatchId),
    /// A new one that is in no list and that nobody comes into by chance; [`Joined::code`] tells the way in.
    Private(Wish),
    /// The private one with this code.
    Code(MatchCode),
}

/// How somebody wants a private match to be played. What is left open is as in the other matches of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// One of [`Offer::modes`].
    pub mode: Option<String>,
    /// One of [`Offer::maps`], for all rounds; none for all of them in turn.
    pub map: Option<String>,
}

/// What a [`Wish`] can name, in the words of the game.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// At most `MODES_OFFERED_MAX`, that of the other matches first.
    pub modes: Vec<String>,
    /// At most `MAPS_OFFERED_MAX`, in the order of the rounds.
    pub maps: Vec<String>,
}

/// From the server in the lobby.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LobbyReply {
    /// What is played.
    Matches {
        /// What everybody may join, oldest first, at most `MATCHES_LISTED_MAX`.
        matches: Vec<MatchEntry>,
        /// What a private match can be like.
        offer: Offer,
    },
    /// A seat, to be taken within [`SEAT_HELD_S`] seconds.
    Seat {
        /// Opens the game's namespace. Secret: whoever has it plays as this player.
        token: String,
    },
    /// No seat, and why.
    Refused(Refusal),
    /// Recordings that can be watched, the newest first, at most `REPLAYS_LISTED_MAX`.
    Replays(Vec<ReplayEntry>),
}

/// One recording of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayEntry {
    /// Names it in a link: letters, digits and hyphens, at most `REPLAY_NAME_BYTES_MAX` bytes.
    pub name: String,
    /// How was played, in a word of the game.
    pub mode: String,
    /// What was played on first, in the words of the game.
    pub map: String,
    /// People who came.
    pub people: u16,
    /// Players up to whom bots joined.
    pub filled_to: u16,
    /// Its length.
    pub ticks: u32,
    /// When it was written, seconds since 1970 in UTC.
    pub written_s: u32,
}

/// One match of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchEntry {
    /// The match.
    pub match_id: MatchId,
    /// How is played, in a word of the game.
    pub mode: String,
    /// What is played on, in the words of the game.
    pub map: String,
    /// In the words of the game.
    pub phase: String,
    /// People in it.
    pub people: u16,
    /// Places for people.
    pub places: u16,
}

/// From the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerMessage {
    /// The seat is taken; snapshots follow.
    Joined(Joined),
    /// Somebody else came.
    PlayerJoined(RosterEntry),
    /// Somebody else went.
    PlayerLeft {
        /// Who.
        player: PlayerId,
    },
    /// The game tells everybody something new to start a round with; the arena's is its next map.
    Setup(Vec<u8>),
    /// Another connection has taken the seat with the same token; this one is closed next and should not come back.
    SeatTaken,
    /// The match is over for everybody; join again to play on.
    MatchEnded {
        /// Why.
        reason: MatchEnd,
    },
    /// The server is shutting down and closes the connection; until then the match goes on.
    ServerClosing {
        /// Seconds until then, 0 when that comes next.
        in_s: u16,
    },
    /// How everybody stands, in the words of the game, at most `SCORES_BYTES_MAX` bytes: a match with many entities tells it
    /// at most once a second and when a phase begins, as no client sees all of them.
    Scores(Vec<u8>),
    /// What a viewer needs to know; snapshots without an own block follow.
    Watching(Watching),
    /// What a viewer of a recording needs to know; snapshots of that moment follow. Told at first and whenever the viewer has
    /// steered, which makes void what was known before.
    Replaying(Replaying),
    /// The recording is on its way to the moment that was asked for.
    Seeking {
        /// As far as it is.
        tick: Tick,
    },
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
    /// How everybody stands, as in [`ServerMessage::Scores`].
    pub scores: Vec<u8>,
    /// With it others come into this match; a match that is not private has none.
    pub code: Option<MatchCode>,
    /// Name of the recording of this match, at most `REPLAY_NAME_BYTES_MAX` bytes; none when there is none any more, or none that is
    /// shown. It can be watched while the match goes on, up to a second ago or so; that of a private match when it is over.
    pub recording: Option<String>,
}

/// What a client needs to know to watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watching {
    /// The match.
    pub match_id: MatchId,
    /// The tick the match had reached.
    pub tick: Tick,
    /// Ticks a second, Hz.
    pub tick_hz: u16,
    /// Ticks from one snapshot to the next.
    pub snapshot_interval_ticks: u8,
    /// Everybody in the match; viewers are not in it.
    pub roster: Vec<RosterEntry>,
    /// As [`Joined::setup`].
    pub setup: Vec<u8>,
    /// As [`Joined::scores`].
    pub scores: Vec<u8>,
}

/// What a client needs to know to watch a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaying {
    /// The match as it is at the moment that is shown.
    pub watching: Watching,
    /// The last tick that is shown.
    pub end_tick: Tick,
    /// Quarters of a tick for each tick of real time, as in `steer.rs`; 0 stands still.
    pub speed_quarters: u8,
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
    /// The match that was chosen has no room.
    MatchFull,
    /// The match that was chosen is over.
    MatchUnknown,
    /// All places of the server are taken.
    ServerFull,
    /// The server cannot take the request right now; try again in a moment.
    Busy,
    /// The server is shutting down.
    ServerClosing,
    /// No private match has the code that was given: it is over, or the code is wrong.
    CodeUnknown,
    /// The server has as many private matches as it allows; there may be room in others.
    PrivateFull,
    /// As many watch the match as may.
    ViewersFull,
    /// This server shows no recordings.
    ReplaysOff,
    /// There is no recording of this name, or there is none any more.
    ReplayUnknown,
    /// As many recordings are being watched as may.
    ReplaysFull,
    /// The recording was made by other rules, or for another game.
    ReplayOutdated,
    /// The file is damaged, or no recording.
    ReplayUnreadable,
    /// The server does not offer the mode that was wished for.
    ModeUnknown,
    /// The server does not offer the map that was wished for.
    MapUnknown,
}

/// Why a match ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatchEnd {
    /// The rules of the game failed; only this match is affected.
    Crashed,
    /// The server closed it.
    Closed,
    /// Played again, the recording became another match than it was: it was made by other rules.
    Diverged,
}
