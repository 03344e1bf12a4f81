//! What clients get of a match, byte by byte, whatever they do: a game of walkers on a plain, and clients that check all of
//! it against what the rules know.

#![expect(
    clippy::unwrap_used,
    reason = "in the helpers of a test it is what it is in the test"
)]

/// Which cells a client may know.
mod interest;
/// The game.
mod plain;
/// A match stepped by hand, and its clients.
mod stage;
/// The bytes, read a second time.
mod wire;

/// What comes late when there is no room for all.
mod budget;
/// How often anything is encoded.
mod cost;
/// Who is told what, and how often.
mod events;
/// Clients that keep up, that do not, and that lie.
mod keeping_up;
/// What a match may be set to.
mod settings;
/// Many people on a large plain.
mod walk;
/// What those are told who only watch.
mod watching;
