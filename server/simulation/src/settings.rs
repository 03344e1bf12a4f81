//! What may differ from match to match and is not a rule of the game.

use shared::limits::PLAYERS_MAX;
use shared::tick::TICK_HZ;

/// Settings of one match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchSettings {
    /// People and bots together, 1 to [`PLAYERS_MAX`]. More players make every snapshot longer and every tick dearer;
    /// fewer make more matches, each with its own world.
    pub players_max: usize,
    /// Bots are added until there are this many players, 0 to `players_max`. More bots keep a quiet server lively and
    /// cost the same as people in each tick.
    pub fill_to: usize,
    /// Ticks without people after which the match is closed. Longer keeps a match warm for whoever comes next, shorter
    /// gives the time of its bots to other matches sooner.
    pub empty_ticks_max: u32,
    /// Bytes of snapshots that each client may be sent in a second; 0 is without bound. Less keeps slow lines usable and
    /// crowds late at the edge of the view; more costs bandwidth for each client.
    pub snapshot_bytes_per_s: u32,
}

impl MatchSettings {
    /// 130 kbit/s: some fifty players who all move and fight in one view.
    pub const SNAPSHOT_BYTES_PER_S: u32 = 16 * 1024;

    /// True when every number keeps its bound.
    pub const fn is_valid(&self) -> bool {
        self.players_max >= 1 && self.players_max <= PLAYERS_MAX && self.fill_to <= self.players_max
    }
}

impl Default for MatchSettings {
    /// 16 players, bots up to 8, closed after a minute without people, 16 KB a second for each client.
    fn default() -> Self {
        Self {
            players_max: 16,
            fill_to: 8,
            empty_ticks_max: 60 * TICK_HZ as u32,
            snapshot_bytes_per_s: Self::SNAPSHOT_BYTES_PER_S,
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
}
