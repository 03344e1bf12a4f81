//! Shots leave the weapons of those who hold the trigger.

use shared::arena::event::Event;
use shared::arena::projectile::Flight;
use simulation::game::Events;

use crate::player::Actor;
use crate::projectile::Projectiles;
use crate::round::Round;

/// A shot for everybody who holds the trigger, is alive and may. It comes after all flights of this tick, so that a shot
/// stands at its start in the tick of its event, and clients can count from there.
pub fn shoot(
    round: &Round,
    projectiles: &mut Projectiles,
    actors: &mut [Actor<'_>],
    events: &mut Events<Event>,
) {
    for Actor { fighter, .. } in actors {
        let trigger = fighter.wish.fire && fighter.life.is_alive() && round.status.phase.weapons_fire();
        if fighter.weapon.pull(trigger) {
            fighter.life.shield_ticks = 0;
            let flight = Flight::fired_by(&fighter.body, fighter.wish.aim);
            projectiles.launch(fighter.id, fighter.side, flight, events);
        }
    }
}
