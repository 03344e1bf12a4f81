//! How long the server's ticks take, as its `/metrics` tells.

use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::figures::Percentiles;

/// Bytes of an answer that are read at most.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Counts of ticks up to each bucket's end: (end in µs, ticks no longer than that).
pub(super) type Buckets = Vec<(f64, f64)>;

/// Asks the server at `authority` (host:port).
pub(super) async fn fetch(authority: &str) -> anyhow::Result<Buckets> {
    tokio::time::timeout(PATIENCE, get_metrics(authority))
        .await
        .context("no answer in time")?
}

async fn get_metrics(authority: &str) -> anyhow::Result<Buckets> {
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

fn parse(text: &str) -> Buckets {
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

/// Percentiles of the ticks between two askings, interpolated within a bucket; `None` when there were none.
pub(super) fn percentiles(before: &Buckets, after: &Buckets) -> Option<Percentiles> {
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
        assert_eq!(after.len(), 3);
        let before = after.iter().map(|&(end, _)| (end, 0.0)).collect();
        let found = percentiles(&before, &after).map(|found| (found.p50, found.p99));
        assert_eq!(found, expected);
    }

    #[test]
    fn percentiles_lie_within_their_bucket() {
        check([0.0, 0.0, 0.0], None);
        check([100.0, 100.0, 100.0], Some((5.0, 9.9)));
        check([0.0, 100.0, 100.0], Some((15.0, 19.9)));
        check([0.0, 50.0, 100.0], Some((20.0, 20.0)));
    }
}
