//! The crate from outside, with the smallest game that has everything: commands in, snapshots and notices out.

#![expect(
    clippy::unwrap_used,
    reason = "in the helpers of a test it is what it is in the test"
)]

/// The game: everybody has a number.
mod counter;
/// A match stepped by hand, and its clients.
mod scenario;

/// The same commands give the same match.
mod determinism;
/// From bytes to the input of a tick, and what happens to those that do not fit.
mod inputs;
/// Coming, going, bots, and the end of a match.
mod joins;
/// A match written down, and what becomes of that: kept, cut, lost.
mod recording;
/// A recording played again, and what is said of one that cannot be.
mod replaying;
/// Coming back to the same place.
mod resuming;
/// What changes for all clients at once: the setup, the scores, and the phase that lists show.
mod rounds;
/// The thread: several matches, panics, overruns, stopping.
mod shard;
/// Several threads: where a match goes, and what is known of one that is stuck.
mod shards;
/// What a viewer of a recording sees who does not keep up.
mod showing;
/// What clients get, and what they get again when they were slow.
mod snapshots;
/// A recording shown to a viewer, who steers it.
mod steering;
/// A shard in made-up time: deadlines, hold-ups, what is shed.
mod timetable;
/// Those who see a match and are not in it.
mod watching;
