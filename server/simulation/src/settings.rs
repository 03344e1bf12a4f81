//! What may differ from match to match and is not a rule of the game.

use shared::limits::PLAYERS_MAX;
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, TICK_HZ};

/// Settings of one match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchSettings {
    /// People and bots together, 1 to [`PLAYERS_MAX`]. More players make every snapshot longer and every tick dearer;
    /// fewer make more matches, each with its own world.
    pub players_max: usize,
    /// Those who may watch at once, 0 or more. Each costs what a player costs in bandwidth and in the making of snapshots,
    /// and nothing in the rules.
    pub viewers_max: usize,
    /// Bots are added until there are this many players, 0 to `players_max`. More bots keep a quiet server lively and
    /// cost the same as people in each tick.
    pub fill_to: usize,
    /// Ticks without people after which the match is closed. Longer keeps a match warm for whoever comes next, shorter
    /// gives the time of its bots to other matches sooner.
    pub empty_ticks_max: u32,
    /// Bytes of snapshots that each client may be sent in a second; 0 is without bound. Less keeps slow lines usable and
    /// crowds late at the edge of the view; more costs bandwidth for each client.
    pub snapshot_bytes_per_s: u32,
    /// Ticks from one snapshot to the next: 3 are 20 a second, 2 are 30. Fewer show others sooner and more evenly and cost half
    /// as much again, in bandwidth and in time.
    pub snapshot_interval_ticks: u8,
    /// Entities up to which everybody is told of all of them; with more, each client is told of what is near it. Less saves
    /// bandwidth in matches whose map is wider than a view, more costs it with the square of the number.
    pub see_all_max: usize,
}

impl MatchSettings {
    /// 130 kbit/s: some fifty players who all move and fight in one view.
    pub const SNAPSHOT_BYTES_PER_S: u32 = 16 * 1024;

    /// About what one view shows anyway.
    pub const SEE_ALL_MAX: usize = 24;

    /// Every page that shows a match behind its menu is a viewer.
    pub const VIEWERS_MAX: usize = 64;

    /// True when every number keeps its bound.
    pub const fn is_valid(&self) -> bool {
        self.players_max >= 1
            && self.players_max <= PLAYERS_MAX
            && self.fill_to <= self.players_max
            && self.snapshot_interval_ticks >= 2
            && self.snapshot_interval_ticks <= 3
    }
}

impl Default for MatchSettings {
    /// 16 players and 64 viewers, bots up to 8, closed after a minute without people, 16 KB a second for each client in 20
    /// snapshots.
    fn default() -> Self {
        Self {
            players_max: 16,
            viewers_max: Self::VIEWERS_MAX,
            fill_to: 8,
            empty_ticks_max: 60 * TICK_HZ as u32,
            snapshot_bytes_per_s: Self::SNAPSHOT_BYTES_PER_S,
            snapshot_interval_ticks: SNAPSHOT_INTERVAL_TICKS,
            see_all_max: Self::SEE_ALL_MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(players_max: usize, fill_to: usize, valid: bool) {
        let settings = MatchSettings {
            players_max,
            fill_to,
            ..MatchSettings::default()
        };
        assert_eq!(settings.is_valid(), valid, "{settings:?}");
    }

    #[test]
    fn the_numbers_have_bounds() {
        assert!(MatchSettings::default().is_valid());
        check(1, 0, true);
        check(PLAYERS_MAX, PLAYERS_MAX, true);
        check(0, 0, false);
        check(PLAYERS_MAX + 1, 0, false);
        check(4, 5, false);
    }

    #[test]
    fn snapshots_come_twenty_or_thirty_times_a_second() {
        let valid = |snapshot_interval_ticks| {
            let settings = MatchSettings {
                snapshot_interval_ticks,
                ..MatchSettings::default()
            };
            settings.is_valid()
        };
        assert_eq!([0, 1, 2, 3, 4].map(valid), [false, false, true, true, false]);
    }
}
