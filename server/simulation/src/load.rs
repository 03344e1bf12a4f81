//! How much of a shard's time its matches take, and what it sheds when that is too much. Pure: time is an argument.
//!
//! The load is a demand: what one tick of each of its matches costs, smoothed, against the length of a tick. So it goes beyond
//! 100 % when a shard cannot keep up, and it falls at once when a match ends.
//!
//! | level | from the one before when the load is | does | back when the load is, for 5 s |
//! |---|---|---|---|
//! | nothing | | | |
//! | snapshots | above 80 % for 1 s | every second snapshot is left out | below 45 % |
//! | matches | above 80 % for 5 s | and no new match is taken | below 65 % |
//!
//! Snapshots go first because clients fill in what lies between two of them; a refused match is a player sent away. What a
//! level saves lowers the load itself, so the way back starts well below the way in.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use shared::tick::TICK_NS;

/// What a match is thought to cost before it has been measured, a tick: what one with eight bots takes. A larger guess
/// spreads a burst of new matches more evenly and overrates small ones for the first half second.
pub const COST_GUESS_NS: u64 = 10_000;

/// One sixteenth of a new measurement counts: a quarter of a second at 60 ticks.
const SMOOTHING: u64 = 16;

/// Load above which something is shed, in thousandths.
const HIGH: u64 = 800;

const SNAPSHOTS_AFTER: Duration = Duration::from_secs(1);
const MATCHES_AFTER: Duration = Duration::from_secs(5);
const BACK_AFTER: Duration = Duration::from_secs(5);

/// What one match costs, nanoseconds a tick, smoothed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost(u64);

impl Cost {
    /// Of a match that has just come.
    pub const fn guess() -> Self {
        Self(COST_GUESS_NS)
    }

    /// Takes in how long a tick took.
    pub fn observe(&mut self, took: Duration) {
        let took_ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX / SMOOTHING);
        self.0 = self.0 - self.0 / SMOOTHING + took_ns / SMOOTHING;
    }

    /// Nanoseconds a tick.
    pub const fn ns(self) -> u64 {
        self.0
    }
}

/// What a shard leaves out, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shed {
    /// All is done.
    #[default]
    Nothing,
    /// Every second snapshot.
    Snapshots,
    /// That, and new matches.
    Matches,
}

impl Shed {
    const ALL: [Self; 3] = [Self::Nothing, Self::Snapshots, Self::Matches];

    const fn lighter(self) -> Self {
        match self {
            Self::Matches => Self::Snapshots,
            Self::Snapshots | Self::Nothing => Self::Nothing,
        }
    }

    /// Load below which the level before it is enough, in thousandths.
    const fn low(self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Snapshots => 450,
            Self::Matches => 650,
        }
    }
}

/// Decides what is shed.
#[derive(Debug, Default)]
pub struct Shedding {
    shed: Shed,
    high_since: Option<Instant>,
    low_since: Option<Instant>,
}

impl Shedding {
    /// Takes in the load in thousandths; gives what is to be shed from now on.
    pub fn observe(&mut self, load: u64, now: Instant) -> Shed {
        if load > HIGH {
            self.low_since = None;
            let high_for = now.saturating_duration_since(*self.high_since.get_or_insert(now));
            if high_for >= MATCHES_AFTER {
                self.shed = Shed::Matches;
            } else if high_for >= SNAPSHOTS_AFTER {
                self.shed = self.shed.max(Shed::Snapshots);
            }
            return self.shed;
        }
        self.high_since = None;
        if load >= self.shed.low() {
            self.low_since = None;
        } else if now.saturating_duration_since(*self.low_since.get_or_insert(now)) >= BACK_AFTER {
            self.shed = self.shed.lighter();
            self.low_since = None;
        }
        self.shed
    }
}

/// The load of a shard, where everybody can read it: written by the shard and by whoever brings it a match.
#[derive(Debug, Default)]
pub struct SharedLoad {
    cost_ns: AtomicU64,
    shed: AtomicU8,
}

