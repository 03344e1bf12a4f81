//! What the shards count. Plain atomics, shared by everything that counts and read by whoever publishes them.
//!
//! Each number stands alone: reading several of them gives no consistent moment, and none of them decides anything.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::load::SharedLoad;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `more`. Nothing is free: several threads write what lies beside a counter.
    pub fn add(&self, more: u64) {
        if more > 0 {
            self.0.fetch_add(more, Ordering::Relaxed);
        }
    }

    /// The sum so far.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down, never below zero.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// One more.
    pub fn rise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One less; each `fall` belongs to an earlier `rise`.
    pub fn fall(&self) {
        self.fall_by(1);
    }

    /// So many less.
    pub fn fall_by(&self, less: u64) {
        if less > 0 {
            self.0.fetch_sub(less, Ordering::Relaxed);
        }
    }

    /// The number now.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Upper ends of the buckets of [`TickTimes`], µs. The last is the length of a tick: a match that needs more cannot
/// keep up even alone. What is above falls into a bucket of its own.
pub const TICK_TIME_BUCKETS_US: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 16_667];

/// How long ticks took, as a histogram with fixed buckets.
#[derive(Debug, Default)]
pub struct TickTimes {
    buckets: [Counter; TICK_TIME_BUCKETS_US.len() + 1],
    sum_ns: Counter,
    max_ns: AtomicU64,
}

impl TickTimes {
    /// Counts one tick of one match.
    pub fn record(&self, took: Duration) {
        let took_ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let bucket = TICK_TIME_BUCKETS_US.partition_point(|&end_us| end_us * 1_000 < took_ns);
        self.buckets[bucket].add(1);
        self.sum_ns.add(took_ns);
        self.max_ns.fetch_max(took_ns, Ordering::Relaxed);
    }

    /// Ticks in each bucket, not cumulated; the last one holds what is above all ends.
    pub fn buckets(&self) -> [u64; TICK_TIME_BUCKETS_US.len() + 1] {
        std::array::from_fn(|index| self.buckets[index].value())
    }

    /// Ticks counted.
    pub fn count(&self) -> u64 {
        self.buckets().iter().sum()
    }

    /// Sum of all ticks, µs.
    pub fn sum_us(&self) -> u64 {
        self.sum_ns.value() / 1_000
    }

    /// The longest tick since the start, µs.
    pub fn max_us(&self) -> u64 {
        self.max_ns.load(Ordering::Relaxed) / 1_000
    }
}

/// What one shard counts, besides what it adds to [`Stats`].
#[derive(Debug)]
pub struct ShardStats {
    /// Its number, from 0.
    pub index: usize,
    /// That of its thread.
    pub name: String,
    /// Matches it steps.
    pub matches: Gauge,
    /// Ticks of all of them.
    pub ticks: Counter,
    /// Time of each of them.
    pub tick_times: TickTimes,
    /// How long after its deadline a match was taken up.
    pub tick_lateness: TickTimes,
    /// Ticks that were dropped.
    pub slipped_ticks: Counter,
    /// How much its matches take of its time, and what it sheds.
    pub load: SharedLoad,
    /// How often that changed.
    pub shed_changes: Counter,
}

impl ShardStats {
    /// All zero, of the thread `shard-<index>`.
    pub fn new(index: usize) -> Self {
        Self::named(format!("shard-{index}"), index)
    }

    /// The same, of a thread with a name of its own.
    pub fn named(name: String, index: usize) -> Self {
        Self {
            index,
            name,
            matches: Gauge::default(),
            ticks: Counter::default(),
            tick_times: TickTimes::default(),
            tick_lateness: TickTimes::default(),
            slipped_ticks: Counter::default(),
            load: SharedLoad::default(),
            shed_changes: Counter::default(),
        }
    }
}

