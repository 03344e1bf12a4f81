//! How fast clients may come: a bucket of tokens, one for each session that opens.
//!
//! When a server comes back, everybody comes at once. Those who are let in at a bounded rate are served well meanwhile; the
//! others are refused for little, and told when to come again. Whoever is refused is counted as if that place in time was
//! taken, so that the next is told a later one: they come back about as fast as they can be let in, and not together.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Lets sessions open at a bounded rate.
pub(crate) struct Door {
    // A std mutex: a little arithmetic.
    bucket: Mutex<Bucket>,
}

struct Bucket {
    rate_hz: f64,
    tokens_max: f64,
    tokens: f64,
    /// Those who were told to come later and have not been due yet, as far as is known.
    owed: f64,
    filled_at: Instant,
}

impl Door {
    /// A door that lets in `per_s`, and as many at once.
    pub(crate) fn new(per_s: u32, now: Instant) -> Self {
        let tokens_max = f64::from(per_s);
        let bucket = Bucket {
            rate_hz: tokens_max,
            tokens_max,
            tokens: tokens_max,
            owed: 0.0,
            filled_at: now,
        };
        Self {
            bucket: Mutex::new(bucket),
        }
    }

    /// Lets one in, or says after how many seconds to try again. `jitter` is random, 0 to 1.
    pub(crate) fn enter(&self, now: Instant, jitter: f64) -> Result<(), u32> {
        let mut bucket = self.lock();
        bucket.fill(now);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        bucket.owed += 1.0;
        let wait_s = bucket.owed / bucket.rate_hz + RETRY_SPREAD.as_secs_f64() * jitter;
        Err(1 + wait_s.min(RETRY_MAX.as_secs_f64()) as u32)
    }

    fn lock(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn fill(&mut self, now: Instant) {
        let filled = now.saturating_duration_since(self.filled_at).as_secs_f64() * self.rate_hz;
        self.tokens = (self.tokens + filled).min(self.tokens_max);
        self.owed = (self.owed - filled).max(0.0);
        self.filled_at = now;
    }
}

/// Over so much time those are spread who are refused in the same moment.
const RETRY_SPREAD: Duration = Duration::from_secs(4);

/// Nobody is told to wait for longer.
const RETRY_MAX: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_let_in_at_the_rate_and_spread_over_time() {
        const PER_S: u32 = 100;
        const CLIENTS: usize = 2000;
        let start = Instant::now();
        let door = Door::new(PER_S, start);
        // When each comes again, in tenths of a second, with as much jitter as its number says.
        let mut comes_at = vec![0_u64; CLIENTS];
        let mut let_in_at = Vec::new();
        for tenth in 0..3000 {
            let now = start + Duration::from_millis(100 * tenth);
            for (number, comes_at) in comes_at.iter_mut().enumerate().filter(|(_, at)| **at == tenth) {
                match door.enter(now, (number % 10) as f64 / 10.0) {
                    Ok(()) => let_in_at.push(tenth),
                    Err(wait_s) => {
                        assert!((1..=61).contains(&wait_s));
                        *comes_at = tenth + 10 * u64::from(wait_s);
                    }
                }
            }
        }
        assert_eq!(let_in_at.len(), CLIENTS, "everybody comes in");
        for second in 0..300 {
            let within = let_in_at.iter().filter(|tenth| **tenth / 10 == second).count();
            // Those at once, and those of the second behind it.
            assert!(within <= 2 * PER_S as usize, "{within} in second {second}");
        }
        let last_s = let_in_at.last().unwrap() / 10;
        assert!(
            last_s < 3 * CLIENTS as u64 / u64::from(PER_S),
            "it takes {last_s} s"
        );
    }

    #[test]
    fn who_comes_slowly_is_never_refused() {
        let start = Instant::now();
        let door = Door::new(10, start);
        for number in 0..1000 {
            assert_eq!(
                door.enter(start + Duration::from_millis(101 * number), 0.5),
                Ok(())
            );
        }
    }
}
