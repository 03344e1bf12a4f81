//! The two sides of a match that is played in teams, and what a match is played as.

use std::str::FromStr;

use shared::arena::team::Team;

/// What a match is played as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Everybody for themselves.
    #[default]
    FreeForAll,
    /// Blue against orange: shots go through one's own team, and the points of its players are those of the team.
    Teams,
}

impl Mode {
    /// All of them; the place is the number in a recording.
    pub const ALL: [Self; 2] = [Self::FreeForAll, Self::Teams];

    /// The word for settings, lists and the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FreeForAll => "ffa",
            Self::Teams => "teams",
        }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no mode. Show the words that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownMode;

impl std::fmt::Display for UnknownMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a mode is ffa or teams")
    }
}

impl std::error::Error for UnknownMode {}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(word: &str) -> Result<Self, UnknownMode> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == word)
            .ok_or(UnknownMode)
    }
}

/// The side of a player; none where everybody fights for themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side(pub Option<Team>);

impl Side {
    /// True when the shots of one go through the other.
    pub fn spares(self, other: Self) -> bool {
        self.0.is_some() && self == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_are_written() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!("FFA".parse::<Mode>(), Err(UnknownMode));
    }

    #[test]
    fn nobody_is_spared_where_there_are_no_teams() {
        let [blue, orange] = Team::ALL.map(|team| Side(Some(team)));
        assert!(blue.spares(blue) && !blue.spares(orange));
        assert!(!Side(None).spares(Side(None)));
    }
}
