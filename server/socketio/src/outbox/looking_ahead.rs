//! Looking at what sends will need, before they are made.
//!
//! During a send the kernel uses so much memory that the next outbox has left the caches, and each line of it is one that the
//! processor waits for. So whoever sends to many looks at some of them first, in two steps, and then sends to these in a row in
//! which nothing has to be waited for.

use std::sync::TryLockError;

use super::Outbox;
use crate::stream::WriteHalf;

impl Outbox {
    /// The first step looks at what can be seen without the lock, so that the processor fetches that of several at once.
    pub(crate) fn look(&self) -> bool {
        // Where the lock is lies what it guards.
        self.text_only | self.state.is_poisoned()
    }

    /// The second step looks behind the lock, where the way to the descriptor of the stream begins. Whoever holds the lock
    /// meanwhile has looked.
    pub(crate) fn look_deeper(&self) -> bool {
        let state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        state.queue.is_empty() & state.stream.as_ref().is_some_and(WriteHalf::is_open)
    }
}
