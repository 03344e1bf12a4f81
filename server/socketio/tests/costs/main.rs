//! What a server pays, counted: allocations, reads, writes and bytes do not depend on the machine nor on its load, so that
//! they guard what times cannot.
//!
//! A test binary of its own, since it counts every allocation of its process. A bound that is not met any more is a
//! decision: whoever raises one says why.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// A client that comes in.
mod accept;
/// A broadcast to a room.
mod fan_out;
/// What a client sends.
mod ingress;
/// What a client holds while nothing happens.
mod memory;
/// A server that is counted, and its clients.
mod stage;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;