/// Everything the simulation counts, over all matches and shards.
#[derive(Debug, Default)]
pub struct Stats {
    /// Time of each tick of each match; its count is the number of ticks.
    pub tick_times: TickTimes,
    /// How long after its deadline a match was taken up.
    pub tick_lateness: TickTimes,
    /// Ticks that were dropped because a match was too far behind.
    pub slipped_ticks: Counter,
    /// Matches handed to a shard.
    pub matches_started: Counter,
    /// Matches running now.
    pub matches_running: Gauge,
    /// Matches that ended because the rules panicked.
    pub matches_crashed: Counter,
    /// People who have a place now, or are about to get the one they asked for.
    pub people: Gauge,
    /// Those who only watch now, or are about to.
    pub viewers: Gauge,
    /// Requests to watch that were refused because as many watch as may.
    pub viewers_refused: Counter,
    /// What viewers said who have no place in the match (any more); dropped.
    pub looks_unseated: Counter,
    /// Players that are played by the server now.
    pub bots: Gauge,
    /// Snapshots put into a mailbox.
    pub snapshots: Counter,
    /// Bytes of those snapshots.
    pub snapshot_bytes: Counter,
    /// Snapshots that were replaced by a newer one before anybody took them.
    pub snapshots_superseded: Counter,
    /// Entities encoded for a snapshot, whole or as a difference, however many clients get them.
    pub chunks_encoded: Counter,
    /// Cells copied into the snapshot of a client.
    pub blobs_copied: Counter,
    /// Cells that a snapshot had no room for, or that lie beyond the view of a client that does not keep up.
    pub cells_skipped: Counter,
    /// Snapshots that are taken against nothing.
    pub keyframes: Counter,
    /// Clients whose rate was halved, each time.
    pub clients_congested: Counter,
    /// Clients that answered nothing for so long that nothing was sent to them any more.
    pub clients_stalled: Counter,
    /// Clients that were given up because they answered nothing.
    pub clients_gone: Counter,
    /// Acknowledgements that no honest client sends; ignored. One that is said again before the next snapshot counts once.
    pub acks_refused: Counter,
    /// Messages of clients that could not apply a snapshot.
    pub resyncs: Counter,
    /// Snapshots left out because a shard was overloaded, one for each person.
    pub snapshots_shed: Counter,
    /// Events that a client will never see because it took no snapshot for too long.
    pub events_dropped: Counter,
    /// Inputs that came in time, one for each tick they are for.
    pub inputs_accepted: Counter,
    /// Inputs for a tick that was over and had none; dropped, but perhaps for an action.
    pub inputs_late: Counter,
    /// Of those, the ones with an action that was carried out a little later.
    pub inputs_late_actions: Counter,
    /// Inputs for a tick that had one already.
    pub inputs_duplicate: Counter,
    /// Inputs whose sender claimed to see the others further back than its connection can explain; taken as far back as that.
    pub views_clamped: Counter,
    /// Inputs for a tick too far ahead; dropped.
    pub inputs_early: Counter,
    /// Inputs of somebody who has no place in the match (any more); dropped.
    pub inputs_unseated: Counter,
    /// Ticks of a person without an input for it: the last one was repeated, or none was assumed.
    pub inputs_missing: Counter,
    /// Messages that did not decode; the sender is told by `handle::SubmitError::Decode`.
    pub messages_malformed: Counter,
    /// Commands that wait for the next tick of their match.
    pub commands_waiting: Gauge,
    /// Commands that found the queue of the match full; dropped or refused.
    pub commands_refused: Counter,
    /// Recordings handed over whole, to their match's end or to their bound.
    pub recordings_finished: Counter,
    /// Of those, the ones that reached their bound before their match ended.
    pub recordings_cut: Counter,
    /// Recordings given up because their sink could not take them.
    pub recordings_lost: Counter,
    /// Bytes of recordings handed over.
    pub recording_bytes: Counter,
    /// Ticks of recordings that were played for viewers.
    pub replayed_ticks: Counter,
    /// Recordings that are on their way to another moment: they share what a shard has to spare.
    pub replays_seeking: Gauge,
    /// Recordings that became another match while they were played for a viewer, and were ended.
    pub replays_diverged: Counter,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(took_us: u64, bucket: usize) {
        let times = TickTimes::default();
        times.record(Duration::from_micros(took_us));
        assert_eq!(times.buckets()[bucket], 1, "{took_us} µs");
        assert_eq!(
            (times.count(), times.sum_us(), times.max_us()),
            (1, took_us, took_us)
        );
    }

    #[test]
    fn a_tick_falls_into_the_first_bucket_that_holds_it() {
        check(0, 0);
        check(5, 0);
        check(6, 1);
        check(16_667, 10);
        check(16_668, 11);
        check(1_000_000, 11);
    }
}
