//! Everybody who is alive moves by the step that clients compute too.

use bevy_ecs::system::{Query, Res};
use shared::arena::movement::{Mover, step};

use crate::floor::Floor;
use crate::life::Life;
use crate::player::{Pose, Stride, Wish};

/// One tick of movement. Players pass through each other, so their order does not matter.
pub fn move_players(floor: Res<Floor>, mut players: Query<(&Wish, &Life, &mut Pose, &mut Stride)>) {
    for (wish, life, mut pose, mut stride) in &mut players {
        if life.is_alive() {
            let mover = Mover {
                body: pose.0,
                dash: stride.0,
            };
            Mover {
                body: pose.0,
                dash: stride.0,
            } = step(mover, wish.0, floor.map());
        }
    }
}
