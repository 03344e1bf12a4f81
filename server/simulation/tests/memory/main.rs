//! What a match holds and what it allocates, counted by the allocator. One test at a time: all share the counters.

#![expect(
    clippy::unwrap_used,
    reason = "in the helpers of a test it is what it is in the test"
)]

use std::sync::{Mutex, MutexGuard, PoisonError};

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

/// Memory over a long match and over many.
mod flat;
#[path = "../replication/plain.rs"]
#[allow(dead_code, reason = "another test needs all of it")]
mod plain;
/// Snapshots in the steady state of a match.
mod steady;
/// A match and clients that only take and acknowledge.
mod table;

/// Keeps other tests out.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    // A test that failed has nothing to say to the next.
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the long forms of the tests are asked for, as in `tests/run --long`.
#[expect(
    clippy::disallowed_methods,
    reason = "it decides how long a test takes and nothing in a match"
)]
fn is_long() -> bool {
    std::env::var_os("TICKROOM_LONG").is_some()
}
