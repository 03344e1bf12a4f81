//! When the ticks of a match are due, and what happens when they were missed. Pure: the time is an argument.
//!
//! Deadlines are `base + n × tick`, never "the last one plus a tick after it was late", so lateness does not add up.
//! A match that was held up runs at most [`CATCH_UP_TICKS_MAX`] ticks more than the one that is due; what is still
//! missing then is dropped by moving `base` by whole ticks. Clients see that as a clock that stood still.

use std::time::{Duration, Instant};

use shared::tick::TICK_NS;

/// Ticks that are made up for at once. More would hold up the other matches of the shard and play a long pause back
/// in a rush; fewer would drop time at every hiccup of the machine.
pub const CATCH_UP_TICKS_MAX: u32 = 4;

/// The golden ratio's fraction, in units of 2⁻⁶⁴: multiples of it spread over a tick evenly, however many there are.
const GOLDEN_STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The same for the plastic number, with which no multiple of the golden ratio meets: so shards do not tick together.
const PLASTIC_STEP: u64 = 0xc13f_a9a9_02a6_328f;

/// The deadlines of one match.
#[derive(Clone, Debug)]
pub struct Pacing {
    base: Instant,
    /// Ticks done since `base`.
    done: u64,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Ticks to simulate, at most 1 + [`CATCH_UP_TICKS_MAX`].
    pub ticks: u32,
    /// Ticks that were dropped.
    pub slipped: u64,
}

impl Pacing {
    /// The first tick is due at `first`.
    pub const fn new(first: Instant) -> Self {
        Self { base: first, done: 0 }
    }

    /// When the next tick is due.
    pub fn deadline(&self) -> Instant {
        self.base + Duration::from_nanos(TICK_NS * self.done)
    }

    /// Counts what is due at `now` as done. The caller simulates it.
    pub fn advance(&mut self, now: Instant) -> Due {
        let Some(late) = now.checked_duration_since(self.deadline()) else {
            return Due::default();
        };
        let due = 1 + (late.as_nanos() / u128::from(TICK_NS)) as u64;
        let ticks = due.min(1 + u64::from(CATCH_UP_TICKS_MAX));
        let slipped = due - ticks;
        self.done += ticks;
        self.base += Duration::from_nanos(TICK_NS * slipped);
        Due {
            ticks: ticks as u32,
            slipped,
        }
    }
}

/// The first deadline after `now` of the match with this number on the shard with this index, which counts its ticks from
/// `epoch`.
///
/// Matches are spread over the tick, so that they neither wait for each other nor send all at once.
pub fn first_deadline(epoch: Instant, now: Instant, number: u64, shard: usize) -> Instant {
    let phase = number
        .wrapping_mul(GOLDEN_STEP)
        .wrapping_add((shard as u64).wrapping_mul(PLASTIC_STEP));
    let offset_ns = ((u128::from(phase) * u128::from(TICK_NS)) >> 64) as u64;
    let elapsed_ns = now.saturating_duration_since(epoch).as_nanos();
    let ticks = (elapsed_ns / u128::from(TICK_NS)) as u64 + 1;
    epoch + Duration::from_nanos(ticks * TICK_NS + offset_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_nanos(TICK_NS);

    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can be made in no other way; its value does not matter"
    )]
    fn some_instant() -> Instant {
        Instant::now()
    }

    /// Asks at `late_ns` after a deadline.
    fn check(late_ns: u64, ticks: u32, slipped: u64) {
        let start = some_instant();
        let mut pacing = Pacing::new(start);
        for _ in 0..1000 {
            assert_eq!(pacing.advance(pacing.deadline()), Due { ticks: 1, slipped: 0 });
        }
        let deadline = pacing.deadline();
        assert_eq!(deadline, start + 1000 * TICK, "deadlines do not drift");
        assert_eq!(
            pacing.advance(deadline + Duration::from_nanos(late_ns)),
            Due { ticks, slipped },
            "{late_ns} ns late"
        );
        let moved = u64::from(ticks) + slipped;
        assert_eq!(
            pacing.deadline(),
            deadline + TICK * moved as u32,
            "the phase is kept"
        );
    }

    #[test]
    fn late_ticks_are_made_up_for_and_the_rest_is_dropped() {
        check(0, 1, 0);
        check(TICK_NS - 1, 1, 0);
        check(TICK_NS, 2, 0);
        check(4 * TICK_NS, 5, 0);
        check(5 * TICK_NS, 5, 1);
        check(600 * TICK_NS + 5, 5, 596);
    }

    #[test]
    fn nothing_is_due_before_the_deadline() {
        let start = some_instant();
        let mut pacing = Pacing::new(start + TICK);
        assert_eq!(pacing.advance(start), Due::default());
        assert_eq!(pacing.deadline(), start + TICK);
    }

    /// The smallest distance between the phases of so many matches on each of so many shards, in parts of what it would be
    /// if they were spread evenly.
    fn smallest_gap(shards: usize, matches: u64) -> f64 {
        let epoch = some_instant();
        let now = epoch + Duration::from_millis(12_345);
        let mut phases = Vec::new();
        for shard in 0..shards {
            for number in 0..matches {
                let first = first_deadline(epoch, now, number, shard);
                assert!(first > now && first <= now + 2 * TICK);
                phases.push(first.duration_since(epoch).as_nanos() % u128::from(TICK_NS));
            }
        }
        phases.sort_unstable();
        let smallest_gap = phases.windows(2).map(|pair| pair[1] - pair[0]).min();
        smallest_gap.unwrap_or(0) as f64 * phases.len() as f64 / TICK_NS as f64
    }

    #[test]
    fn phases_are_spread_and_lie_ahead() {
        for matches in [2, 10, 100, 1000] {
            assert!(smallest_gap(1, matches) > 0.4, "{matches}");
        }
        for shards in [2, 3, 7] {
            assert!(smallest_gap(shards, 10) > 0.05, "{shards}");
        }
    }
}
