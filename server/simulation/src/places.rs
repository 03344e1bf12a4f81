//! How many people may still join a match, known to the match and to everybody who holds its handle.
//!
//! A place is reserved before the join enters the queue, so a burst of joins can never overfill a match, and it is
//! given back when its owner is dropped, whatever the reason: refused, left, ended, crashed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::stats::Stats;

/// The places of one match.
#[derive(Debug)]
pub(crate) struct Places {
    taken: AtomicUsize,
    max: usize,
    closed: AtomicBool,
    over: AtomicBool,
    stats: Arc<Stats>,
}

impl Places {
    pub(crate) fn new(max: usize, stats: Arc<Stats>) -> Self {
        Self {
            taken: AtomicUsize::new(0),
            max,
            closed: AtomicBool::new(false),
            over: AtomicBool::new(false),
            stats,
        }
    }

    /// Takes a place, if there is one.
    pub(crate) fn reserve(self: &Arc<Self>) -> Option<Place> {
        if !self.has_place() {
            return None;
        }
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
                (taken < self.max).then_some(taken + 1)
            })
            .ok()?;
        self.stats.people.rise();
        Some(Place(Arc::clone(self)))
    }

    /// People with a place, and those who wait for the answer to their join.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    /// All places.
    pub(crate) const fn max(&self) -> usize {
        self.max
    }

    pub(crate) fn has_place(&self) -> bool {
        !self.closed.load(Ordering::Acquire) && !self.is_over() && self.taken() < self.max
    }

    /// Lets nobody join any more; those who are in play on.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    /// Marks the match as over; true for the first who does so.
    pub(crate) fn end(&self) -> bool {
        !self.over.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

/// One place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Places>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
        self.0.stats.people.fall();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let stats = Arc::new(Stats::default());
        let places = Arc::new(Places::new(2, Arc::clone(&stats)));
        let first = places.reserve();
        let second = places.reserve();
        assert!(first.is_some() && second.is_some() && places.reserve().is_none());
        assert_eq!((places.taken(), stats.people.value()), (2, 2));
        drop(first);
        assert_eq!((places.taken(), stats.people.value()), (1, 1));
        assert!(places.has_place());
        places.close();
        assert!(!places.has_place() && places.reserve().is_none() && !places.is_over());
    }

    #[test]
    fn a_match_ends_once() {
        let places = Arc::new(Places::new(2, Arc::default()));
        assert!(places.end());
        assert!(!places.end());
        assert!(places.is_over() && places.reserve().is_none());
    }
}
