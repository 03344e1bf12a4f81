//! The two teams of a match that is played in teams.

/// One of the two; its number on the wire is its place in [`Team::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Team {
    /// At home in the first home of the map.
    Blue,
    /// In the second.
    Orange,
}

impl Team {
    /// Both of them. Blue and orange are apart for all eyes.
    pub const ALL: [Self; 2] = [Self::Blue, Self::Orange];

    /// The word in interfaces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Orange => "orange",
        }
    }

    /// Those it plays against.
    pub const fn other(self) -> Self {
        match self {
            Self::Blue => Self::Orange,
            Self::Orange => Self::Blue,
        }
    }
}