impl SharedLoad {
    /// A match comes, or costs more than before.
    pub fn add(&self, cost_ns: u64) {
        self.cost_ns.fetch_add(cost_ns, Ordering::Relaxed);
    }

    /// A match goes, or costs less. Each nanosecond was added before.
    pub fn subtract(&self, cost_ns: u64) {
        self.cost_ns.fetch_sub(cost_ns, Ordering::Relaxed);
    }

    /// What all matches take of a tick, in thousandths.
    pub fn permille(&self) -> u64 {
        self.cost_ns() * 1000 / TICK_NS
    }

    /// What all matches cost, nanoseconds a tick.
    pub fn cost_ns(&self) -> u64 {
        self.cost_ns.load(Ordering::Relaxed)
    }

    /// What the shard sheds.
    pub fn shed(&self) -> Shed {
        Shed::ALL[usize::from(self.shed.load(Ordering::Relaxed)).min(Shed::ALL.len() - 1)]
    }

    /// The shard has decided.
    pub fn set_shed(&self, shed: Shed) {
        self.shed.store(shed as u8, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can be made in no other way; its value does not matter"
    )]
    fn some_instant() -> Instant {
        Instant::now()
    }

    /// Observes loads for so many tenths of a second each; gives the changes with the tenth in which they came.
    fn check(loads: &[(u64, u32)], expected: &[(u32, Shed)]) {
        let start = some_instant();
        let mut shedding = Shedding::default();
        let (mut tenth, mut last, mut changes) = (0, Shed::Nothing, Vec::new());
        for &(load, tenths) in loads {
            for _ in 0..tenths {
                let shed = shedding.observe(load, start + Duration::from_millis(100) * tenth);
                if shed != last {
                    changes.push((tenth, shed));
                    last = shed;
                }
                tenth += 1;
            }
        }
        assert_eq!(changes, expected, "{loads:?}");
    }

    #[test]
    fn snapshots_are_shed_before_matches_and_given_back_after_them() {
        use Shed::{Matches, Nothing, Snapshots};
        check(&[(800, 1000)], &[]);
        check(&[(801, 10), (700, 1000)], &[]);
        check(&[(801, 11)], &[(10, Snapshots)]);
        check(&[(1500, 100)], &[(10, Snapshots), (50, Matches)]);
        check(&[(900, 45), (500, 200)], &[(10, Snapshots)]);
        check(&[(900, 45), (440, 49), (460, 1), (440, 49)], &[(10, Snapshots)]);
        check(&[(900, 45), (440, 60)], &[(10, Snapshots), (95, Nothing)]);
        check(
            &[(900, 60), (660, 100), (640, 100), (100, 100)],
            &[(10, Snapshots), (50, Matches), (210, Snapshots), (310, Nothing)],
        );
        check(
            &[(900, 60), (0, 150)],
            &[(10, Snapshots), (50, Matches), (110, Snapshots), (161, Nothing)],
        );
    }

    #[test]
    fn a_cost_follows_what_is_measured() {
        let mut cost = Cost::guess();
        for _ in 0..200 {
            cost.observe(Duration::from_micros(500));
        }
        assert!((490_000..=500_000).contains(&cost.ns()), "{cost:?}");
        cost.observe(Duration::from_secs(1));
        cost.observe(Duration::MAX);
        for _ in 0..2000 {
            cost.observe(Duration::ZERO);
        }
        assert!(cost.ns() < 16, "{cost:?}");
    }

    #[test]
    fn the_load_of_a_shard_is_that_of_its_matches() {
        let load = SharedLoad::default();
        load.add(TICK_NS / 2);
        load.add(TICK_NS);
        assert_eq!(load.permille(), 1500);
        load.subtract(TICK_NS);
        assert_eq!(load.permille(), 500);
        for shed in Shed::ALL {
            load.set_shed(shed);
            assert_eq!(load.shed(), shed);
        }
    }
}
