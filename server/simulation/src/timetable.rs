//! The matches of a shard in the order of their deadlines: a shard without its thread, so that a test can drive it in
//! made-up time.
//!
//! A match that panics is dropped alone: its sink is told, the panic is counted and logged, and the others do not notice.

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use shared::message::MatchEnd;

use crate::ahead::Turns;
use crate::load::{Cost, Shed, Shedding};
use crate::pacing::{Pacing, first_deadline};
use crate::pulse::Pulse;
use crate::replay::panic_text;
use crate::simulation::{Flow, RunningMatch};
use crate::stats::{ShardStats, Stats};

/// Where the time comes from.
pub trait Clock {
    /// The present.
    fn now(&self) -> Instant;
}

/// See the head of this file.
pub struct Timetable<C> {
    clock: C,
    stats: Arc<Stats>,
    shard: Arc<ShardStats>,
    /// Matches counted from the start of the shard; gives each its phase.
    added: u64,
    epoch: Instant,
    /// The match with the earliest deadline on top.
    matches: BinaryHeap<Reverse<Paced>>,
    shedding: Shedding,
    /// Until a match panics in it.
    looks_ahead: bool,
}

impl<C: Clock> Timetable<C> {
    /// Without matches.
    pub fn new(clock: C, stats: Arc<Stats>, shard: Arc<ShardStats>) -> Self {
        Self {
            epoch: clock.now(),
            clock,
            stats,
            shard,
            added: 0,
            matches: BinaryHeap::new(),
            shedding: Shedding::default(),
            looks_ahead: true,
        }
    }

    /// Takes a match up, whose cost whoever brings it has added to the load of the shard as [`Cost::guess`]. Its first tick
    /// comes within two tick lengths.
    pub fn add(&mut self, running: Box<dyn RunningMatch>) {
        let number = self.added;
        self.added += 1;
        self.stats.matches_started.add(1);
        self.stats.matches_running.rise();
        self.shard.matches.rise();
        let first = first_deadline(self.epoch, self.clock.now(), number, self.shard.index);
        self.matches.push(Reverse(Paced {
            pacing: Pacing::new(first),
            number,
            cost: Cost::guess(),
            pulse: running.pulse(),
            running,
        }));
    }

    /// The earliest deadline.
    pub fn deadline(&self) -> Option<Instant> {
        self.matches.peek().map(|Reverse(next)| next.pacing.deadline())
    }

    /// Steps the match with the earliest deadline, if that has come.
    pub fn step_next(&mut self) {
        let Some(Reverse(mut paced)) = self.matches.pop() else {
            return;
        };
        // Its time counts as that of this match: so much the less does the next one take.
        let started = self.clock.now();
        self.look_ahead();
        match self.step_due(&mut paced, started) {
            Ok(Flow::Running) => self.matches.push(Reverse(paced)),
            Ok(Flow::Finished) => self.end(paced, MatchEnd::Closed),
            Err(panic) => {
                tracing::error!(
                    match_id = %paced.running.id(),
                    reason = panic_text(panic.as_ref()),
                    "a match panicked and is dropped"
                );
                self.stats.matches_crashed.add(1);
                self.end(paced, MatchEnd::Crashed);
            }
        }
        self.shed();
    }

    /// Tells the two matches that come next. They are at the top of the heap: one first, the other among the two behind it. With
    /// fewer than three in all none is ever cold. Nothing depends on it, so that after a panic it is left alone.
    fn look_ahead(&mut self) {
        let heap = self.matches.as_slice();
        let (Some(Reverse(first)), Some(Reverse(second))) = (heap.first(), heap.iter().skip(1).take(2).max())
        else {
            return;
        };
        if !self.looks_ahead {
            return;
        }
        let looked = catch_unwind(AssertUnwindSafe(|| {
            second.running.look_ahead(Turns::Two);
            first.running.look_ahead(Turns::One);
        }));
        if let Err(panic) = looked {
            tracing::error!(
                reason = panic_text(panic.as_ref()),
                "a match panicked when it looked ahead; its shard does so no more"
            );
            self.looks_ahead = false;
        }
    }

    /// Steps what is due. An error is the payload of a panic.
    fn step_due(&self, paced: &mut Paced, mut started: Instant) -> Result<Flow, Box<dyn Any + Send>> {
        let late = started.saturating_duration_since(paced.pacing.deadline());
        let due = paced.pacing.advance(started);
        if due.ticks > 0 {
            self.stats.tick_lateness.record(late);
            self.shard.tick_lateness.record(late);
        }
        if due.slipped > 0 {
            self.stats.slipped_ticks.add(due.slipped);
            self.shard.slipped_ticks.add(due.slipped);
            paced.pulse.slip(due.slipped);
            paced.running.slip();
        }
        paced
            .running
            .thin_snapshots(self.shard.load.shed() >= Shed::Snapshots);
        paced.running.expect_next(paced.pacing.deadline());
        for _ in 0..due.ticks {
            // The world is not looked at again after a panic, so it does not matter in which state it is.
            let flow = catch_unwind(AssertUnwindSafe(|| paced.running.step()))?;
            let ended = self.clock.now();
            let took = ended.saturating_duration_since(started);
            started = ended;
            self.stats.tick_times.record(took);
            self.shard.tick_times.record(took);
            self.shard.ticks.add(1);
            let before = paced.cost;
            paced.cost.observe(took);
            paced.pulse.observe(paced.cost.ns());
            self.shard.load.add(paced.cost.ns());
            self.shard.load.subtract(before.ns());
            if flow == Flow::Finished {
                return Ok(Flow::Finished);
            }
        }
        Ok(Flow::Running)
    }

    /// Ends and drops one match. What was left behind by a panic may panic again while it is dropped.
    fn end(&mut self, paced: Paced, reason: MatchEnd) {
        let id = paced.running.id();
        self.shard.load.subtract(paced.cost.ns());
        let ended = catch_unwind(AssertUnwindSafe(move || {
            let mut running = paced.running;
            running.end(reason);
        }));
        if let Err(panic) = ended {
            tracing::error!(match_id = %id, reason = panic_text(panic.as_ref()), "a match panicked at its end");
        }
        self.stats.matches_running.fall();
        self.shard.matches.fall();
    }

    /// Looks at the load. A shard without matches sheds nothing, since nobody would look again.
    fn shed(&mut self) {
        let before = self.shard.load.shed();
        if self.matches.is_empty() {
            self.shedding = Shedding::default();
        }
        let permille = self.shard.load.permille();
        let shed = self.shedding.observe(permille, self.clock.now());
        if shed != before {
            self.shard.load.set_shed(shed);
            self.shard.shed_changes.add(1);
            let percent = permille / 10;
            tracing::warn!(
                shard = self.shard.name,
                ?shed,
                percent,
                "a shard sheds more or less than before"
            );
        }
    }

    /// Ends everything.
    pub fn close(mut self) {
        for Reverse(paced) in std::mem::take(&mut self.matches) {
            self.end(paced, MatchEnd::Closed);
        }
    }
}

/// A match and its deadlines, ordered by the next one.
struct Paced {
    pacing: Pacing,
    /// Breaks ties.
    number: u64,
    cost: Cost,
    pulse: Arc<Pulse>,
    running: Box<dyn RunningMatch>,
}

impl Paced {
    fn key(&self) -> (Instant, u64) {
        (self.pacing.deadline(), self.number)
    }
}

impl Ord for Paced {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Paced {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Paced {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Paced {}
