//! Waiting for an outbox to empty: for room, or until nothing waits any more.
//!
//! Nothing is kept for this while nobody waits.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use super::{Class, Outbox, Phase, SendError, State};
use crate::piece::Piece;

/// Those who wait until something has left; told once, and then looking again.
pub(super) type Waiters = Option<Arc<Notify>>;

impl Outbox {
    /// Sends `piece` once there is room for it, whatever the policy. Whoever waits together is served in any order.
    pub(crate) async fn send_when_room(self: &Arc<Self>, piece: Piece<'_>) -> Result<(), SendError> {
        let mut outcome = self.send(piece, Class::Patient);
        while outcome == Err(SendError::Full) {
            let changed = self.next_change();
            // Something may have left before anybody waited for it.
            outcome = self.send(piece, Class::Patient);
            if outcome == Err(SendError::Full) {
                changed.await;
            }
        }
        outcome.map(drop)
    }

    /// Returns when nothing waits and the stream takes more; an error when the connection ends first.
    pub(crate) async fn drained(&self) -> Result<(), SendError> {
        loop {
            let changed = {
                let mut state = self.lock();
                if state.phase != Phase::Open {
                    return Err(SendError::Closed);
                }
                if state.queue.is_empty() && !state.blocked {
                    return Ok(());
                }
                state.next_change()
            };
            changed.await;
        }
    }

    fn next_change(&self) -> OwnedNotified {
        self.lock().next_change()
    }
}

impl State {
    /// Completes when something has left after this call, or nothing will any more.
    fn next_change(&mut self) -> OwnedNotified {
        self.waiters.get_or_insert_default().clone().notified_owned()
    }

    pub(super) fn wake_waiters(&mut self) {
        if let Some(waiters) = self.waiters.take() {
            waiters.notify_waiters();
        }
    }
}
