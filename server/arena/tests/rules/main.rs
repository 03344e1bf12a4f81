//! The rules from outside: a match stepped by hand, commands in, records out.

#![expect(
    clippy::unwrap_used,
    reason = "in the helpers of a test it is what it is in the test"
)]

/// The game with its systems in another order.
mod shuffled;
/// A match, its people, and what they saw.
mod table;

/// Bots that fight at three levels, in the match and over the wire.
mod bots;
/// A player in a dash.
mod dashing;
/// The same seed and inputs give the same match, and nothing grows.
mod determinism;
/// Whatever a client sends, the match goes on.
mod extremes;
/// Shots, hits, deaths, scores.
mod fighting;
/// Matches that share a shard in made-up time.
mod interleaving;
/// What lies on the floor, who takes it, and when it is back.
mod pickups;
/// A beam meets what its shooter saw.
mod rail;
/// A match written down and played again.
mod recording;
/// Phases and maps.
mod rounds;
/// How everybody stands, told in a match where nobody sees everybody.
mod scores;
/// Shots in the air, and who is told of them later.
mod shots_seen;
/// Two sides that are even, and spare their own.
mod teams;
/// What a client needs to predict.
mod walking;
