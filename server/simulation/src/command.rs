//! What enters a match: a closed list of commands in a bounded queue, emptied once in each tick.
//!
//! When the queue is full an input is dropped and counted, and a join, a resume or an inspection is answered
//! with [`Refused::Busy`]. A leave is not a command: it is the dropped reader of a mailbox, which no queue can lose.

use shared::ids::{EntityId, MatchId, PlayerId};
use shared::input::InputPacket;
use shared::look::LookPacket;
use shared::message::RosterEntry;
use shared::name::PlayerName;
use shared::steer::{Speed, Steer};
use shared::tick::Tick;

use crate::client::ViewerId;
use crate::mailbox::MailboxWriter;
use crate::places::Place;

/// Commands that wait for one match, besides those it has taken over and not come to yet. 128 players who send 30 messages a
/// second fill 64 in a tick, so this is a quarter of a second of all of them; more would only keep inputs that are late by then.
pub const COMMANDS_QUEUED_MAX: usize = 1024;

/// Commands that one tick takes from the queue, so that a flood cannot make a tick longer than this many.
pub const COMMANDS_PER_TICK_MAX: usize = 512;

/// Somebody who wants to play.
#[derive(Debug)]
pub struct JoinRequest {
    /// Shown to the others.
    pub name: PlayerName,
    /// Where the snapshots go. Dropping the reader is leaving, also while the answer is still to come.
    pub mailbox: MailboxWriter,
    /// Called exactly once.
    pub reply: Reply<JoinedSeat>,
}

/// Somebody who plays already and whose snapshots go elsewhere from now on: a client that comes back.
#[derive(Debug)]
pub struct ResumeRequest {
    /// Who. Trusted: the caller knows whose client this is.
    pub player: PlayerId,
    /// Where the snapshots go from now on. Dropping its reader is leaving. The reader it replaces means nothing once the
    /// request is granted; until then dropping that one may still count as leaving.
    pub mailbox: MailboxWriter,
    /// Called exactly once; [`Refused::Ended`] when the player has left.
    pub reply: Reply<JoinedSeat>,
}

/// Somebody who watches from now on: for the first time, or again, as a client that comes back does.
#[derive(Debug)]
pub struct WatchRequest {
    /// Who. Trusted: the caller has the place of this viewer.
    pub viewer: ViewerId,
    /// Where the snapshots go; dropping the reader is going away.
    pub mailbox: MailboxWriter,
    /// Called exactly once; never with [`Refused::Full`].
    pub reply: Reply<WatchedMatch>,
}

/// What somebody who watches has to know of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedMatch {
    /// The match.
    pub match_id: MatchId,
    /// The last tick that was simulated.
    pub tick: Tick,
    /// Ticks from one snapshot to the next.
    pub snapshot_interval_ticks: u8,
    /// Everybody in the match in ascending order of id.
    pub roster: Vec<RosterEntry>,
    /// The setup in force.
    pub setup: Vec<u8>,
    /// How everybody stands.
    pub scores: Vec<u8>,
    /// Of a match that comes from a recording.
    pub replay: Option<ReplayMoment>,
}

/// How a recording is being shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayMoment {
    /// The last tick that is shown.
    pub end_tick: Tick,
    /// How fast it goes on.
    pub speed: Speed,
}

/// A place in a match: what a client has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedSeat {
    /// The match.
    pub match_id: MatchId,
    /// The player that the client is.
    pub player: PlayerId,
    /// What the player steers.
    pub entity: EntityId,
    /// The last tick that was simulated; the next inputs that count are for a later one.
    pub tick: Tick,
    /// Ticks from one snapshot to the next.
    pub snapshot_interval_ticks: u8,
    /// Everybody in the match in ascending order of id, the new player included.
    pub roster: Vec<RosterEntry>,
    /// What the game tells a new player: the setup in force, whatever has changed since the match started.
    pub setup: Vec<u8>,
    /// How everybody stands, the new player included.
    pub scores: Vec<u8>,
}

/// What a match looks like from outside at one tick.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchStatus {
    /// The match.
    pub id: MatchId,
    /// The last tick that was simulated.
    pub tick: Tick,
    /// `Game::hash` after that tick.
    pub hash: u64,
    /// `Game::phase` after that tick.
    pub phase: &'static str,
    /// Everybody in ascending order of id.
    pub players: Vec<PlayerStatus>,
}

/// One player in a [`MatchStatus`].
#[derive(Clone, Debug, PartialEq)]
pub struct PlayerStatus {
    /// Who.
    pub player: PlayerId,
    /// What the player steers.
    pub entity: EntityId,
    /// To be shown as text.
    pub name: String,
    /// True for a player the server plays itself.
    pub bot: bool,
    /// Units from the left edge; `None` when the entity cannot be seen.
    pub x: Option<f32>,
    /// Units from the upper edge; `None` when the entity cannot be seen.
    pub y: Option<f32>,
    /// In the points of the game; 0 when the entity cannot be seen.
    pub score: u32,
}

/// Why a request is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// All places are taken. Try another match.
    #[error("the match is full")]
    Full,
    /// The queue of the match is full. Try again in a moment.
    #[error("the match cannot take a request right now")]
    Busy,
    /// The match is over or ended before it came to the request. Try another match.
    #[error("the match is over")]
    Ended,
}

type Answer<T> = Box<dyn FnOnce(Result<T, Refused>) + Send>;

/// The way back to whoever asked. It is used exactly once: a reply that is dropped says [`Refused::Ended`], so a
/// match that ends or crashes with requests in its queue leaves nobody waiting.
pub struct Reply<T>(Option<Answer<T>>);

impl<T> Reply<T> {
    /// `answer` runs on the shard's thread or, for a refusal, on the caller's; it must neither block nor panic.
    pub fn new(answer: impl FnOnce(Result<T, Refused>) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    /// Grants the request.
    pub(crate) fn grant(self, value: T) {
        self.answer(Ok(value));
    }

    /// Refuses it.
    pub(crate) fn refuse(self, why: Refused) {
        self.answer(Err(why));
    }

    fn answer(mut self, result: Result<T, Refused>) {
        let answer = self.0.take().expect("a reply is consumed by its answer");
        answer(result);
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(Err(Refused::Ended));
        }
    }
}

impl<T> std::fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}

/// Everything that enters a match; `I` is the input of the game.
#[derive(Debug)]
pub(crate) enum Command<I> {
    /// Somebody with a place reserved comes in.
    Join { request: JoinRequest, place: Place },
    /// Somebody comes back, or plays on elsewhere.
    Resume { request: ResumeRequest },
    /// Somebody watches.
    Watch { request: WatchRequest },
    /// A viewer of a recording wants it to go on otherwise, and watches from there.
    Steer { request: WatchRequest, steer: Steer },
    /// What a viewer looks at.
    Look { viewer: ViewerId, packet: LookPacket },
    /// Somebody's intents for some ticks.
    Input {
        player: PlayerId,
        packet: InputPacket<I>,
        /// Quarters of a tick that it came before the next one, 0 to 3.
        early_quarters: u8,
    },
    /// Somebody looks in from outside.
    Inspect { reply: Reply<MatchStatus> },
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn check(expected: Result<u8, Refused>, finish: impl FnOnce(Reply<u8>)) {
        let (sender, receiver) = mpsc::channel();
        finish(Reply::new(move |result| sender.send(result).unwrap()));
        assert_eq!(receiver.iter().collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn a_reply_is_used_exactly_once() {
        check(Ok(7), |reply| reply.grant(7));
        check(Err(Refused::Full), |reply| reply.refuse(Refused::Full));
        check(Err(Refused::Ended), drop);
    }
}
