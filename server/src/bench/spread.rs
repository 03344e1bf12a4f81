//! From the first client of a match to the last: how long the snapshots of one tick arrive.

use std::collections::BTreeMap;

use shared::tick::Tick;

/// Ticks that are waited for at the same time; older ones are given up.
const WAITING_MAX: usize = 64;

/// The ticks of one match that not every client has yet.
#[derive(Debug)]
pub(super) struct Spread {
    clients: u32,
    waiting: BTreeMap<u32, Arrivals>,
    /// Ticks that not every client got.
    pub(super) incomplete: u64,
}

#[derive(Debug)]
struct Arrivals {
    first_us: u64,
    count: u32,
}

impl Spread {
    /// Of a match with so many clients.
    pub(super) fn new(clients: u32) -> Self {
        Self {
            clients,
            waiting: BTreeMap::new(),
            incomplete: 0,
        }
    }

    /// A client got the snapshot of `tick`; microseconds since the first when it was the last.
    pub(super) fn arrive(&mut self, tick: Tick, now_us: u64) -> Option<u64> {
        let arrivals = self.waiting.entry(tick.0).or_insert(Arrivals {
            first_us: now_us,
            count: 0,
        });
        arrivals.count += 1;
        if arrivals.count >= self.clients {
            let spread_us = now_us.saturating_sub(arrivals.first_us);
            self.waiting.remove(&tick.0);
            return Some(spread_us);
        }
        if self.waiting.len() > WAITING_MAX {
            self.waiting.pop_first();
            self.incomplete += 1;
        }
        None
    }

    /// Forgets what has begun.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.incomplete = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_spread_from_its_first_to_its_last_client() {
        let mut spread = Spread::new(3);
        assert_eq!(spread.arrive(Tick(3), 100), None);
        assert_eq!(spread.arrive(Tick(3), 150), None);
        assert_eq!(spread.arrive(Tick(6), 160), None);
        assert_eq!(spread.arrive(Tick(3), 180), Some(80));
        assert_eq!(Spread::new(1).arrive(Tick(1), 5), Some(0));
    }

    #[test]
    fn ticks_that_some_client_never_gets_are_given_up_and_counted() {
        let mut spread = Spread::new(2);
        for tick in 0..100 {
            assert_eq!(spread.arrive(Tick(tick), 0), None);
        }
        assert_eq!((spread.waiting.len(), spread.incomplete), (WAITING_MAX, 36));
    }
}
