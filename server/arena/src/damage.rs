//! What a hit does: health, a knock, and perhaps the end.

use shared::arena::event::Event;
use shared::arena::projectile::Flight;
use shared::arena::state::Body;
use shared::arena::weapon::{PULSE, RAIL, WeaponId};
use shared::ids::EntityId;
use shared::quantize::{velocity_from_grid, velocity_to_grid};
use simulation::game::Events;

use crate::player::{Actor, find};
use crate::round::Round;
use crate::score::{Death, Deaths};

/// A shot met somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Whom.
    pub victim: EntityId,
    /// Who fired.
    pub attacker: EntityId,
    /// By what.
    pub weapon: WeaponId,
    /// What it adds to the victim's velocity, grid steps.
    pub push: (i16, i16),
}

impl Hit {
    /// A projectile met somebody, flying like this.
    pub fn by_pulse(victim: EntityId, attacker: EntityId, flight: &Flight) -> Self {
        let part = |velocity| velocity_to_grid(velocity_from_grid(velocity) * PULSE.knock_back / PULSE.speed);
        Self {
            victim,
            attacker,
            weapon: WeaponId::Pulse,
            push: (part(flight.vx), part(flight.vy)),
        }
    }
}

/// The hits of this tick, those of older projectiles first, then those of beams.
#[derive(Debug, Default)]
pub struct Hits(pub Vec<Hit>);

/// Lets each hit of this tick hurt. Nothing hurts who is shielded or died by an earlier hit, and nothing at all while
/// weapons are locked.
pub fn hurt(
    round: &Round,
    hits: &mut Hits,
    deaths: &mut Deaths,
    actors: &mut [Actor<'_>],
    events: &mut Events<Event>,
) {
    for hit in hits.0.drain(..).filter(|_| round.status.phase.weapons_fire()) {
        let Some(Actor { fighter, wounds, .. }) = find(actors, hit.victim) else {
            continue;
        };
        let Hit {
            victim,
            attacker,
            weapon,
            push,
        } = hit;
        let damage = fighter.life.lose(damage_of(weapon));
        if damage == 0 {
            continue;
        }
        wounds.add(attacker, round.tick);
        events.push(Event::Hit {
            victim,
            attacker,
            damage,
            weapon,
        });
        if fighter.life.is_alive() {
            knock(&mut fighter.body, push);
        } else {
            (fighter.body.vx, fighter.body.vy) = (0, 0);
            deaths.0.push(Death {
                victim,
                killer: attacker,
                weapon,
            });
        }
    }
}

/// Health that a hit takes.
const fn damage_of(weapon: WeaponId) -> u8 {
    match weapon {
        WeaponId::Pulse => PULSE.damage,
        WeaponId::Rail => RAIL.damage,
    }
}

fn knock(body: &mut Body, push: (i16, i16)) {
    body.vx = body.vx.saturating_add(push.0);
    body.vy = body.vy.saturating_add(push.1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(aim: u16, body: (i16, i16), expected: (f32, f32)) {
        let mut hit = Body {
            vx: body.0,
            vy: body.1,
            ..Body::default()
        };
        let flight = Flight::fired_by(&Body::default(), aim);
        knock(&mut hit, Hit::by_pulse(EntityId(1), EntityId(2), &flight).push);
        let found = (velocity_from_grid(hit.vx), velocity_from_grid(hit.vy));
        assert!(
            (found.0 - expected.0).abs() < 0.1 && (found.1 - expected.1).abs() < 0.1,
            "{found:?}"
        );
    }

    #[test]
    fn a_hit_pushes_along_the_flight() {
        check(0, (0, 0), (60.0, 0.0));
        check(16_384, (0, 0), (0.0, 60.0));
        check(32_768, (16 * 320, 0), (260.0, 0.0));
        check(8_192, (0, 0), (42.43, 42.43));
        check(0, (i16::MAX, 0), (2047.94, 0.0));
    }
}
