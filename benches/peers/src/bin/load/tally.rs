//! What all clients count together.

use hdrhistogram::Histogram;
use peers::clock::{NS_PER_S, now_ns};
use peers::setting::STAMP_BYTES;

/// Longest latency that is told apart.
const LATENCY_NS_MAX: u64 = 60 * NS_PER_S;

/// Counters of what happens while `counting` is set.
pub(crate) struct Tally {
    pub(crate) counting: bool,
    pub(crate) delivered: u64,
    pub(crate) pings: u64,
    pub(crate) reads: u64,
    pub(crate) bytes: u64,
    pub(crate) latency_ns: Histogram<u64>,
    /// Time of the read that is looked at.
    pub(crate) read_at: u64,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            counting: false,
            delivered: 0,
            pings: 0,
            reads: 0,
            bytes: 0,
            latency_ns: Histogram::new_with_bounds(1, LATENCY_NS_MAX, 3)
                .expect("the bounds make a histogram"),
            read_at: 0,
        }
    }

    /// Something was read just now.
    pub(crate) fn count_read(&mut self, bytes: usize) {
        if self.counting {
            self.read_at = now_ns();
            self.reads += 1;
            self.bytes += bytes as u64;
        }
    }

    /// A message with its stamp came with that read.
    pub(crate) fn count_message(&mut self, payload: &[u8]) {
        if let (true, Some(stamp)) = (self.counting, payload.first_chunk::<STAMP_BYTES>()) {
            let latency = self.read_at.saturating_sub(u64::from_le_bytes(*stamp));
            self.delivered += 1;
            self.latency_ns.saturating_record(latency);
        }
    }

    /// A heartbeat came.
    pub(crate) fn count_ping(&mut self) {
        self.pings += u64::from(self.counting);
    }
}
