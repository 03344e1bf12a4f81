//! What a run of bots counts, and how it is told: a table for people, JSON for programs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Longest latency that is told apart, microseconds.
const LATENCY_US_MAX: u64 = 60_000_000;

/// Counters that all bots share.
#[derive(Debug)]
pub(super) struct Figures {
    /// Set while all play: what happens before is not counted.
    pub(super) playing: AtomicBool,
    pub(super) inputs_sent: AtomicU64,
    /// Messages whose inputs came too late for their tick.
    pub(super) inputs_late: AtomicU64,
    pub(super) snapshots_received: AtomicU64,
    pub(super) snapshot_bytes: AtomicU64,
    pub(super) kills: AtomicU64,
    pub(super) disconnects: AtomicU64,
    pub(super) decode_errors: AtomicU64,
    latency_us: Mutex<Histogram<u64>>,
}

impl Figures {
    /// All zero.
    pub(super) fn new() -> Self {
        let latency = Histogram::new_with_bounds(1, LATENCY_US_MAX, 3).expect("the bounds make a histogram");
        Self {
            playing: AtomicBool::default(),
            inputs_sent: AtomicU64::default(),
            inputs_late: AtomicU64::default(),
            snapshots_received: AtomicU64::default(),
            snapshot_bytes: AtomicU64::default(),
            kills: AtomicU64::default(),
            disconnects: AtomicU64::default(),
            decode_errors: AtomicU64::default(),
            latency_us: Mutex::new(latency),
        }
    }

    /// True while all play.
    pub(super) fn counts(&self) -> bool {
        self.playing.load(Relaxed)
    }

    /// One snapshot of so many bytes, with so many kills by its receiver.
    pub(super) fn count_snapshot(&self, bytes: usize, kills: u64) {
        self.snapshots_received.fetch_add(1, Relaxed);
        self.snapshot_bytes.fetch_add(bytes as u64, Relaxed);
        self.kills.fetch_add(kills, Relaxed);
    }

    /// One input message that came too late.
    pub(super) fn count_late(&self) {
        self.inputs_late.fetch_add(1, Relaxed);
    }

    /// From the sending of inputs that came in time to the arrival of the first snapshot of their tick or a later one.
    pub(super) fn record_latency(&self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(LATENCY_US_MAX);
        self.latency().saturating_record(us);
    }

    fn latency(&self) -> MutexGuard<'_, Histogram<u64>> {
        // A panic under the lock loses one sample at most.
        self.latency_us.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn latency_ms(&self) -> Option<Percentiles> {
        let histogram = self.latency();
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
        (!histogram.is_empty()).then(|| Percentiles {
            p50: at(0.5),
            p99: at(0.99),
        })
    }

    /// Everything, after `seconds` of play.
    pub(super) fn report(&self, plan: &Plan, tick_us: Option<Percentiles>) -> Report {
        let bytes = self.snapshot_bytes.load(Relaxed) as f64;
        Report {
            players: plan.players,
            matches: plan.matches,
            seconds: plan.seconds,
            inputs_sent: self.inputs_sent.load(Relaxed),
            input_messages_late: self.inputs_late.load(Relaxed),
            snapshots_received: self.snapshots_received.load(Relaxed),
            snapshot_bytes_per_client_s: bytes / f64::from(plan.players) / f64::from(plan.seconds),
            input_to_snapshot_ms: self.latency_ms(),
            tick_us,
            kills: self.kills.load(Relaxed),
            disconnects: self.disconnects.load(Relaxed),
            decode_errors: self.decode_errors.load(Relaxed),
        }
    }
}

/// How many play, where, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) players: u32,
    pub(super) matches: u32,
    pub(super) seconds: u32,
}

/// Median and 99th percentile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Percentiles {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// The outcome of a run. The names are those of the JSON file.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    players: u32,
    matches: u32,
    seconds: u32,
    inputs_sent: u64,
    input_messages_late: u64,
    snapshots_received: u64,
    snapshot_bytes_per_client_s: f64,
    /// `None` when no input was shown by a snapshot.
    input_to_snapshot_ms: Option<Percentiles>,
    /// `None` when the server does not tell.
    tick_us: Option<Percentiles>,
    kills: u64,
    disconnects: u64,
    decode_errors: u64,
}

impl Report {
    /// True when nothing went wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.disconnects == 0 && self.decode_errors == 0
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let percentiles = |value: &Option<Percentiles>| match value {
            Some(value) => format!("{:.1} / {:.1}", value.p50, value.p99),
            None => "not told".to_owned(),
        };
        let rows = [
            ("players", self.players.to_string()),
            ("matches", self.matches.to_string()),
            ("seconds", self.seconds.to_string()),
            ("inputs sent", self.inputs_sent.to_string()),
            ("input messages too late", self.input_messages_late.to_string()),
            ("snapshots received", self.snapshots_received.to_string()),
            (
                "snapshot bytes per client and second",
                format!("{:.0}", self.snapshot_bytes_per_client_s),
            ),
            (
                "input to snapshot, ms (p50 / p99)",
                percentiles(&self.input_to_snapshot_ms),
            ),
            ("tick, µs (p50 / p99)", percentiles(&self.tick_us)),
            ("kills by these bots", self.kills.to_string()),
            ("disconnects", self.disconnects.to_string()),
            ("decode errors", self.decode_errors.to_string()),
        ];
        let width = rows
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        let lines = rows.iter().map(|(name, value)| {
            let padding = " ".repeat(width - name.chars().count());
            format!("{name}{padding}  {value:>16}\n")
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_names_that_programs_read() {
        let figures = Figures::new();
        for ms in 1..=100 {
            figures.record_latency(Duration::from_millis(ms));
        }
        figures.snapshot_bytes.store(6000, Relaxed);
        let report = figures.report(
            &Plan {
                players: 2,
                matches: 1,
                seconds: 3,
            },
            None,
        );
        let json = serde_json::to_value(&report).expect("a report is JSON");
        assert_eq!(json["snapshot_bytes_per_client_s"], 1000.0);
        assert!((json["input_to_snapshot_ms"]["p99"].as_f64().expect("a number") - 99.0).abs() < 0.2);
        assert!(json["tick_us"].is_null());
        assert!(report.is_clean());
        assert!(report.table().contains("not told"));
    }
}
