//! What the server says of its own work between two askings: how long its ticks take, and what became of the inputs.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::report::Percentiles;

/// Bytes of an answer that are read at most.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Counts of ticks up to each bucket's end: (end in µs, ticks no longer than that).
type Buckets = Vec<(f64, f64)>;

/// What stands in `/metrics` at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    ticks: Buckets,
    /// By name.
    counters: BTreeMap<&'static str, f64>,
}

/// What lies between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Between {
    pub(super) tick_us: Option<Percentiles>,
    /// Inputs for one tick each that came when it was over, in a hundred that came.
    pub(super) inputs_late_percent: Option<f64>,
    pub(super) snapshots_superseded: Option<u64>,
}

/// Inputs that came too late, and snapshots that were replaced before they left.
const COUNTERS: [&str; 2] = [LATE, SUPERSEDED];
const LATE: &str = "tickroom_inputs_late_total";
const SUPERSEDED: &str = "tickroom_snapshots_superseded_total";

/// Asks the server at `authority` (host:port).
pub(super) async fn fetch(authority: &str) -> anyhow::Result<Reading> {
    tokio::time::timeout(PATIENCE, get_metrics(authority))
        .await
        .context("no answer in time")?
}

async fn get_metrics(authority: &str) -> anyhow::Result<Reading> {
    let stream = TcpStream::connect(authority).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the answer; an error shows itself in the answer.
    let driving = tokio::spawn(connection);
    let request = Request::get("/metrics")
        .header("host", authority)
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    ensure!(
        response.status().is_success(),
        "the server answers {}",
        response.status()
    );
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX)
        .collect()
        .await;
    driving.abort();
    let bytes = body.map_err(|error| anyhow::anyhow!("{error}"))?.to_bytes();
    Ok(parse(&String::from_utf8_lossy(&bytes)))
}

fn parse(text: &str) -> Reading {
    let counters = COUNTERS
        .into_iter()
        .filter_map(|name| Some((name, counter(text, name)?)))
        .collect();
    Reading {
        ticks: tick_buckets(text),
        counters,
    }
}

fn counter(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(' ')?;
        (found == name).then(|| value.parse().ok())?
    })
}

fn tick_buckets(text: &str) -> Buckets {
    text.lines()
        .filter_map(|line| {
            let (end, count) = line
                .strip_prefix("tickroom_tick_us_bucket{le=\"")?
                .split_once("\"} ")?;
            let end = if end == "+Inf" {
                f64::INFINITY
            } else {
                end.parse().ok()?
            };
            Some((end, count.parse().ok()?))
        })
        .collect()
}

impl Between {
    /// What happened from one reading to the next, in which so many inputs were sent.
    pub(super) fn readings(before: &Reading, after: &Reading, inputs_sent: u64) -> Self {
        let counted = |name| Some(after.counters.get(name)? - before.counters.get(name)?);
        Self {
            tick_us: percentiles(&before.ticks, &after.ticks),
            inputs_late_percent: counted(LATE).map(|late| late * 100.0 / (inputs_sent as f64).max(1.0)),
            snapshots_superseded: counted(SUPERSEDED).map(|count| count as u64),
        }
    }
}

/// Percentiles of the ticks between two askings, interpolated within a bucket; `None` when there were none.
fn percentiles(before: &Buckets, after: &Buckets) -> Option<Percentiles> {
    if before.len() != after.len() {
        return None;
    }
    let between: Buckets = before.iter().zip(after).map(|(b, a)| (a.0, a.1 - b.1)).collect();
    let total = between.last()?.1;
    (total > 0.0).then(|| Percentiles {
        p50: quantile(&between, 0.5 * total),
        p99: quantile(&between, 0.99 * total),
    })
}

fn quantile(buckets: &Buckets, rank: f64) -> f64 {
    let (mut start, mut below) = (0.0, 0.0);
    for &(end, count) in buckets {
        if count >= rank {
            // The last bucket has no end: all that is known is where it starts.
            return if end.is_finite() {
                start + (end - start) * (rank - below) / (count - below)
            } else {
                start
            };
        }
        (start, below) = (end, count);
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counts: [f64; 3], expected: Option<(f64, f64)>) {
        let text = format!(
            "tickroom_tick_us_bucket{{le=\"10\"}} {}\ntickroom_tick_us_bucket{{le=\"20\"}} {}\ntickroom_tick_us_bucket{{le=\"+Inf\"}} {}\n",
            counts[0], counts[1], counts[2]
        );
        let after = parse(&text);
        assert_eq!(after.ticks.len(), 3);
        let before = Reading {
            ticks: after.ticks.iter().map(|&(end, _)| (end, 0.0)).collect(),
            ..after.clone()
        };
        let found = Between::readings(&before, &after, 1)
            .tick_us
            .map(|found| (found.p50, found.p99));
        assert_eq!(found, expected);
    }

    #[test]
    fn counters_count_from_one_reading_to_the_next() {
        let text = |late, superseded| {
            format!("# HELP x\ntickroom_inputs_late_total {late}\n{SUPERSEDED} {superseded}\nother_total 5\n")
        };
        let between = Between::readings(&parse(&text(5, 1)), &parse(&text(8, 1)), 200);
        assert_eq!(between.inputs_late_percent, Some(1.5));
        assert_eq!(between.snapshots_superseded, Some(0));
        let unknown = Between::readings(&parse(""), &parse(&text(8, 1)), 200);
        assert_eq!((unknown.inputs_late_percent, unknown.tick_us), (None, None));
    }

    #[test]
    fn percentiles_lie_within_their_bucket() {
        check([0.0, 0.0, 0.0], None);
        check([100.0, 100.0, 100.0], Some((5.0, 9.9)));
        check([0.0, 100.0, 100.0], Some((15.0, 19.9)));
        check([0.0, 50.0, 100.0], Some((20.0, 20.0)));
    }
}
