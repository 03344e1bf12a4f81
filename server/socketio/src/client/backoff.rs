//! How long to wait before a lost connection is tried again.

use std::time::Duration;

/// Exponential back-off with jitter, so that the clients of a server that restarts do not all come back at once. The
/// defaults are those of the JavaScript client.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnection {
    /// Wait before the first attempt; 1 s.
    pub delay: Duration,
    /// Longest wait, jitter included; 5 s. Longer spares a server that is down for long, and finds it later.
    pub delay_max: Duration,
    /// By how much each wait is longer than the one before; 2.
    pub factor: f64,
    /// Share of a wait by which it is longer or shorter at random, 0 to 1; 0.5. With 0 clients that were lost together
    /// come back together.
    pub jitter: f64,
    /// Attempts before it is given up, with
    /// [`ConnectionEvent::ReconnectFailed`](super::ConnectionEvent::ReconnectFailed); no bound.
    pub attempts_max: Option<u32>,
    /// Whether a first connection that fails is tried again as well; no: whoever connects is told the error at once.
    pub retry_first: bool,
}

impl Default for Reconnection {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(1),
            delay_max: Duration::from_secs(5),
            factor: 2.0,
            jitter: 0.5,
            attempts_max: None,
            retry_first: false,
        }
    }
}

impl Reconnection {
    /// The wait before attempt `attempt`, counted from 1. `random` is in 0 to 1, and the waits it yields are spread
    /// evenly, also where the longest wait cuts them off.
    pub(super) fn wait(&self, attempt: u32, random: f64) -> Duration {
        let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        let longest = self.delay_max.as_secs_f64();
        let middle = self.delay.as_secs_f64() * self.factor.max(1.0).powi(exponent);
        let middle = middle.min(longest);
        let jitter = self.jitter.clamp(0.0, 1.0);
        let (low, high) = (middle * (1.0 - jitter), (middle * (1.0 + jitter)).min(longest));
        Duration::try_from_secs_f64(low + (high - low) * random).unwrap_or(self.delay_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reconnection: &Reconnection, attempt: u32, expected_ms: (u128, u128)) {
        let waits = (reconnection.wait(attempt, 0.0), reconnection.wait(attempt, 1.0));
        let found_ms = (waits.0.as_millis(), waits.1.as_millis());
        assert_eq!(found_ms, expected_ms, "attempt {attempt}");
    }

    #[test]
    fn waits_grow_to_the_longest_and_are_spread() {
        let reconnection = Reconnection::default();
        check(&reconnection, 1, (500, 1500));
        check(&reconnection, 2, (1000, 3000));
        check(&reconnection, 3, (2000, 5000));
        check(&reconnection, 4, (2500, 5000));
        check(&reconnection, u32::MAX, (2500, 5000));
    }

    #[test]
    fn without_jitter_waits_are_exact_and_strange_settings_are_harmless() {
        let exact = Reconnection {
            jitter: 0.0,
            ..Reconnection::default()
        };
        check(&exact, 2, (2000, 2000));
        let strange = Reconnection {
            delay: Duration::MAX,
            factor: f64::NAN,
            jitter: 7.0,
            ..Reconnection::default()
        };
        check(&strange, 3, (0, 5000));
    }
}
