//! The outcome of a run: a table for people, JSON for programs.

use std::sync::atomic::Ordering::Relaxed;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::Bench;
use super::process::Usage;
use super::samples::Samples;
use super::told::Told;

/// How a time is distributed; its unit is in the name of what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Percentiles {
    p50: f64,
    p90: f64,
    p99: f64,
    p999: f64,
    max: f64,
}

impl Percentiles {
    /// Of microseconds, in milliseconds; `None` without any.
    fn ms(histogram_us: &Histogram<u64>) -> Option<Self> {
        let at = |quantile| histogram_us.value_at_quantile(quantile) as f64 / 1000.0;
        (!histogram_us.is_empty()).then(|| Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: at(1.0),
        })
    }
}

/// The names are those of the JSON file.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    clients: u32,
    matches: u32,
    seconds: u32,
    /// From sending inputs that came in time to the first snapshot of their tick or a later one.
    input_to_snapshot_ms: Option<Percentiles>,
    /// By how much the time between two snapshots of a client differs from the time between their ticks.
    snapshot_jitter_ms: Option<Percentiles>,
    /// From the first client of a match that gets the snapshot of a tick to the last.
    broadcast_spread_ms: Option<Percentiles>,
    /// As the server tells; `None` when it does not.
    tick_us: Option<Ticks>,
    inputs_sent: u64,
    input_messages_late: u64,
    snapshots_received: u64,
    snapshots_per_client_s: f64,
    snapshot_bytes_per_client_s: f64,
    snapshot_bytes_mean: f64,
    /// Ticks of which not every client of the match got its snapshot.
    ticks_incomplete: u64,
    /// The fewest players in what the first client of a match saw; `None` without a snapshot.
    players_seen_least: Option<u64>,
    server: Option<Server>,
    /// Of the server's process, where that is known.
    process: Option<Process>,
    disconnects: u64,
    decode_errors: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Ticks {
    p50: f64,
    p90: f64,
    p99: f64,
    p999: f64,
}

/// What the server counted meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Server {
    ticks_slipped: f64,
    snapshots_superseded: f64,
    /// All that it wrote, with the protocol around it.
    sent_bytes_per_client_s: f64,
    writes_per_snapshot: f64,
}

/// What the server's process used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Process {
    cpu_ms_per_client_s: f64,
    /// Of one core.
    cpu_share: f64,
    resident_bytes: u64,
}

impl Samples {
    /// Everything that was counted, and what the server told.
    pub(super) fn report(&self, bench: &Bench, told: Option<Told>, usage: Option<Usage>) -> Report {
        let client_s = f64::from(bench.clients) * f64::from(bench.seconds);
        let snapshots = self.snapshots.load(Relaxed);
        let bytes = self.snapshot_bytes.load(Relaxed) as f64;
        let times = self.times();
        Report {
            clients: bench.clients,
            matches: bench.matches,
            seconds: bench.seconds,
            input_to_snapshot_ms: Percentiles::ms(&times.input_us),
            snapshot_jitter_ms: Percentiles::ms(&times.jitter_us),
            broadcast_spread_ms: Percentiles::ms(&times.spread_us),
            tick_us: told.as_ref().and_then(ticks),
            inputs_sent: self.inputs.load(Relaxed),
            input_messages_late: self.messages_late.load(Relaxed),
            snapshots_received: snapshots,
            snapshots_per_client_s: snapshots as f64 / client_s,
            snapshot_bytes_per_client_s: bytes / client_s,
            snapshot_bytes_mean: bytes / (snapshots.max(1) as f64),
            ticks_incomplete: self.incomplete(),
            players_seen_least: (snapshots > 0).then(|| self.players_least.load(Relaxed)),
            process: usage.map(|usage| Process {
                cpu_ms_per_client_s: usage.cpu_ns as f64 / 1e6 / client_s,
                cpu_share: usage.cpu_ns as f64 / 1e9 / f64::from(bench.seconds),
                resident_bytes: usage.resident_bytes,
            }),
            server: told.map(|told| Server {
                ticks_slipped: told.ticks_slipped,
                snapshots_superseded: told.snapshots_superseded,
                sent_bytes_per_client_s: told.sent_bytes / client_s,
                writes_per_snapshot: told.writes / (snapshots.max(1) as f64),
            }),
            disconnects: self.disconnects.load(Relaxed),
            decode_errors: self.decode_errors.load(Relaxed),
        }
    }
}

fn ticks(told: &Told) -> Option<Ticks> {
    Some(Ticks {
        p50: told.ticks.quantile_us(0.5)?,
        p90: told.ticks.quantile_us(0.9)?,
        p99: told.ticks.quantile_us(0.99)?,
        p999: told.ticks.quantile_us(0.999)?,
    })
}

