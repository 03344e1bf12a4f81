//! Settings of connection state recovery: how long, and how much, a namespace keeps for clients whose connection broke.

use std::time::Duration;

/// Lets a client that comes back in time be the same socket again: same id, rooms and data, and what was sent meanwhile.
/// Everything in it is for one namespace, and held in memory unless an adapter keeps it elsewhere.
///
/// While it is on, each event that is neither volatile or keyed nor asks for an acknowledgement is kept, whoever it was for, and
/// carries an additional last argument, a string, which clients hand to their listeners behind the others. Such events of one
/// namespace are sent one after another, so that all clients see them in the same order. A namespace that sends much that is
/// soon worthless, such as the snapshots of a game, is better without it, see
/// [`Namespace::set_recovery`](crate::Namespace::set_recovery).
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Time a client may be away; 120 s. Longer forgives longer gaps, and keeps sessions and events for longer.
    pub max_disconnection_duration: Duration,
    /// Lets a client that comes back in without asking the namespace's middleware; no. The reference does so by default,
    /// which lets in whom the middleware would refuse by now.
    pub skip_middleware: bool,
    /// Sessions of clients that are away; 16 384. Above it the one that ends first is forgotten.
    pub sessions_max: usize,
    /// Events kept; 65 536. Above it the oldest is forgotten, and a client that has missed it starts anew.
    pub packets_max: usize,
    /// Bytes of those events; 16 MiB.
    pub packets_bytes_max: usize,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            max_disconnection_duration: Duration::from_secs(120),
            skip_middleware: false,
            sessions_max: 16_384,
            packets_max: 65_536,
            packets_bytes_max: 16 * 1024 * 1024,
        }
    }
}
