//! What a server says of itself, as its `/metrics` tells, and what lies between two such moments.

use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Bytes of an answer that are read at most.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the buckets of the ticks begin.
const TICKS: &str = "tickroom_tick_us_bucket{le=\"";

/// host:port of `http://host:port/…`.
pub(crate) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// Names with their labels, and numbers, in the order of the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading(Vec<(String, f64)>);

/// Asks the server at `authority` (host:port).
pub(crate) async fn fetch(authority: &str) -> anyhow::Result<Reading> {
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
    Ok(Reading::parse(&String::from_utf8_lossy(&bytes)))
}

impl Reading {
    pub(crate) fn parse(text: &str) -> Self {
        let numbers = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let (name, number) = line.rsplit_once(' ')?;
                Some((name.to_owned(), number.parse().ok()?))
            });
        Self(numbers.collect())
    }

    /// A number by its name with its labels; `None` when the server does not tell it.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|&(_, number)| number)
    }

    /// Whether it tells how long ticks take.
    pub(crate) fn tells_ticks(&self) -> bool {
        self.0.iter().any(|(name, _)| name.starts_with(TICKS))
    }

    /// The ticks from this moment to a later one.
    pub(crate) fn ticks_until(&self, after: &Self) -> Ticks {
        let buckets = after.0.iter().filter_map(|(name, count)| {
            let end = name.strip_prefix(TICKS)?.strip_suffix("\"}")?;
            let end = if end == "+Inf" {
                f64::INFINITY
            } else {
                end.parse().ok()?
            };
            Some((end, count - self.number(name).unwrap_or_default()))
        });
        Ticks(buckets.collect())
    }
}

/// How long ticks took: (end of the bucket in µs, ticks no longer than that).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ticks(Vec<(f64, f64)>);

impl Ticks {
    /// The time that this part of the ticks took at most, µs, interpolated within a bucket; `None` when there were none.
    pub(crate) fn quantile_us(&self, quantile: f64) -> Option<f64> {
        let total = self
            .0
            .last()
            .map(|&(_, count)| count)
            .filter(|&count| count > 0.0)?;
        let (rank, mut start, mut below) = (quantile * total, 0.0, 0.0);
        for &(end, count) in &self.0 {
            if count >= rank {
                // The last bucket has no end: all that is known is where it starts.
                let is_bounded = end.is_finite();
                return Some(if is_bounded {
                    start + (end - start) * (rank - below) / (count - below)
                } else {
                    start
                });
            }
            (start, below) = (end, count);
        }
        Some(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_is_what_stands_between_scheme_and_path() {
        assert_eq!(authority("http://localhost:3000"), "localhost:3000");
        assert_eq!(authority("http://[::1]:80/x"), "[::1]:80");
    }

    fn check(counts: [f64; 3], expected: Option<(f64, f64)>) {
        let text = format!(
            "# HELP x y\ntickroom_tick_us_bucket{{le=\"10\"}} {}\ntickroom_tick_us_bucket{{le=\"20\"}} {}\n\
             tickroom_tick_us_bucket{{le=\"+Inf\"}} {}\ntickroom_writes_total 7\n",
            counts[0], counts[1], counts[2]
        );
        let after = Reading::parse(&text);
        assert_eq!(after.number("tickroom_writes_total"), Some(7.0));
        let ticks = Reading::parse("tickroom_writes_total 2\n").ticks_until(&after);
        assert_eq!(ticks.0.len(), 3);
        assert_eq!(ticks.quantile_us(0.5).zip(ticks.quantile_us(0.99)), expected);
    }

    #[test]
    fn percentiles_lie_within_their_bucket() {
        check([0.0, 0.0, 0.0], None);
        check([100.0, 100.0, 100.0], Some((5.0, 9.9)));
        check([0.0, 100.0, 100.0], Some((15.0, 19.9)));
        check([0.0, 50.0, 100.0], Some((20.0, 20.0)));
    }
}
