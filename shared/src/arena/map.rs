//! A map of the arena: its size, its walls and what lies on its floor. Data, sent to each player who joins, so that client and server move
//! against the same walls without a second copy in the client.

use serde::{Deserialize, Serialize};

use super::pickup::Pickup;
use crate::limits::{PICKUPS_MAX, WALLS_MAX};
use crate::quantize::POSITION_MAX;

/// An axis-aligned box, whole units of length: of a wall, or of a home that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wall {
    /// Left edge.
    pub x: u16,
    /// Upper edge.
    pub y: u16,
    /// Extent to the right, at least 1.
    pub width: u16,
    /// Extent downwards, at least 1.
    pub height: u16,
}

/// A rectangle that nobody leaves, and what stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// Shown in the client.
    pub name: String,
    /// Width of the floor, units.
    pub width: u16,
    /// Height of the floor, units.
    pub height: u16,
    /// At most [`WALLS_MAX`]. The movement step visits them in this order, so the order is part of the rules.
    pub walls: Vec<Wall>,
    /// At most [`PICKUPS_MAX`]. Their place in this list is their number.
    pub pickups: Vec<Pickup>,
    /// Where the two teams appear, in the order of `Team::ALL`; none on a map that has no sides.
    pub homes: Option<[Wall; 2]>,
}

impl Wall {
    /// Whether a point lies in it, its edges included; units.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        let (left, top) = (f32::from(self.x), f32::from(self.y));
        x >= left && x <= left + f32::from(self.width) && y >= top && y <= top + f32::from(self.height)
    }
}

impl Map {
    /// True when every number keeps its bound. A map that does not is a bug of whoever wrote it.
    pub fn is_valid(&self) -> bool {
        f32::from(self.width) <= POSITION_MAX
            && f32::from(self.height) <= POSITION_MAX
            && self.walls.len() <= WALLS_MAX
            && self.walls.iter().all(|wall| self.contains(wall))
            && self.pickups.len() <= PICKUPS_MAX
            && self
                .pickups
                .iter()
                .all(|pickup| pickup.x <= self.width && pickup.y <= self.height)
            && self.homes.iter().flatten().all(|home| self.contains(home))
    }

    fn contains(&self, wall: &Wall) -> bool {
        wall.width > 0
            && wall.height > 0
            && u32::from(wall.x) + u32::from(wall.width) <= u32::from(self.width)
            && u32::from(wall.y) + u32::from(wall.height) <= u32::from(self.height)
    }
}
