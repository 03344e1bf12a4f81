//! How well a match keeps its time, for those who play in it: written by the shard, read by whoever answers them.

use std::sync::atomic::{AtomicU32, Ordering};

/// See the head of this file. Each number stands alone, and none of them decides anything.
#[derive(Debug, Default)]
pub struct Pulse {
    tick_us: AtomicU32,
    ticks_slipped: AtomicU32,
}

/// What a [`Pulse`] said at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// What a tick costs, µs, smoothed over a quarter of a second.
    pub tick_us: u32,
    /// Ticks that were dropped since the match began.
    pub ticks_slipped: u32,
}

impl Pulse {
    /// A tick costs so much now, nanoseconds.
    pub(crate) fn observe(&self, tick_ns: u64) {
        self.tick_us.store(bounded(tick_ns / 1_000), Ordering::Relaxed);
    }

    /// So many ticks more were dropped.
    pub(crate) fn slip(&self, ticks: u64) {
        let before = self.ticks_slipped.load(Ordering::Relaxed);
        // Only the shard writes, so nothing is lost between the two.
        self.ticks_slipped
            .store(before.saturating_add(bounded(ticks)), Ordering::Relaxed);
    }

    /// What it says now.
    pub fn beat(&self) -> Beat {
        Beat {
            tick_us: self.tick_us.load(Ordering::Relaxed),
            ticks_slipped: self.ticks_slipped.load(Ordering::Relaxed),
        }
    }
}

fn bounded(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_tells_the_last_cost_and_the_sum_of_what_was_dropped_and_never_wraps() {
        let pulse = Pulse::default();
        assert_eq!(pulse.beat(), Beat::default());
        let check = |tick_ns, slipped, tick_us, ticks_slipped| {
            pulse.observe(tick_ns);
            pulse.slip(slipped);
            assert_eq!(
                pulse.beat(),
                Beat {
                    tick_us,
                    ticks_slipped
                }
            );
        };
        check(1_999, 3, 1, 3);
        check(250_000, 0, 250, 3);
        check(u64::MAX, u64::MAX, u32::MAX, u32::MAX);
        check(0, 1, 0, u32::MAX);
    }
}
