//! How long messages wait for company, from what a write costs.
//!
//! Whoever waits is written to once in a delay. So the delay is as long as it takes for these writes to fill a quarter of it,
//! and the rest of the time is left to those who send: with few outboxes that is the least delay, with many of them more,
//! up to a bound that players hardly feel.

use std::time::Duration;

/// What gathered writes have cost lately.
#[derive(Debug)]
pub(super) struct Pace {
    write_ns: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { write_ns: 4_000 }
    }
}

impl Pace {
    /// So many writes have taken so long.
    pub(super) fn learn(&mut self, writes: usize, elapsed: Duration) {
        let write_ns = elapsed.as_nanos() as u64 / writes.max(1) as u64;
        // A thread that was stopped meanwhile measures anything.
        let write_ns = write_ns.min(self.write_ns * 2).min(WRITE_NS_MAX);
        self.write_ns = (self.write_ns * 7 + write_ns) / 8;
    }

    pub(super) fn write_ns(&self) -> u64 {
        self.write_ns
    }

    /// How long each of so many waits.
    pub(super) fn delay(&self, waiting: usize) -> Duration {
        let delay_ns = (waiting as u64)
            .saturating_mul(self.write_ns)
            .saturating_mul(SHARE);
        Duration::from_nanos(delay_ns).clamp(DELAY_MIN, DELAY_MAX)
    }
}

/// One part in so many of the time goes into gathered writes.
const SHARE: u64 = 4;

/// Less gathers less, more is felt by players.
const DELAY_MIN: Duration = Duration::from_millis(2);
const DELAY_MAX: Duration = Duration::from_millis(16);

/// No write costs more.
const WRITE_NS_MAX: u64 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_with_many_waits_longer() {
        let check = |write_us: u64, waiting, expected_ms| {
            let pace = Pace {
                write_ns: write_us * 1_000,
            };
            assert_eq!(
                pace.delay(waiting),
                Duration::from_millis(expected_ms),
                "{waiting} writes of {write_us} us"
            );
        };
        check(5, 0, 2);
        check(5, 100, 2);
        check(5, 200, 4);
        check(10, 200, 8);
        check(10, 400, 16);
        check(20, 10_000, 16);
        check(20, usize::MAX, 16);
    }

    #[test]
    fn what_a_write_costs_is_learned_and_bounded() {
        let check = |write_ns, writes, elapsed_us, expected_ns| {
            let mut pace = Pace { write_ns };
            pace.learn(writes, Duration::from_micros(elapsed_us));
            assert_eq!(pace.write_ns(), expected_ns, "{writes} in {elapsed_us} us");
        };
        check(8_000, 10, 80, 8_000);
        check(8_000, 10, 160, 9_000);
        check(8_000, 16, 0, 7_000);
        check(8_000, 1, 1_000_000, 9_000);
        check(16_000, 1, 1_000_000, 16_500);
        check(8_000, 0, 8, 8_000);
    }
}
