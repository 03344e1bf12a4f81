//! The name of a recording that is being made, which players of its match are told: as long as something comes of it.

use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by the match, the seats in it, and the thread that writes.
#[derive(Debug)]
pub(crate) struct ToldName {
    name: String,
    is_open: AtomicBool,
}

impl ToldName {
    pub(crate) const fn new(name: String) -> Self {
        Self {
            name,
            is_open: AtomicBool::new(true),
        }
    }

    /// The name itself, for the disk.
    pub(crate) fn text(&self) -> &str {
        &self.name
    }

    /// Nothing more is recorded: there was no room, the disk failed, or the recording has all that it may have.
    pub(crate) fn close(&self) {
        self.is_open.store(false, Ordering::Relaxed);
    }

    /// For a player who comes now; what happens from here on is in no recording when there is none.
    pub(crate) fn told(&self) -> Option<&str> {
        self.is_open.load(Ordering::Relaxed).then_some(self.name.as_str())
    }
}