const NOT_TOLD: &str = "not told";

impl Report {
    /// True when nothing went wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.disconnects == 0 && self.decode_errors == 0
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut text = format!(
            "{:32}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
            "", "p50", "p90", "p99", "p99.9", "max"
        );
        for (name, value) in [
            ("input to snapshot, ms", &self.input_to_snapshot_ms),
            ("snapshot interval jitter, ms", &self.snapshot_jitter_ms),
            ("first to last of a match, ms", &self.broadcast_spread_ms),
        ] {
            let cells = match value {
                Some(at) => [at.p50, at.p90, at.p99, at.p999, at.max]
                    .map(|ms| format!("{ms:>10.2}"))
                    .concat(),
                None => format!("{NOT_TOLD:>10}"),
            };
            text += &format!("{name:32}{cells}\n");
        }
        let cells = match &self.tick_us {
            Some(at) => [at.p50, at.p90, at.p99, at.p999]
                .map(|us| format!("{us:>10.0}"))
                .concat(),
            None => format!("{NOT_TOLD:>10}"),
        };
        text += &format!("{:32}{cells}\n\n", "tick, µs");
        for (name, value) in self.rows() {
            text += &format!("{name:44}{value:>16}\n");
        }
        text
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let server = |value: fn(&Server) -> String| self.server.as_ref().map_or(NOT_TOLD.to_owned(), value);
        let process =
            |value: fn(&Process) -> String| self.process.as_ref().map_or(NOT_TOLD.to_owned(), value);
        let players = self
            .players_seen_least
            .map_or(NOT_TOLD.to_owned(), |least| least.to_string());
        vec![
            ("clients", self.clients.to_string()),
            ("matches", self.matches.to_string()),
            ("seconds", self.seconds.to_string()),
            ("inputs sent", self.inputs_sent.to_string()),
            ("input messages too late", self.input_messages_late.to_string()),
            ("snapshots received", self.snapshots_received.to_string()),
            (
                "snapshots per client and second",
                format!("{:.1}", self.snapshots_per_client_s),
            ),
            (
                "snapshot bytes per client and second",
                format!("{:.0}", self.snapshot_bytes_per_client_s),
            ),
            (
                "bytes of a snapshot, mean",
                format!("{:.0}", self.snapshot_bytes_mean),
            ),
            (
                "all bytes sent per client and second",
                server(|told| format!("{:.0}", told.sent_bytes_per_client_s)),
            ),
            (
                "writes of the server per snapshot",
                server(|told| format!("{:.2}", told.writes_per_snapshot)),
            ),
            ("fewest players in a snapshot", players),
            ("ticks that not everybody got", self.ticks_incomplete.to_string()),
            (
                "snapshots replaced before they left",
                server(|told| format!("{:.0}", told.snapshots_superseded)),
            ),
            (
                "ticks given up",
                server(|told| format!("{:.0}", told.ticks_slipped)),
            ),
            (
                "CPU of the server, ms per client and second",
                process(|used| format!("{:.3}", used.cpu_ms_per_client_s)),
            ),
            (
                "CPU of the server, share of a core",
                process(|used| format!("{:.0} %", used.cpu_share * 100.0)),
            ),
            (
                "memory of the server, MB",
                process(|used| format!("{:.1}", used.resident_bytes as f64 / 1e6)),
            ),
            ("disconnects", self.disconnects.to_string()),
            ("decode errors", self.decode_errors.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_names_that_programs_read() {
        let samples = Samples::new(1, 2);
        for ms in 1..=100 {
            samples.times().input_us.saturating_record(ms * 1000);
        }
        samples.snapshot_bytes.store(6000, Relaxed);
        samples.snapshots.store(60, Relaxed);
        let bench = Bench {
            url: String::new(),
            clients: 2,
            matches: 1,
            seconds: 3,
            may_fire: true,
            process: None,
        };
        let report = samples.report(&bench, None, None);
        let json = serde_json::to_value(&report).expect("a report is JSON");
        assert_eq!(json["snapshot_bytes_per_client_s"], 1000.0);
        assert_eq!(json["snapshot_bytes_mean"], 100.0);
        assert!((json["input_to_snapshot_ms"]["p99"].as_f64().expect("a number") - 99.0).abs() < 0.2);
        assert!(json["tick_us"].is_null() && json["broadcast_spread_ms"].is_null());
        assert!(report.is_clean());
        assert!(report.table().contains(NOT_TOLD));
    }
}
