//! Everybody moves by the step that clients compute too.

use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res};
use bevy_ecs::world::World;
use shared::arena::map::Map;
use shared::arena::movement::step;

use crate::player::{Pose, Wish};

/// The map of the match.
#[derive(Resource, Debug)]
pub struct Floor(pub Map);

/// Puts in what this file needs.
pub fn prepare(world: &mut World, map: Map) {
    world.insert_resource(Floor(map));
}

/// One tick of movement for everybody. Players pass through each other, so their order does not matter.
pub fn move_players(floor: Res<Floor>, mut players: Query<(&Wish, &mut Pose)>) {
    for (wish, mut pose) in &mut players {
        pose.0 = step(pose.0, wish.0, &floor.0);
    }
}
