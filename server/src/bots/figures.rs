//! What all bots of a run count together.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hdrhistogram::Histogram;

use super::pilot::Noticed;
use super::report::Percentiles;

/// Longest latency that is told apart, microseconds.
const LATENCY_US_MAX: u64 = 60_000_000;

/// A correction further than this is no error of a prediction: the page shows it at once instead of gliding.
const SNAP_UNITS: f32 = 64.0;

/// Longest correction that is told apart, thousandths of a unit.
const CORRECTION_MAX: u64 = 64_000;

/// What became of the bots that paused.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    pub(super) begun: AtomicU64,
    /// Went on over the same connection, from a keyframe.
    pub(super) resumed_by_keyframe: AtomicU64,
    /// Took the same seat again by its token.
    pub(super) resumed_by_seat: AtomicU64,
    /// The seat was gone, so they took another.
    pub(super) joined_anew: AtomicU64,
}

/// Counters that all bots share. Those that come while not all play yet are not counted, but for what must never happen.
#[derive(Debug)]
pub(super) struct Figures {
    /// Set while all play.
    pub(super) playing: AtomicBool,
    pub(super) inputs_sent: AtomicU64,
    pub(super) messages_sent: AtomicU64,
    pub(super) messages_late: AtomicU64,
    pub(super) snapshots_received: AtomicU64,
    pub(super) snapshot_bytes: AtomicU64,
    pub(super) keyframes: AtomicU64,
    pub(super) out_of_step: AtomicU64,
    pub(super) corrections: AtomicU64,
    /// Of those, the ones that lead to another place, as that of a new life.
    pub(super) snaps: AtomicU64,
    pub(super) kills: AtomicU64,
    pub(super) disconnects: AtomicU64,
    pub(super) decode_errors: AtomicU64,
    pub(super) link_overflows: AtomicU64,
    pub(super) pauses: Pauses,
    latency_us: Mutex<Histogram<u64>>,
    spacing_us: Mutex<Histogram<u64>>,
    correction: Mutex<Histogram<u64>>,
}

impl Figures {
    /// All zero.
    pub(super) fn new() -> Self {
        let histogram = |max| {
            let bounds = Histogram::new_with_bounds(1, max, 3);
            Mutex::new(bounds.expect("the bounds make a histogram"))
        };
        Self {
            playing: AtomicBool::default(),
            inputs_sent: AtomicU64::default(),
            messages_sent: AtomicU64::default(),
            messages_late: AtomicU64::default(),
            snapshots_received: AtomicU64::default(),
            snapshot_bytes: AtomicU64::default(),
            keyframes: AtomicU64::default(),
            out_of_step: AtomicU64::default(),
            corrections: AtomicU64::default(),
            snaps: AtomicU64::default(),
            kills: AtomicU64::default(),
            disconnects: AtomicU64::default(),
            decode_errors: AtomicU64::default(),
            link_overflows: AtomicU64::default(),
            pauses: Pauses::default(),
            latency_us: histogram(LATENCY_US_MAX),
            spacing_us: histogram(LATENCY_US_MAX),
            correction: histogram(CORRECTION_MAX),
        }
    }

    /// One message with so many inputs.
    pub(super) fn count_inputs(&self, inputs: usize) {
        if self.playing.load(Relaxed) {
            self.inputs_sent.fetch_add(inputs as u64, Relaxed);
            self.messages_sent.fetch_add(1, Relaxed);
        }
    }

    /// One snapshot of so many bytes, and what its receiver noticed.
    pub(super) fn count_snapshot(&self, bytes: usize, noticed: &Noticed) {
        if !self.playing.load(Relaxed) {
            return;
        }
        self.snapshots_received.fetch_add(1, Relaxed);
        self.snapshot_bytes.fetch_add(bytes as u64, Relaxed);
        self.keyframes.fetch_add(noticed.is_keyframe.into(), Relaxed);
        self.kills.fetch_add(noticed.kills, Relaxed);
        self.messages_late.fetch_add(noticed.messages_late, Relaxed);
        if let Some(units) = noticed.correction {
            self.corrections.fetch_add(1, Relaxed);
            if units > SNAP_UNITS {
                self.snaps.fetch_add(1, Relaxed);
            } else {
                lock(&self.correction).saturating_record((units * 1000.0) as u64);
            }
        }
        if let Some(ms) = noticed.since_last_ms {
            lock(&self.spacing_us).saturating_record((ms * 1000.0) as u64);
        }
        if !noticed.shown_after_ms.is_empty() {
            let mut latency = lock(&self.latency_us);
            for ms in &noticed.shown_after_ms {
                latency.saturating_record((ms * 1000.0) as u64);
            }
        }
    }

    /// From writing the message that first carries an input to the arrival of the first snapshot of its tick or a later one.
    pub(super) fn latency_ms(&self) -> Option<Percentiles> {
        Percentiles::of(&lock(&self.latency_us), 1000.0)
    }

    /// From one snapshot of a bot to its next.
    pub(super) fn spacing_ms(&self) -> Option<Percentiles> {
        Percentiles::of(&lock(&self.spacing_us), 1000.0)
    }

    /// How far the own player was put elsewhere, when that was no other place altogether.
    pub(super) fn correction_units(&self) -> Option<Percentiles> {
        Percentiles::of(&lock(&self.correction), 1000.0)
    }
}

fn lock(histogram: &Mutex<Histogram<u64>>) -> MutexGuard<'_, Histogram<u64>> {
    // A panic under the lock loses one sample at most.
    histogram.lock().unwrap_or_else(PoisonError::into_inner)
}
