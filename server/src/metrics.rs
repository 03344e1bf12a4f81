//! `/metrics`: every figure in the text format of Prometheus, version 0.0.4.

mod rows;

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use simulation::shard::Health;
use simulation::stats::{Counter, TICK_TIME_BUCKETS_US, TickTimes};
use socketio::SocketIo;

use self::rows::{Kind, ROWS, SHARD_ROWS};
use crate::gateway;
use crate::matches::Matches;
use crate::recordings::{self, Recordings};
use crate::replays::Replays;
use crate::seats::Seats;

/// Where the figures come from.
pub(crate) struct Metrics {
    io: SocketIo,
    simulation: Arc<simulation::stats::Stats>,
    gateway: Arc<gateway::stats::Stats>,
    seats: Arc<Seats>,
    recordings: Option<Arc<Recordings>>,
    replays: Option<Arc<Replays>>,
    matches: Arc<Matches>,
}

impl Metrics {
    /// A figure of the recordings; 0 when there are none.
    fn on_disk(&self, counter: fn(&recordings::Stats) -> &Counter) -> u64 {
        self.recordings
            .as_ref()
            .map_or(0, |recordings| counter(recordings.stats()).value())
    }

    /// A figure of the recordings that are shown; 0 when none may be.
    fn shown(&self, figure: fn(&Replays) -> u64) -> u64 {
        self.replays.as_deref().map_or(0, figure)
    }

    /// Figures of these parts.
    pub(crate) fn new(
        io: SocketIo,
        simulation: Arc<simulation::stats::Stats>,
        gateway: Arc<gateway::stats::Stats>,
        seats: Arc<Seats>,
        recordings: Option<Arc<Recordings>>,
        replays: Option<Arc<Replays>>,
        matches: Arc<Matches>,
    ) -> Self {
        Self {
            io,
            simulation,
            gateway,
            seats,
            recordings,
            replays,
            matches,
        }
    }

    /// All figures as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(8 * 1024);
        for row in ROWS {
            head(&mut text, row.name, row.kind.name(), row.help);
            line(&mut text, row.name, "", (row.read)(self));
        }
        self.closed_by_reason(&mut text);
        let simulation = &self.simulation;
        histogram(
            &mut text,
            "tickroom_tick_us",
            "Time that one tick of one match takes, in microseconds.",
            &simulation.tick_times,
        );
        histogram(
            &mut text,
            "tickroom_tick_late_us",
            "How long after its moment a match is taken up, in microseconds.",
            &simulation.tick_lateness,
        );
        self.shards(&mut text);
        text
    }

    fn closed_by_reason(&self, text: &mut String) {
        let name = "tickroom_connections_closed_total";
        head(text, name, "counter", "Connections closed, by reason.");
        for (reason, count) in self.io.stats().closed_by_reason() {
            line(text, name, &format!("{{reason=\"{reason}\"}}"), count);
        }
    }

    fn shards(&self, text: &mut String) {
        let (shards, now) = (self.matches.shards(), Instant::now());
        for row in SHARD_ROWS {
            head(text, row.name, row.kind.name(), row.help);
            for stats in shards.stats() {
                let labels = format!("{{shard=\"{}\"}}", stats.index);
                line(text, row.name, &labels, (row.read)(stats));
            }
        }
        let name = "tickroom_shard_well";
        head(
            text,
            name,
            Kind::Gauge.name(),
            "1, or 0 while a shard is stuck or its thread has ended.",
        );
        for shard in 0..shards.count() {
            let is_well = shards.health(shard, now) == Health::Well;
            line(text, name, &format!("{{shard=\"{shard}\"}}"), is_well.into());
        }
    }
}

fn histogram(text: &mut String, name: &str, help: &str, times: &TickTimes) {
    head(text, name, "histogram", help);
    let ends = TICK_TIME_BUCKETS_US
        .iter()
        .map(u64::to_string)
        .chain([String::from("+Inf")]);
    let mut below = 0;
    for (end, count) in ends.zip(times.buckets()) {
        below += count;
        line(
            text,
            &format!("{name}_bucket"),
            &format!("{{le=\"{end}\"}}"),
            below,
        );
    }
    line(text, &format!("{name}_sum"), "", times.sum_us());
    line(text, &format!("{name}_count"), "", below);
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    write_to(text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
}

fn line(text: &mut String, name: &str, labels: &str, value: u64) {
    write_to(text, format_args!("{name}{labels} {value}\n"));
}

fn write_to(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a string succeeds");
}
