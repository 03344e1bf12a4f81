//! How many people may still join a match, and how many may watch it, known to the match and to everybody who holds its handle.
//!
//! A place is reserved before the join enters the queue, so a burst of joins can never overfill a match, and it is
//! given back when its owner is dropped, whatever the reason: refused, left, ended, crashed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use crate::client::ViewerId;
use crate::stats::Stats;

/// The places of one match.
#[derive(Debug)]
pub(crate) struct Places {
    taken: AtomicUsize,
    max: usize,
    viewers: AtomicUsize,
    viewers_max: usize,
    next_viewer: AtomicU32,
    closed: AtomicBool,
    over: AtomicBool,
    stats: Arc<Stats>,
}

impl Places {
    pub(crate) fn new(max: usize, viewers_max: usize, stats: Arc<Stats>) -> Self {
        Self {
            taken: AtomicUsize::new(0),
            max,
            viewers: AtomicUsize::new(0),
            viewers_max,
            next_viewer: AtomicU32::new(0),
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
        take_one(&self.taken, self.max)?;
        self.stats.people.rise();
        Some(Place(Arc::clone(self)))
    }

    /// Takes a place for somebody who watches, if there is one, and names whom it is for. A match that lets nobody join any
    /// more can still be watched.
    pub(crate) fn reserve_viewer(self: &Arc<Self>) -> Option<ViewerPlace> {
        if self.is_over() || take_one(&self.viewers, self.viewers_max).is_none() {
            self.stats.viewers_refused.add(1);
            return None;
        }
        self.stats.viewers.rise();
        Some(ViewerPlace {
            id: ViewerId(self.next_viewer.fetch_add(1, Ordering::Relaxed)),
            places: Arc::clone(self),
        })
    }

    /// Those who watch, and those with a place who have not come yet.
    pub(crate) fn viewers(&self) -> usize {
        self.viewers.load(Ordering::Acquire)
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

    /// Nobody can join any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
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

/// Counts one more if that is not above `max`.
fn take_one(taken: &AtomicUsize, max: usize) -> Option<()> {
    taken
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
            (taken < max).then_some(taken + 1)
        })
        .ok()
        .map(drop)
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

/// The place of somebody who watches, given back when dropped.
#[derive(Debug)]
pub struct ViewerPlace {
    id: ViewerId,
    places: Arc<Places>,
}

impl ViewerPlace {
    /// Who has it.
    pub const fn id(&self) -> ViewerId {
        self.id
    }
}

impl Drop for ViewerPlace {
    fn drop(&mut self) {
        self.places.viewers.fetch_sub(1, Ordering::AcqRel);
        self.places.stats.viewers.fall();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let stats = Arc::new(Stats::default());
        let places = Arc::new(Places::new(2, 0, Arc::clone(&stats)));
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
    fn viewers_have_places_of_their_own() {
        let stats = Arc::new(Stats::default());
        let places = Arc::new(Places::new(0, 2, Arc::clone(&stats)));
        let first = places.reserve_viewer().expect("there are two");
        let second = places.reserve_viewer().expect("there are two");
        assert_ne!(first.id(), second.id());
        assert!(places.reserve_viewer().is_none());
        assert_eq!((stats.viewers.value(), stats.viewers_refused.value()), (2, 1));
        drop(first);
        places.close();
        assert!(
            places.reserve_viewer().is_some(),
            "whoever watches takes nobody's place"
        );
        assert_eq!(
            (places.viewers(), places.taken(), stats.people.value()),
            (1, 0, 0)
        );
    }

    #[test]
    fn a_match_ends_once() {
        let places = Arc::new(Places::new(2, 1, Arc::default()));
        assert!(places.end());
        assert!(!places.end());
        assert!(places.is_over() && places.reserve().is_none() && places.reserve_viewer().is_none());
    }
}
