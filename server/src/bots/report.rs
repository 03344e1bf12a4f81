//! The outcome of a run: a table for people, JSON for programs.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::figures::{Figures, Pauses};
use super::pause::Pause;
use super::server_metrics::Between;

/// How many play, where, for how long, and over what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) players: u32,
    pub(super) matches: u32,
    pub(super) seconds: u32,
    pub(super) link: Option<&'static str>,
    pub(super) pause: Option<Pause>,
}

/// Median and 99th percentile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Percentiles {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

impl Percentiles {
    /// Of a histogram in which a unit counts `scale`; `None` of an empty one.
    pub(super) fn of(histogram: &Histogram<u64>, scale: f64) -> Option<Self> {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / scale;
        (!histogram.is_empty()).then(|| Self {
            p50: at(0.5),
            p99: at(0.99),
        })
    }
}

/// What became of those who paused.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Paused {
    players: u32,
    seconds: u32,
    resumed_by_keyframe: u64,
    resumed_by_seat: u64,
    joined_anew: u64,
    /// By how much this process was larger at the end of the pause than before it; `None` with a server elsewhere.
    server_bytes_each: Option<i64>,
}

impl Paused {
    fn new(pause: Pause, pauses: &Pauses, grown_bytes: Option<i64>) -> Self {
        Self {
            players: pause.players,
            seconds: pause.seconds,
            resumed_by_keyframe: pauses.resumed_by_keyframe.load(Relaxed),
            resumed_by_seat: pauses.resumed_by_seat.load(Relaxed),
            joined_anew: pauses.joined_anew.load(Relaxed),
            server_bytes_each: grown_bytes.map(|bytes| bytes / i64::from(pause.players)),
        }
    }

    /// True when each of them plays again.
    const fn is_whole(&self) -> bool {
        self.resumed_by_keyframe + self.resumed_by_seat + self.joined_anew == self.players as u64
    }

    fn rows(&self) -> [(&'static str, String); 3] {
        [
            (
                "paused players, and for how many seconds",
                format!("{} / {}", self.players, self.seconds),
            ),
            (
                "of those back by keyframe / by seat / anew",
                format!(
                    "{} / {} / {}",
                    self.resumed_by_keyframe, self.resumed_by_seat, self.joined_anew
                ),
            ),
            (
                "memory for each paused player, KB",
                told(
                    self.server_bytes_each
                        .map(|bytes| format!("{:.1}", bytes as f64 / 1024.0)),
                ),
            ),
        ]
    }
}

/// The outcome of a run. The names are those of the JSON file.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    players: u32,
    matches: u32,
    seconds: u32,
    /// `None` without one.
    link: Option<&'static str>,
    inputs_sent: u64,
    input_messages_sent: u64,
    input_messages_late: u64,
    /// `None` when the server does not tell.
    inputs_late_percent: Option<f64>,
    snapshots_received: u64,
    /// `None` when the server does not tell.
    snapshots_superseded: Option<u64>,
    keyframes: u64,
    snapshots_out_of_step: u64,
    snapshot_bytes_per_client_s: f64,
    /// Without those who paused; `None` when nobody got two.
    pub(super) snapshot_spacing_ms: Option<Percentiles>,
    /// Without those who paused; `None` when no input was shown by a snapshot.
    pub(super) input_to_snapshot_ms: Option<Percentiles>,
    corrections_per_client_s: f64,
    /// Of those, the ones that lead to another place.
    snaps_per_client_s: f64,
    /// `None` without corrections.
    correction_units: Option<Percentiles>,
    /// `None` when the server does not tell.
    tick_us: Option<Percentiles>,
    kills: u64,
    disconnects: u64,
    decode_errors: u64,
    link_overflows: u64,
    /// `None` when nobody was to pause.
    pause: Option<Paused>,
}

impl Report {
    /// What was counted, and what the server says of the same time.
    pub(super) fn new(plan: &Plan, figures: &Figures, server: &Between, grown_bytes: Option<i64>) -> Self {
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        let per_client_s =
            |counter: &AtomicU64| read(counter) as f64 / f64::from(plan.players) / f64::from(plan.seconds);
        Self {
            players: plan.players,
            matches: plan.matches,
            seconds: plan.seconds,
            link: plan.link,
            inputs_sent: read(&figures.inputs_sent),
            input_messages_sent: read(&figures.messages_sent),
            input_messages_late: read(&figures.messages_late),
            inputs_late_percent: server.inputs_late_percent,
            snapshots_received: read(&figures.snapshots_received),
            snapshots_superseded: server.snapshots_superseded,
            keyframes: read(&figures.keyframes),
            snapshots_out_of_step: read(&figures.out_of_step),
            snapshot_bytes_per_client_s: per_client_s(&figures.snapshot_bytes),
            snapshot_spacing_ms: figures.spacing_ms(),
            input_to_snapshot_ms: figures.latency_ms(),
            corrections_per_client_s: per_client_s(&figures.corrections),
            snaps_per_client_s: per_client_s(&figures.snaps),
            correction_units: figures.correction_units(),
            tick_us: server.tick_us,
            kills: read(&figures.kills),
            disconnects: read(&figures.disconnects),
            decode_errors: read(&figures.decode_errors),
            link_overflows: read(&figures.link_overflows),
            pause: plan
                .pause
                .map(|pause| Paused::new(pause, &figures.pauses, grown_bytes)),
        }
    }

