//! The map that is played on, with what is computed once for each: where to appear, and the ways for bots.

use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Res, ResMut};
use bevy_ecs::world::World;
use shared::arena::map::Map;
use shared::arena::solid::Solid;
use shared::codec::encode_map;
use simulation::game::NewSetup;

use crate::bot::nav::NavMap;
use crate::config::Config;
use crate::round::Round;
use crate::spot::{Spot, free_spots};

/// The floor of this round.
#[derive(Resource, Debug)]
pub struct Floor {
    /// The map and its ways.
    pub nav: NavMap,
    /// Where players appear, never empty.
    pub spots: Vec<Spot>,
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
            nav: NavMap::new(map),
            spots,
        }
    }

    /// The walls.
    pub const fn map(&self) -> &Map {
        self.nav.map()
    }
}

/// The maps of all rounds.
#[derive(Resource, Debug)]
pub struct Maps(Vec<Map>);

/// Puts in what this file needs.
pub fn prepare(world: &mut World, config: &Config) {
    world.insert_resource(Floor::new(first_map(config).clone()));
    world.insert_resource(Maps(config.maps.clone()));
}

/// Where a match starts.
pub fn first_map(config: &Config) -> &Map {
    config.maps.first().expect("a match has at least one map")
}

/// Lays the next map at the start of a round and tells everybody.
pub fn change(round: Res<Round>, maps: Res<Maps>, mut floor: ResMut<Floor>, mut new_setup: ResMut<NewSetup>) {
    if round.changes_map() {
        let map = &maps.0[usize::from(round.status.round) % maps.0.len()];
        new_setup.tell(encode_map(map));
        *floor = Floor::new(map.clone());
    }
}
