//! The number of a simulation step, and the rates everything is counted in.
//!
//! A match counts its ticks from 0. At 60 Hz a `u32` lasts 828 days, far longer than any match, so the number never
//! wraps and comparing two ticks of one match is an ordinary comparison. Ticks of different matches have nothing to
//! do with each other.

use serde::{Deserialize, Serialize};

/// Simulation steps per second, unit Hz.
///
/// A larger number answers inputs sooner and costs CPU in proportion. The movement constants of a game are written
/// per tick, so this is a property of the protocol and not a setting.
pub const TICK_HZ: u16 = 60;

/// Ticks from one snapshot to the next unless a match has another setting: 3 ticks at 60 Hz make 20 snapshots a second. What
/// is in force a client is told when it joins.
pub const SNAPSHOT_INTERVAL_TICKS: u8 = 3;

/// Length of a tick in nanoseconds, rounded down: 20 ns of drift a second against an ideal clock, which nobody sees,
/// because the server's clock is the only one that counts.
pub const TICK_NS: u64 = 1_000_000_000 / TICK_HZ as u64;

/// One fixed step of one match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tick(pub u32);

impl Tick {
    /// The tick `ticks` later; stays at the last number instead of wrapping.
    pub const fn after(self, ticks: u32) -> Self {
        Self(self.0.saturating_add(ticks))
    }

    /// Ticks from `earlier` to this one, 0 when `earlier` lies in the future.
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// True when a snapshot is due after this tick at the usual interval.
    pub const fn sends_snapshot(self) -> bool {
        self.0.is_multiple_of(SNAPSHOT_INTERVAL_TICKS as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_ticks_sends_twenty_snapshots() {
        let sent = (0..u32::from(TICK_HZ))
            .filter(|&tick| Tick(tick).sends_snapshot())
            .count();
        assert_eq!(sent, 20);
    }

    #[test]
    fn since_does_not_go_below_zero() {
        assert_eq!(Tick(5).since(Tick(3)), 2);
        assert_eq!(Tick(3).since(Tick(5)), 0);
    }
}
