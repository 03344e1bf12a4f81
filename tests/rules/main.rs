//! The game without sockets: commands in, records out.

/// Matches of the arena, stepped by hand.
mod arena;
/// Recorded matches, played again.
mod replays;
