//! Everybody who is alive moves by the step that clients compute too.

use bevy_ecs::system::{Query, Res};
use shared::arena::movement::step;

use crate::floor::Floor;
use crate::life::Life;
use crate::player::{Pose, Wish};

/// One tick of movement. Players pass through each other, so their order does not matter.
pub fn move_players(floor: Res<Floor>, mut players: Query<(&Wish, &Life, &mut Pose)>) {
    for (wish, life, mut pose) in &mut players {
        if life.is_alive() {
            pose.0 = step(pose.0, wish.0, floor.map());
        }
    }
}
