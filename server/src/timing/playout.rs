//! How far in the past others are shown: one snapshot interval plus what 95 of 100 snapshots stay below in lateness. Grows at
//! once, because a late snapshot is seen; shrinks slowly, because a change of speed is seen too.

/// The delay is at least this many snapshot intervals: with one alone, any jitter at all would leave a gap.
const INTERVALS_MIN: f64 = 1.5;

const DELAY_MS_MAX: f64 = 250.0;
const SHRINK_MS_PER_S: f64 = 2.0;
const PERCENTILE: f64 = 0.95;

/// Five seconds of snapshots at 20 Hz.
const SAMPLES: usize = 100;

/// See the head of this file.
#[derive(Clone, Debug)]
pub struct PlayoutDelay {
    interval_ms: f64,
    lateness_ms: Vec<f64>,
    next: usize,
    advanced_ms: Option<f64>,
    delay_ms: f64,
}

impl PlayoutDelay {
    /// For a snapshot each `interval_ms`.
    pub fn new(interval_ms: f64) -> Self {
        Self {
            interval_ms,
            lateness_ms: Vec::with_capacity(SAMPLES),
            next: 0,
            advanced_ms: None,
            delay_ms: interval_ms * INTERVALS_MIN,
        }
    }

    /// The delay, milliseconds.
    pub const fn ms(&self) -> f64 {
        self.delay_ms
    }

    /// Takes in how late a snapshot was against the best ones.
    pub fn observe(&mut self, lateness_ms: f64, now_ms: f64) {
        if self.lateness_ms.len() < SAMPLES {
            self.lateness_ms.push(lateness_ms);
        } else {
            self.lateness_ms[self.next] = lateness_ms;
        }
        self.next = (self.next + 1) % SAMPLES;
        let elapsed_ms = (now_ms - self.advanced_ms.unwrap_or(now_ms)).max(0.0);
        self.advanced_ms = Some(now_ms);
        self.delay_ms = (self.delay_ms - SHRINK_MS_PER_S * elapsed_ms / 1000.0).max(self.target_ms());
    }

    fn target_ms(&self) -> f64 {
        let mut samples = self.lateness_ms.clone();
        let rank = (samples.len().saturating_sub(1) as f64 * PERCENTILE) as usize;
        // In order up to there is enough, and a bot does this with each snapshot.
        let (_, &mut jitter_ms, _) = samples.select_nth_unstable_by(rank, f64::total_cmp);
        (self.interval_ms + jitter_ms)
            .max(self.interval_ms * INTERVALS_MIN)
            .min(DELAY_MS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_at_once_shrinks_slowly_and_has_bounds() {
        let mut delay = PlayoutDelay::new(50.0);
        assert_eq!(delay.ms(), 75.0);
        delay.observe(40.0, 0.0);
        assert_eq!(delay.ms(), 90.0);
        for snapshot in 1..=20 {
            delay.observe(0.0, f64::from(snapshot) * 50.0);
        }
        assert!((delay.ms() - 88.0).abs() < 1e-9, "{}", delay.ms());
        delay.observe(10_000.0, 1050.0);
        for snapshot in 0..200 {
            delay.observe(10_000.0, 1100.0 + f64::from(snapshot) * 50.0);
        }
        assert_eq!(delay.ms(), 250.0);
    }

    #[test]
    fn one_snapshot_of_a_hundred_that_is_late_does_not_move_it() {
        let mut delay = PlayoutDelay::new(50.0);
        for snapshot in 0..100 {
            delay.observe(if snapshot == 60 { 150.0 } else { 0.0 }, 0.0);
        }
        assert_eq!(delay.ms(), 75.0);
    }
}
