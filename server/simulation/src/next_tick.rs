//! How early an input comes before the tick that is due next. The shard says when that is, and `command_queue.rs` keeps it.
//!
//! In whole ticks alone a client would have to keep one more than it needs: it could not tell an input that comes at the last
//! moment from one that comes a tick before. Nothing but the slack that clients are told depends on it, so a match stays a
//! function of its inputs.

use std::time::Instant;

use shared::tick::TICK_NS;

/// Quarters of a tick, the unit of slack.
pub(crate) const QUARTERS_PER_TICK: u8 = 4;

/// Whole quarters of a tick from `now` until the next one, at most 3; 0 when it is due, or nobody knows.
pub(crate) fn quarters_until(due: Option<Instant>, now: Instant) -> u8 {
    let early = due.map_or_else(Default::default, |due| due.saturating_duration_since(now));
    let quarters = early.as_nanos() * u128::from(QUARTERS_PER_TICK) / u128::from(TICK_NS);
    u8::try_from(quarters).map_or(QUARTERS_PER_TICK - 1, |quarters| {
        quarters.min(QUARTERS_PER_TICK - 1)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can be made in no other way; its value does not matter"
    )]
    fn an_input_is_as_early_as_the_next_tick_is_far() {
        let now = Instant::now();
        assert_eq!(quarters_until(None, now), 0, "nobody knows");
        for (early_ns, quarters) in [
            (0, 0),
            (TICK_NS / 4 - 1, 0),
            (TICK_NS / 4 + 1, 1),
            (TICK_NS - 1, 3),
            (TICK_NS, 3),
            (u64::MAX / 2, 3),
        ] {
            let due = Some(now + Duration::from_nanos(early_ns));
            assert_eq!(quarters_until(due, now), quarters, "{early_ns} ns before");
        }
        let later = now + Duration::from_nanos(1);
        assert_eq!(quarters_until(Some(now), later), 0, "it is late");
    }
}
