//! Everybody who is alive moves by the step that clients compute too.

use shared::arena::movement::{Mover, step};

use crate::floor::Floor;
use crate::player::Actor;

/// One tick of movement. Players pass through each other, so their order does not matter.
pub fn move_players(floor: &Floor, actors: &mut [Actor<'_>]) {
    for Actor { fighter, .. } in actors {
        if fighter.life.is_alive() {
            let mover = Mover {
                body: fighter.body,
                dash: fighter.dash,
            };
            Mover {
                body: fighter.body,
                dash: fighter.dash,
            } = step(mover, fighter.wish, floor.map());
        }
    }
}
