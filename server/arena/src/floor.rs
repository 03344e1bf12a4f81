//! The map that is played on, with what is computed once for each: where to appear, and the ways for bots.

use shared::arena::event::Event;
use shared::arena::map::Map;
use shared::arena::solid::Solid;
use shared::codec::encode_map;
use simulation::game::Events;

use crate::bot::nav::NavMap;
use crate::config::Config;
use crate::round::Round;
use crate::side::Side;
use crate::spot::{Spot, free_spots, home_spots};

/// The floor of this round.
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
    /// Panics when the map breaks a bound or has no room for a player, which is a bug of whoever drew it.
    pub fn new(map: Map) -> Self {
        assert!(map.is_valid(), "a map keeps the bounds of the wire");
        let spots = free_spots(&map);
        assert!(!spots.is_empty(), "a map has room for a player");
        Self {
            solid: Solid::new(&map),
            homes: home_spots(&map, &spots),
            nav: NavMap::new(map),
            spots,
        }
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

/// The maps of all rounds.
#[derive(Debug)]
pub struct Maps(pub Vec<Map>);

/// Where a match starts.
pub fn first_map(config: &Config) -> &Map {
    config.maps.first().expect("a match has at least one map")
}

/// Lays the next map at the start of a round and tells everybody.
pub fn change(round: &Round, maps: &Maps, floor: &mut Floor, events: &mut Events<Event>) {
    let map = &maps.0[usize::from(round.status.round) % maps.0.len()];
    events.change_setup(encode_map(map));
    *floor = Floor::new(map.clone());
}
