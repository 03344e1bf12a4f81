//! Which tick the server has reached, seen from here.
//!
//! Each snapshot gives one sample: arrival − tick · length of a tick. The smallest sample of the last seconds belongs to the
//! snapshot that was held up least, so it is the best estimate of when tick 0 would have arrived; a larger one only tells of a
//! delay on the way. The estimate lags behind the server by the one-way delay, which is what drawing needs.

use std::collections::VecDeque;

use shared::tick::Tick;

use super::TICK_MS;

/// Samples older than this are forgotten: long enough to hold a quiet moment, short enough to follow drift.
const WINDOW_MS: f64 = 5000.0;

/// Time constant with which the estimate follows a new minimum. Faster would be seen as a change of speed.
const SLEW_TAU_MS: f64 = 250.0;

/// An error larger than this is a new situation and not a drift: jump.
const SNAP_MS: f64 = 250.0;

/// More than 60 snapshots a second are not expected; whoever sends them cannot make the window grow.
const SAMPLES_MAX: usize = 300;

#[derive(Clone, Copy, Debug)]
struct Sample {
    arrival_ms: f64,
    offset_ms: f64,
}

/// See the head of this file.
#[derive(Clone, Debug, Default)]
pub struct ServerClock {
    /// Ascending in both fields: a sample that is followed by a smaller one can never be the minimum again.
    samples: VecDeque<Sample>,
    offset_ms: Option<f64>,
    advanced_ms: f64,
}

impl ServerClock {
    /// Takes in a snapshot. `slipped`: the server dropped time, so what was measured before is void.
    pub fn observe(&mut self, tick: Tick, arrival_ms: f64, slipped: bool) {
        let offset_ms = arrival_ms - f64::from(tick.0) * TICK_MS;
        if slipped {
            self.samples.clear();
        }
        while self
            .samples
            .back()
            .is_some_and(|sample| sample.offset_ms >= offset_ms)
        {
            self.samples.pop_back();
        }
        self.samples.push_back(Sample {
            arrival_ms,
            offset_ms,
        });
        if self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.advance(arrival_ms);
    }

    /// Moves the estimate towards the minimum of the window.
    pub fn advance(&mut self, now_ms: f64) {
        while self.samples.len() > 1
            && self
                .samples
                .front()
                .is_some_and(|sample| sample.arrival_ms < now_ms - WINDOW_MS)
        {
            self.samples.pop_front();
        }
        let Some(target) = self.samples.front().map(|sample| sample.offset_ms) else {
            return;
        };
        let elapsed_ms = (now_ms - self.advanced_ms).max(0.0);
        self.advanced_ms = now_ms;
        self.offset_ms = Some(match self.offset_ms {
            Some(offset) if (target - offset).abs() <= SNAP_MS => {
                offset + (target - offset) * (1.0 - (-elapsed_ms / SLEW_TAU_MS).exp())
            }
            _ => target,
        });
    }

    /// The server's tick, with its fraction; `None` before the first snapshot.
    pub fn tick_at(&self, now_ms: f64) -> Option<f64> {
        Some((now_ms - self.offset_ms?) / TICK_MS)
    }

    /// How much later than the estimate a snapshot came, milliseconds; the raw matter of jitter.
    pub fn lateness_ms(&self, tick: Tick, arrival_ms: f64) -> f64 {
        self.offset_ms.map_or(0.0, |offset| {
            (arrival_ms - f64::from(tick.0) * TICK_MS - offset).max(0.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: usize = 3;

    /// A clock that got a snapshot each 3 ticks from tick 0 on, the way taking `delay_ms(tick)`; tick 0 was at 5000 ms.
    fn clock_after(ticks: u32, delay_ms: impl Fn(u32) -> f64) -> ServerClock {
        let mut clock = ServerClock::default();
        for tick in (0..=ticks).step_by(INTERVAL) {
            clock.observe(Tick(tick), sent_ms(tick) + delay_ms(tick), false);
        }
        clock
    }

    fn sent_ms(tick: u32) -> f64 {
        5000.0 + f64::from(tick) * TICK_MS
    }

    fn check(clock: &ServerClock, now_ms: f64, expected: f64, within: f64) {
        let tick = clock.tick_at(now_ms).expect("there was a snapshot");
        assert!((tick - expected).abs() < within, "{tick}, not {expected}");
    }

    #[test]
    fn it_is_unknown_before_the_first_snapshot() {
        assert_eq!(ServerClock::default().tick_at(1000.0), None);
    }

    #[test]
    fn it_runs_as_late_as_the_snapshots_on_a_steady_way() {
        let clock = clock_after(600, |_| 40.0);
        check(&clock, sent_ms(600) + 40.0, 600.0, 0.005);
        check(&clock, sent_ms(600) + 40.0 + 1.5 * TICK_MS, 601.5, 0.005);
        let lateness_ms = clock.lateness_ms(Tick(600), sent_ms(600) + 65.0);
        assert!((lateness_ms - 25.0).abs() < 0.005, "{lateness_ms}");
    }

    #[test]
    fn it_follows_the_fastest_snapshots_and_not_those_that_were_held_up() {
        // Each fourth one is held up little, the others anything.
        let clock = clock_after(1200, |tick| 40.0 + f64::from(tick / 3 % 4 * (tick * 7 % 50)));
        check(&clock, sent_ms(1200) + 40.0, 1200.0, 0.5);
    }

    #[test]
    fn it_forgets_after_five_seconds_that_the_way_was_shorter() {
        let clock = clock_after(1200, |tick| if tick < 600 { 40.0 } else { 90.0 });
        check(&clock, sent_ms(1200) + 90.0, 1200.0, 0.05);
    }

    #[test]
    fn it_follows_a_small_change_gently() {
        let mut clock = clock_after(600, |_| 90.0);
        let now_ms = sent_ms(603) + 40.0;
        clock.observe(Tick(603), now_ms, false);
        assert!(603.0 - clock.tick_at(now_ms).expect("there was a snapshot") > 2.5);
        clock.advance(now_ms + 1000.0);
        check(&clock, now_ms + 1000.0, 663.0, 0.5);
    }

    #[test]
    fn it_jumps_when_it_is_more_than_250_ms_off() {
        let mut clock = clock_after(60, |_| 600.0);
        clock.observe(Tick(63), sent_ms(63), false);
        check(&clock, sent_ms(63), 63.0, 0.005);
    }

    #[test]
    fn it_takes_it_that_the_server_dropped_time() {
        let mut clock = clock_after(60, |_| 40.0);
        for tick in (63..=180).step_by(INTERVAL) {
            clock.observe(Tick(tick), sent_ms(tick) + 240.0, tick == 63);
        }
        check(&clock, sent_ms(180) + 240.0, 180.0, 0.05);
    }

    #[test]
    fn it_stays_bounded_when_it_is_flooded() {
        let mut clock = ServerClock::default();
        for tick in 0..200_000 {
            clock.observe(Tick(tick), f64::from(tick) * 16.7, false);
        }
        assert!(clock.samples.len() <= SAMPLES_MAX);
    }
}
