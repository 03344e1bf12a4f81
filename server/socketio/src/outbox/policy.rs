//! What happens when an outbox is full.

use super::{Class, Outbox, OutboxLimits, Phase, SendError, State};
use crate::outbox::Emitted;
use crate::piece::{Keep, Piece};
use crate::reason::DisconnectReason;
use crate::stats;

/// What happens to the events of a client that takes them slower than they are emitted, once
/// [`Config::outbox_bytes_max`](crate::Config::outbox_bytes_max) bytes or
/// [`Config::outbox_packets_max`](crate::Config::outbox_packets_max) packets wait for it.
///
/// The bounds hold under each policy. An event of which the first byte has left is never dropped or replaced, and an
/// event with attachments is treated as a whole. Acknowledgements are events here. Pings and what else keeps a session
/// alive have some room above the bounds; a client that does not even take those is disconnected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OutboxPolicy {
    /// The client is disconnected with the reason `slow consumer`
    /// ([`Stats::slow_consumers`](crate::Stats::slow_consumers)). Nothing is ever missing from what a client has seen.
    #[default]
    Disconnect,
    /// Volatile events may wait as long as there is room, and are the first to go, the oldest first
    /// ([`Stats::volatile_evicted`](crate::Stats::volatile_evicted)). When only others are left the client is
    /// disconnected. Under all other policies a volatile event never waits.
    DropVolatileFirst,
    /// An event with a key, see [`Emission::latest`](crate::Emission::latest), takes the place of one of the same key
    /// that still waits ([`Stats::coalesced`](crate::Stats::coalesced)), whether the outbox is full or not: what waits
    /// is bounded by the number of keys. When the outbox is full all the same the client is disconnected. Under
    /// all other policies a key means nothing.
    CoalesceLatest,
    /// Nothing is sent and the emit fails with [`EmitError::Full`](crate::EmitError::Full)
    /// ([`Stats::outbox_refused`](crate::Stats::outbox_refused)); the client stays. A broadcast passes over such a
    /// client. [`Socket::emit_when_room`](crate::Socket::emit_when_room) waits instead.
    Await,
}

impl Outbox {
    pub(crate) fn set_policy(&self, policy: OutboxPolicy) {
        self.lock().policy = policy;
    }

    /// Queues `piece`, if need be in place of others, or says why not.
    pub(super) fn admit(
        &self,
        state: &mut State,
        piece: Piece<'_>,
        class: Class,
    ) -> Result<Emitted, SendError> {
        if !state.blocked && !state.has_room(self.limits, piece, class) {
            // Only held back by a cork, which is no fault of the peer.
            self.flush(state);
        }
        match (state.policy, piece.terms.keep) {
            (OutboxPolicy::CoalesceLatest, Keep::Latest(key)) if self.coalesce(state, key, piece) => {
                return Ok(Emitted::Queued);
            }
            (OutboxPolicy::DropVolatileFirst, _) => self.evict(state, piece, class),
            _ => {}
        }
        if state.has_room(self.limits, piece, class) {
            state.queue.push(piece, 0);
            return Ok(Emitted::Queued);
        }
        if piece.is_volatile() {
            return Ok(self.drop_volatile());
        }
        match (class, state.policy) {
            (Class::Patient, _) => return Err(SendError::Full),
            (Class::Data, OutboxPolicy::Await) => {
                stats::increment(&self.stats.outbox_refused);
                return Err(SendError::Full);
            }
            _ => {}
        }
        if state.phase == Phase::Open {
            stats::increment(&self.stats.slow_consumers);
        }
        self.close_locked(state, DisconnectReason::SlowConsumer);
        // The peer does not read: keeping its bytes helps nobody.
        state.queue.clear();
        self.release(state);
        Err(SendError::Closed)
    }

    /// Whether `piece` took the place of an older one of its key.
    fn coalesce(&self, state: &mut State, key: &str, piece: Piece<'_>) -> bool {
        let Some(latest) = state.queue.find_latest(key) else {
            return false;
        };
        let bytes = state.queue.bytes() - latest.bytes + piece.len();
        let packets = state.queue.packets() - latest.packets + piece.packets();
        if bytes > self.limits.bytes_max || packets > self.limits.packets_max {
            return false;
        }
        state.queue.replace(latest, piece);
        stats::increment(&self.stats.coalesced);
        true
    }

    /// Drops volatile pieces until there is room, or none is left.
    fn evict(&self, state: &mut State, piece: Piece<'_>, class: Class) {
        while !state.has_room(self.limits, piece, class) && state.queue.drop_volatile() {
            stats::increment(&self.stats.volatile_evicted);
        }
    }
}

impl State {
    fn has_room(&self, limits: OutboxLimits, piece: Piece<'_>, class: Class) -> bool {
        let (headroom_bytes, headroom_packets) = match class {
            Class::Data | Class::Patient => (0, 0),
            Class::Control => (CONTROL_BYTES_MAX, CONTROL_PACKETS_MAX),
        };
        self.queue.bytes() + piece.len() <= limits.bytes_max.saturating_add(headroom_bytes)
            && self.queue.packets() + piece.packets() <= limits.packets_max.saturating_add(headroom_packets)
    }
}

/// Headroom above the bounds for control frames: about a hundred pongs of the largest size.
const CONTROL_BYTES_MAX: usize = 16 * 1024;
const CONTROL_PACKETS_MAX: usize = 128;
