//! A map with what is computed from it once: where to appear, the ways for bots, and its walls by place. Nothing of it changes, so
//! all matches on a map share one, which stays in the cache of a thread that has many of them.

use std::sync::Arc;

use shared::arena::map::Map;
use shared::arena::solid::Solid;

use crate::bot::nav::NavMap;
use crate::side::Side;
use crate::spot::{Spot, free_spots, home_spots};

/// What is played on.
#[derive(Debug)]
pub struct Floor {
    /// The map and its ways.
    pub nav: NavMap,
    /// Where players appear, never empty.
    pub spots: Vec<Spot>,
    /// Where those of each team appear, in the order of `Team::ALL`, never empty.
    pub homes: [Vec<Spot>; 2],
    /// Its walls by place.
    pub solid: Solid,
}

impl Floor {
    /// Of a map that keeps the bounds of the wire and has room for a player; none of any other.
    pub fn of(map: Map) -> Option<Arc<Self>> {
        if !map.is_valid() {
            return None;
        }
        let spots = free_spots(&map);
        (!spots.is_empty()).then(|| {
            Arc::new(Self {
                solid: Solid::new(&map),
                homes: home_spots(&map, &spots),
                nav: NavMap::new(map),
                spots,
            })
        })
    }

    /// Where somebody of this side may appear.
    pub fn spots_of(&self, side: Side) -> &[Spot] {
        match side.0 {
            None => &self.spots,
            Some(team) => &self.homes[team as usize],
        }
    }

    /// The walls.
    pub const fn map(&self) -> &Map {
        self.nav.map()
    }
}

/// The rest follows from the map.
impl PartialEq for Floor {
    fn eq(&self, other: &Self) -> bool {
        self.map() == other.map()
    }
}

impl Eq for Floor {}
