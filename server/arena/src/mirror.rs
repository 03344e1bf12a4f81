//! How what is written once on a map appears on both sides or in all corners, so that no place is better than its counterpart.

use shared::arena::map::Wall;

/// How images are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mirror {
    /// Everything is there once.
    #[default]
    None,
    /// The right side is as the left one.
    X,
    /// The lower side is as the upper one.
    Y,
    /// All corners are the same.
    Both,
    /// The same after half a turn.
    Turn,
}

impl Mirror {
    /// The word of a map file.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::None,
            "x" => Self::X,
            "y" => Self::Y,
            "both" => Self::Both,
            "turn" => Self::Turn,
            _ => return None,
        })
    }

    /// The images of a box on a floor of this size that it lies on: the first is the box itself, the second that of the other team.
    /// Those of a box on an axis are equal to each other.
    pub fn images(self, wall: Wall, width: u16, height: u16) -> impl Iterator<Item = Wall> {
        let (other_x, other_y) = (width - wall.x - wall.width, height - wall.y - wall.height);
        self.flips().iter().map(move |&(flips_x, flips_y)| Wall {
            x: if flips_x { other_x } else { wall.x },
            y: if flips_y { other_y } else { wall.y },
            ..wall
        })
    }

    /// Whether each image is flipped along x and along y.
    const fn flips(self) -> &'static [(bool, bool)] {
        match self {
            Self::None => &[(false, false)],
            Self::X => &[(false, false), (true, false)],
            Self::Y => &[(false, false), (false, true)],
            Self::Both => &[(false, false), (true, false), (false, true), (true, true)],
            Self::Turn => &[(false, false), (true, true)],
        }
    }
}
