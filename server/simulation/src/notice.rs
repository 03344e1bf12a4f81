//! What leaves a match besides snapshots: a closed list of notices, and who is told.

use shared::ids::PlayerId;
use shared::message::{MatchEnd, RosterEntry};
use shared::tick::Tick;

use crate::client::Client;

/// Something all clients of a match should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody came, a person or a bot. A person who joins is told about as well, right after the answer to the join:
    /// the answer's roster holds everything told before it and nothing told after it, so that a roster which is kept
    /// by notices never misses anybody.
    PlayerJoined(RosterEntry),
    /// Somebody went.
    PlayerLeft(PlayerId),
    /// This client has not answered for seconds and gets no snapshots any more: its connection is to be closed,
    /// so that it comes back on a new one. A player stays in the match. Told once for each mailbox.
    Gone(Client),
    /// The setup of the game changed, for everybody. It is told before the snapshots of its tick are ready; whoever joins
    /// or resumes later has it in the answer.
    Setup(Vec<u8>),
    /// How everybody stands, in the bytes of the game. The newest is all that counts: whoever is late with one may leave out
    /// those before it. It is told before the snapshots of its tick are ready; whoever joins or resumes has it in the answer.
    Scores(Vec<u8>),
    /// A recording is on its way to the moment that its viewer wants to see, and so far by now. Told some times a second.
    Seeking(Tick),
    /// The match is over. The last notice of a match, told exactly once, also when it never came to its first tick
    /// (then on the thread that dropped it).
    Ended(MatchEnd),
}

/// Whoever carries notices and snapshots of one match to its clients.
///
/// Both functions are called on the shard's thread, on which many matches wait for their tick: they must not block
/// and should not take longer than waking somebody. A panic in them ends the match.
pub trait MatchSink: Send + Sync {
    /// New snapshots lie in the mailboxes of all clients of the match; called once for all of them.
    fn snapshots_ready(&self);

    /// Something to tell to all clients of the match.
    fn notice(&self, notice: Notice);
}
