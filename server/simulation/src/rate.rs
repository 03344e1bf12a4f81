//! How much of a recording its viewer is sent: as often and as many bytes a second as this server sends of a match, at whatever
//! speed. The header of a recording does not say, since it changes nothing about the match.

use shared::steer::Speed;
use shared::tick::SNAPSHOT_INTERVAL_TICKS;

use crate::settings::MatchSettings;

/// See the head of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Ticks from one snapshot to the next.
    pub interval_ticks: u8,
    /// Bytes in a second of 60 ticks; 0 is without bound.
    pub bytes_per_s: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            interval_ticks: SNAPSHOT_INTERVAL_TICKS,
            bytes_per_s: MatchSettings::SNAPSHOT_BYTES_PER_S,
        }
    }
}

impl Rate {
    /// In ticks of a match that is shown at this speed: as many snapshots a second, or fewer when it is shown slowly. Of one that
    /// is paused a single picture is sent, and that is whole.
    pub(crate) fn at(self, speed: Speed) -> Self {
        let normal = Speed::QUARTERS_PER_TICK;
        let bytes_per_s = self.bytes_per_s.saturating_mul(normal.into());
        Self {
            interval_ticks: self.interval_ticks * (speed.quarters() / normal).max(1),
            bytes_per_s: bytes_per_s.checked_div(speed.quarters().into()).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_speed_sends_more_snapshots_or_bytes_in_a_second_than_a_match() {
        let rate = Rate {
            interval_ticks: 3,
            bytes_per_s: 1000,
        };
        for (quarters, interval_ticks, bytes_per_s) in [
            (0, 3, 0),
            (1, 3, 4000),
            (2, 3, 2000),
            (4, 3, 1000),
            (8, 6, 500),
            (16, 12, 250),
        ] {
            let speed = Speed::parse(quarters).expect("there is this speed");
            let expected = Rate {
                interval_ticks,
                bytes_per_s,
            };
            assert_eq!(rate.at(speed), expected, "{quarters}");
        }
    }
}
