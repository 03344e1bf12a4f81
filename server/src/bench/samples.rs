//! What all clients of a run measure together.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hdrhistogram::Histogram;
use shared::tick::Tick;

use super::spread::Spread;

/// Longest time that is told apart, microseconds.
const US_MAX: u64 = 60_000_000;

/// Counters and histograms; what happens before `counting` is set is not in them.
#[derive(Debug)]
pub(super) struct Samples {
    /// All times are since this.
    pub(super) origin: Instant,
    pub(super) counting: AtomicBool,
    pub(super) inputs: AtomicU64,
    /// Messages whose inputs came too late for their tick.
    pub(super) messages_late: AtomicU64,
    pub(super) snapshots: AtomicU64,
    pub(super) snapshot_bytes: AtomicU64,
    /// The fewest players that a client saw which decodes.
    pub(super) players_least: AtomicU64,
    /// At any time, since it must never happen.
    pub(super) disconnects: AtomicU64,
    pub(super) decode_errors: AtomicU64,
    times: Mutex<Times>,
    /// By the number of the match.
    spreads: Vec<Mutex<Spread>>,
}

/// Histograms in microseconds.
#[derive(Debug)]
pub(super) struct Times {
    pub(super) input_us: Histogram<u64>,
    pub(super) jitter_us: Histogram<u64>,
    pub(super) spread_us: Histogram<u64>,
}

impl Samples {
    /// Of nothing yet.
    pub(super) fn new(matches: u32, clients: u32) -> Self {
        let histogram = || Histogram::new_with_bounds(1, US_MAX, 3).expect("the bounds make a histogram");
        // Clients are dealt out one by one, so the first matches have one more.
        let members = |number| clients / matches + u32::from(number < clients % matches);
        Self {
            origin: Instant::now(),
            counting: AtomicBool::default(),
            inputs: AtomicU64::default(),
            messages_late: AtomicU64::default(),
            snapshots: AtomicU64::default(),
            snapshot_bytes: AtomicU64::default(),
            players_least: AtomicU64::new(u64::MAX),
            disconnects: AtomicU64::default(),
            decode_errors: AtomicU64::default(),
            times: Mutex::new(Times {
                input_us: histogram(),
                jitter_us: histogram(),
                spread_us: histogram(),
            }),
            spreads: (0..matches)
                .map(|number| Mutex::new(Spread::new(members(number))))
                .collect(),
        }
    }

    /// Microseconds since the origin.
    pub(super) fn now_us(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(super) fn times(&self) -> MutexGuard<'_, Times> {
        // A panic under the lock loses one sample at most.
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client of that match got the snapshot of `tick`.
    pub(super) fn arrive(&self, match_number: u32, tick: Tick, now_us: u64) {
        let mut spread = self.spread(&self.spreads[match_number as usize]);
        if !self.counting.load(Relaxed) {
            // Not all are there yet.
            spread.clear();
        } else if let Some(us) = spread.arrive(tick, now_us) {
            drop(spread);
            self.times().spread_us.saturating_record(us);
        }
    }

    /// Ticks that not every client of their match got.
    pub(super) fn incomplete(&self) -> u64 {
        self.spreads
            .iter()
            .map(|spread| self.spread(spread).incomplete)
            .sum()
    }

    fn spread<'a>(&self, spread: &'a Mutex<Spread>) -> MutexGuard<'a, Spread> {
        spread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
