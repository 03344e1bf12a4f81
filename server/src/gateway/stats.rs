//! What the gateway counts.

use simulation::stats::Counter;

/// Counters of both directions.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    /// Peers closed because an input did not decode.
    pub(crate) inputs_malformed: Counter,
    /// Inputs that came after their match was over; ignored.
    pub(crate) inputs_without_match: Counter,
    /// Peers closed because they sent too many inputs.
    pub(crate) input_floods: Counter,
    /// Connections to the game refused because they had no seat.
    pub(crate) seats_refused: Counter,
    /// Peers closed because a control message did not decode.
    pub(crate) messages_malformed: Counter,
    /// Requests to the lobby refused because they came too fast.
    pub(crate) lobby_requests_refused: Counter,
    /// Seats given.
    pub(crate) joins: Counter,
    /// Seats given to those who watch.
    pub(crate) watches: Counter,
    /// Requests for a place that were refused.
    pub(crate) joins_refused: Counter,
    /// Private matches that were refused: too many of them, or too fast.
    pub(crate) private_matches_refused: Counter,
    /// New matches that no shard could take.
    pub(crate) matches_refused: Counter,
    /// Times a shard was found to be stuck.
    pub(crate) shards_stuck: Counter,
    /// Snapshots handed to sockets.
    pub(crate) snapshots_sent: Counter,
    /// Times a snapshot stayed in its mailbox because the socket had not taken the last one.
    pub(crate) snapshots_held: Counter,
    /// Scores that newer ones took the place of before they could leave.
    pub(crate) scores_superseded: Counter,
    /// Notices of a match that were lost because its queue was full.
    pub(crate) notices_lost: Counter,
}
