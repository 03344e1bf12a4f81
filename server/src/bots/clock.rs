//! When a bot's inputs are due: an estimate of the server's tick, and how far ahead of it to send.
//!
//! The same idea as in the page, reduced to what a bot needs: the earliest arrival of a snapshot tells the offset of the
//! two clocks, and the slack that the server reports moves the lead. Pure; time comes in as an argument.

use std::time::{Duration, Instant};

use shared::snapshot::SLACK_UNKNOWN;
use shared::tick::{TICK_NS, Tick};

/// Slack that is aimed at, in quarters of a tick: one tick early.
const SLACK_TARGET: i8 = 4;

/// How much one snapshot may move the lead, in ticks.
const LEAD_STEP: f64 = 0.1;

/// Bounds of the lead, in ticks.
const LEAD_RANGE: (f64, f64) = (1.0, 30.0);

/// How fast an estimate forgets an early arrival, in ticks for each snapshot: 0.2 ticks a second follow any drift.
const FORGET: f64 = 0.01;

/// A bot's idea of the server's time.
#[derive(Debug)]
pub(super) struct Clock {
    /// When this started; ticks are counted from here.
    origin: Instant,
    /// Server's tick at `origin`, as the earliest arrival tells.
    offset_ticks: Option<f64>,
    lead_ticks: f64,
}

impl Clock {
    /// Knows nothing yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            origin: now,
            offset_ticks: None,
            lead_ticks: 3.0,
        }
    }

    /// A snapshot came.
    pub(super) fn observe(&mut self, tick: Tick, slack: i8, now: Instant) {
        let offset = f64::from(tick.0) - self.ticks_since_origin(now);
        // The largest offset belongs to the snapshot that was fastest.
        self.offset_ticks = Some(
            self.offset_ticks
                .map_or(offset, |known| offset.max(known - FORGET)),
        );
        if slack != SLACK_UNKNOWN {
            let error = f64::from(SLACK_TARGET.saturating_sub(slack)) / 4.0;
            let step = error.clamp(-LEAD_STEP, LEAD_STEP);
            self.lead_ticks = (self.lead_ticks + step).clamp(LEAD_RANGE.0, LEAD_RANGE.1);
        }
    }

    /// The newest tick for which an input should be on its way by now; `None` before the first snapshot.
    pub(super) fn input_due(&self, now: Instant) -> Option<Tick> {
        let ticks = self.offset_ticks? + self.ticks_since_origin(now) + self.lead_ticks;
        Some(Tick(ticks.max(0.0) as u32))
    }

    fn ticks_since_origin(&self, now: Instant) -> f64 {
        ticks(now.saturating_duration_since(self.origin))
    }
}

fn ticks(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9 / TICK_NS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(origin: Instant, ticks: f64) -> Instant {
        origin + Duration::from_secs_f64(ticks * TICK_NS as f64 / 1e9)
    }

    #[test]
    fn it_follows_the_fastest_snapshot() {
        let origin = Instant::now();
        let mut clock = Clock::new(origin);
        assert_eq!(clock.input_due(origin), None);
        clock.observe(Tick(100), SLACK_UNKNOWN, after(origin, 5.0));
        clock.observe(Tick(103), SLACK_UNKNOWN, after(origin, 7.0));
        clock.observe(Tick(106), SLACK_UNKNOWN, after(origin, 14.0));
        // At 7 the server was at 103, so at 17.5 it is at 113, and the lead is 3.
        assert_eq!(clock.input_due(after(origin, 17.5)), Some(Tick(116)));
    }

    #[test]
    fn late_inputs_raise_the_lead_and_early_ones_lower_it() {
        let origin = Instant::now();
        let due = |slack| {
            let mut clock = Clock::new(origin);
            for step in 0..100 {
                clock.observe(Tick(step * 3), slack, after(origin, f64::from(step) * 3.0));
            }
            clock.input_due(after(origin, 297.0)).map(|tick| tick.0)
        };
        assert!(due(-8) > due(SLACK_TARGET));
        assert!(due(40) < due(SLACK_TARGET));
    }
}
