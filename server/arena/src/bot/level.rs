//! How good a bot is: one row for each level.

use std::str::FromStr;

/// What a person chooses as opponent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Somebody's first game.
    Easy,
    /// A fair fight.
    #[default]
    Normal,
    /// For those who want to lose.
    Hard,
}

/// What a level means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skill {
    /// Ticks from seeing somebody to pulling the trigger.
    pub reaction_ticks: u32,
    /// Standard deviation of the aim, steps of 1/65536 turn.
    pub aim_error_steps: i32,
    /// Ticks from one shot of the Rail to the next at least; chance adds up to twice as many.
    pub rail_ticks: u32,
    /// Of 8 hits that it takes, so many make it dash when it may.
    pub dashes_of_8: u32,
    /// With less health it turns to a med even from a fight.
    pub heals_below: u8,
    /// How far it walks for a pickup, units.
    pub fetch_units: u16,
}

impl Level {
    /// All of them, the easiest first.
    pub const ALL: [Self; 3] = [Self::Easy, Self::Normal, Self::Hard];

    /// The word for settings and the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Normal => "normal",
            Self::Hard => "hard",
        }
    }

    /// 350, 220 and 140 ms at 60 Hz; 12, 6 and 2.5 degrees.
    pub const fn skill(self) -> Skill {
        let (reaction_ticks, aim_error_steps, rail_ticks, dashes_of_8) = match self {
            Self::Easy => (21, 2185, 360, 1),
            Self::Normal => (13, 1092, 180, 3),
            Self::Hard => (8, 455, 75, 6),
        };
        let (heals_below, fetch_units) = match self {
            Self::Easy => (25, 350),
            Self::Normal => (40, 600),
            Self::Hard => (55, 900),
        };
        Skill {
            reaction_ticks,
            aim_error_steps,
            rail_ticks,
            dashes_of_8,
            heals_below,
            fetch_units,
        }
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no level. Show the words that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownLevel;

impl std::fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a level is easy, normal or hard")
    }
}

impl std::error::Error for UnknownLevel {}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(word: &str) -> Result<Self, UnknownLevel> {
        Self::ALL
            .into_iter()
            .find(|level| level.name() == word)
            .ok_or(UnknownLevel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_as_they_are_written() {
        for level in Level::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
        assert_eq!("Hard".parse::<Level>(), Err(UnknownLevel));
    }

    #[test]
    fn a_higher_level_is_better_at_everything() {
        for pair in Level::ALL.windows(2) {
            let (lower, higher) = (pair[0].skill(), pair[1].skill());
            assert!(lower.reaction_ticks > higher.reaction_ticks);
            assert!(lower.aim_error_steps > higher.aim_error_steps);
            assert!(lower.rail_ticks > higher.rail_ticks && lower.dashes_of_8 < higher.dashes_of_8);
            assert!(lower.heals_below < higher.heals_below && lower.fetch_units < higher.fetch_units);
        }
    }
}
