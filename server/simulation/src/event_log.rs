//! The last events of a match. One log serves all clients: each remembers how far it is, so an event is stored once
//! however many clients wait for it, and a client that takes nothing costs no memory. Who is told is written down with it;
//! where the cells are is not, since they may mean something else by the time the client comes.
//!
//! The bound is that of one snapshot. A client that is further behind has lost the oldest events; it is counted, and
//! state never depends on an event.

use std::collections::VecDeque;
use std::collections::vec_deque::Iter;

use shared::limits::EVENTS_PER_SNAPSHOT_MAX;
use shared::tick::Tick;

use crate::audience::Audience;

/// Number of an event in its match, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventSeq(u64);

impl EventSeq {
    /// Goes past events that are lost.
    pub(crate) const fn skip(&mut self, lost: u64) {
        self.0 += lost;
    }
}

/// An event, when it happened, and who is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Logged<E> {
    pub(crate) tick: Tick,
    pub(crate) event: E,
    pub(crate) audience: Audience,
}

/// A window over the events of a match.
#[derive(Debug)]
pub(crate) struct EventLog<E> {
    /// Invariant: at most [`EVENTS_PER_SNAPSHOT_MAX`]; the last one has the number `end − 1`.
    events: VecDeque<Logged<E>>,
    end: u64,
}

impl<E> EventLog<E> {
    pub(crate) fn new() -> Self {
        Self {
            events: VecDeque::with_capacity(EVENTS_PER_SNAPSHOT_MAX),
            end: 0,
        }
    }

    /// Adds an event; the oldest one goes when the window is full.
    pub(crate) fn push(&mut self, logged: Logged<E>) {
        if self.events.len() == EVENTS_PER_SNAPSHOT_MAX {
            self.events.pop_front();
        }
        self.events.push_back(logged);
        self.end += 1;
    }

    /// The number that the next event will have.
    pub(crate) const fn end(&self) -> EventSeq {
        EventSeq(self.end)
    }

    /// The events from `from` on, and how many of those are gone.
    pub(crate) fn since(&self, from: EventSeq) -> (Iter<'_, Logged<E>>, u64) {
        let start = self.end - self.events.len() as u64;
        let lost = start.saturating_sub(from.0);
        let skipped = (from.0 + lost - start) as usize;
        (self.events.range(skipped..), lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pushed: u32, from: u64, events: std::ops::Range<u32>, lost: u64) {
        let mut log = EventLog::new();
        for number in 0..pushed {
            log.push(Logged {
                tick: Tick(number),
                event: number,
                audience: Audience::EVERYBODY,
            });
        }
        let (found, found_lost) = log.since(EventSeq(from));
        let found: Vec<u32> = found.map(|logged| logged.event).collect();
        assert_eq!(
            (found, found_lost),
            (events.collect(), lost),
            "{pushed} pushed, from {from}"
        );
        assert_eq!(log.end(), EventSeq(u64::from(pushed)));
    }

    #[test]
    fn a_client_gets_what_it_has_not_seen_and_learns_what_is_lost() {
        let max = EVENTS_PER_SNAPSHOT_MAX as u32;
        check(0, 0, 0..0, 0);
        check(5, 0, 0..5, 0);
        check(5, 3, 3..5, 0);
        check(5, 5, 5..5, 0);
        check(max, 0, 0..max, 0);
        check(max + 10, 0, 10..max + 10, 10);
        check(max + 10, 12, 12..max + 10, 0);
    }
}
