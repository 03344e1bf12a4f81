//! Where a match stands and what it is played on, in words, for whoever lists matches: written by the shard, read by
//! anybody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The last words that were published. Mutexes held for the time of a copy: a text is two words long, and no atomic is.
#[derive(Debug)]
pub(crate) struct Published {
    phase: Mutex<&'static str>,
    map: Mutex<Arc<str>>,
}

impl Published {
    pub(crate) fn new(phase: &'static str, map: &str) -> Self {
        Self {
            phase: Mutex::new(phase),
            map: Mutex::new(Arc::from(map)),
        }
    }

    pub(crate) fn publish_phase(&self, phase: &'static str) {
        *lock(&self.phase) = phase;
    }

    pub(crate) fn publish_map(&self, map: &str) {
        *lock(&self.map) = Arc::from(map);
    }

    pub(crate) fn phase(&self) -> &'static str {
        *lock(&self.phase)
    }

    pub(crate) fn map(&self) -> Arc<str> {
        Arc::clone(&lock(&self.map))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