    /// True when nothing went wrong.
    pub(crate) fn is_clean(&self) -> bool {
        let all_are_back = self.pause.as_ref().is_none_or(Paused::is_whole);
        self.disconnects == 0 && self.decode_errors == 0 && all_are_back
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut rows = self.rows();
        rows.extend(self.pause.iter().flat_map(Paused::rows));
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

    fn rows(&self) -> Vec<(&'static str, String)> {
        vec![
            ("players", self.players.to_string()),
            ("matches", self.matches.to_string()),
            ("seconds", self.seconds.to_string()),
            ("link", self.link.unwrap_or("none").to_owned()),
            ("inputs sent", self.inputs_sent.to_string()),
            ("input messages sent", self.input_messages_sent.to_string()),
            ("input messages too late", self.input_messages_late.to_string()),
            (
                "inputs too late, %",
                told(self.inputs_late_percent.map(|percent| format!("{percent:.2}"))),
            ),
            ("snapshots received", self.snapshots_received.to_string()),
            (
                "snapshots superseded",
                told(self.snapshots_superseded.map(|count| count.to_string())),
            ),
            ("keyframes", self.keyframes.to_string()),
            ("snapshots out of step", self.snapshots_out_of_step.to_string()),
            (
                "snapshot bytes per client and second",
                format!("{:.0}", self.snapshot_bytes_per_client_s),
            ),
            (
                "snapshot to snapshot, ms (p50 / p99)",
                both(self.snapshot_spacing_ms),
            ),
            (
                "input to snapshot, ms (p50 / p99)",
                both(self.input_to_snapshot_ms),
            ),
            (
                "corrections per client and second",
                format!("{:.2}", self.corrections_per_client_s),
            ),
            (
                "of those to another place, as after a death",
                format!("{:.2}", self.snaps_per_client_s),
            ),
            ("correction, units (p50 / p99)", both(self.correction_units)),
            ("tick, µs (p50 / p99)", both(self.tick_us)),
            ("kills by these bots", self.kills.to_string()),
            ("disconnects", self.disconnects.to_string()),
            ("decode errors", self.decode_errors.to_string()),
            (
                "messages that did not fit the link",
                self.link_overflows.to_string(),
            ),
        ]
    }
}

fn told(value: Option<String>) -> String {
    value.unwrap_or_else(|| "not told".to_owned())
}

fn both(value: Option<Percentiles>) -> String {
    told(value.map(|value| format!("{:.1} / {:.1}", value.p50, value.p99)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bots::pilot::Noticed;

    #[test]
    fn a_report_has_the_names_that_programs_read() {
        let figures = Figures::new();
        figures.playing.store(true, Relaxed);
        let noticed = Noticed {
            correction: Some(2.5),
            shown_after_ms: (1..=100).map(f64::from).collect(),
            ..Noticed::default()
        };
        figures.count_snapshot(6000, &noticed);
        let plan = Plan {
            players: 2,
            matches: 1,
            seconds: 3,
            link: Some("4g"),
            pause: None,
        };
        let report = Report::new(&plan, &figures, &Between::default(), None);
        let json = serde_json::to_value(&report).expect("a report is JSON");
        assert_eq!(json["snapshot_bytes_per_client_s"], 1000.0);
        assert!((json["input_to_snapshot_ms"]["p99"].as_f64().expect("a number") - 99.0).abs() < 0.2);
        assert!((json["correction_units"]["p50"].as_f64().expect("a number") - 2.5).abs() < 0.01);
        assert_eq!(json["link"], "4g");
        assert!(json["tick_us"].is_null() && json["inputs_late_percent"].is_null());
        assert!(report.is_clean());
        assert!(report.table().contains("not told"));
    }

    #[test]
    fn a_pause_is_clean_when_everybody_is_back_however() {
        let pause = Pause {
            players: 3,
            seconds: 5,
        };
        let plan = Plan {
            players: 3,
            matches: 1,
            seconds: 10,
            link: None,
            pause: Some(pause),
        };
        let figures = Figures::new();
        figures.pauses.resumed_by_keyframe.store(1, Relaxed);
        figures.pauses.resumed_by_seat.store(1, Relaxed);
        let report = || Report::new(&plan, &figures, &Between::default(), Some(6144));
        assert!(!report().is_clean());
        figures.pauses.joined_anew.store(1, Relaxed);
        assert!(report().is_clean());
        assert!(report().table().contains("1 / 1 / 1"));
        let json = serde_json::to_value(report()).expect("a report is JSON");
        assert_eq!(json["pause"]["server_bytes_each"], 2048);
    }
}
