//! What one run of the load generator tells, as a line of JSON.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Of one scenario against one server.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Clients that got in.
    pub connected: u64,
    /// Connections that broke although they read.
    pub lost: u64,
    /// Connections that had stopped reading, and which the server ended.
    pub stalled_ended: u64,
    /// How long all of them took to get in.
    pub connect_s: f64,
    /// The server's CPU time for that.
    pub connect_cpu_ns: u64,
    /// How long was counted.
    pub counted_s: f64,
    /// The server's CPU time in it.
    pub cpu_ns: u64,
    /// Messages that arrived in it; heartbeats where there is nothing else.
    pub delivered: u64,
    /// Messages that were due in it; 0 where the clients set the pace.
    pub due: f64,
    /// Calls of read that had something.
    pub reads: u64,
    /// Bytes that arrived.
    pub bytes: u64,
    /// From the stamp to its arrival.
    pub latency_us: Latency,
    /// The server's memory before anybody came, bytes.
    pub resident_before: u64,
    /// When all were in and had settled.
    pub resident_settled: u64,
    /// The most it was until the end.
    pub resident_max: u64,
    /// Share of a core that the generator itself took; near 1 it was the bottleneck.
    pub load_busy: f64,
}

/// Microseconds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Latency {
    /// Half were faster.
    pub p50: f64,
    /// 9 of 10 were faster.
    pub p90: f64,
    /// 99 of 100 were faster.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

impl Latency {
    /// Of nanoseconds.
    pub fn of(histogram_ns: &Histogram<u64>) -> Self {
        let at = |quantile| histogram_ns.value_at_quantile(quantile) as f64 / 1000.0;
        if histogram_ns.is_empty() {
            return Self::default();
        }
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: at(1.0),
        }
    }
}

impl Outcome {
    /// The server's CPU time for a message, microseconds; for a connection where that is all.
    pub fn cost_us(&self) -> f64 {
        let (ns, count) = if self.counted_s > 0.0 {
            (self.cpu_ns, self.delivered)
        } else {
            (self.connect_cpu_ns, self.connected)
        };
        ns as f64 / 1000.0 / count as f64
    }

    /// Resident memory of a connection, bytes.
    pub fn bytes_per_connection(&self) -> f64 {
        self.resident_settled.saturating_sub(self.resident_before) as f64 / self.connected as f64
    }

    /// Part of the due messages that arrived.
    pub fn delivered_share(&self) -> Option<f64> {
        (self.due > 0.0).then(|| self.delivered as f64 / self.due)
    }
}
