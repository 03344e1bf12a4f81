//! Clients that connect and vanish, by the thousand, in every state: afterwards nothing is left of them, neither a session
//! nor a task nor memory.
//!
//! A test binary of its own, since it counts every allocation of its process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

/// What is there before clients come, and must be all that is there when they are gone.
mod baseline;
/// Streams in memory, on a clock that waits for nobody.
mod in_memory;
/// Real sockets, closed by RST.
mod resets;
/// The states in which clients vanish.
mod states;
/// A client that says bytes.
mod wire;
