//! Where a match stands, in a word, for whoever lists matches: written by the shard, read by anybody.

use std::sync::{Mutex, PoisonError};

/// The last word that was published. A mutex held for the time of a copy: a text is two words long, and no atomic is.
#[derive(Debug)]
pub(crate) struct PublishedPhase(Mutex<&'static str>);

impl PublishedPhase {
    pub(crate) const fn new(phase: &'static str) -> Self {
        Self(Mutex::new(phase))
    }

    pub(crate) fn publish(&self, phase: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    pub(crate) fn read(&self) -> &'static str {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
