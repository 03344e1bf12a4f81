//! Which clients are told of an event, and which shots go on: what happens far from a player is none of its business, and
//! whoever comes near a shot in the air must see it fly.

use shared::arena::event::Event;
use shared::arena::map::Map;
use shared::ids::EntityId;
use shared::quantize::position_from_grid;
use simulation::audience::{Audience, Standing};

use crate::world::ArenaWorld;

/// Whoever has the place in view, and who is part of it. A death is told to all: it changes the score.
pub fn audience(world: &ArenaWorld, event: &Event) -> Audience {
    match *event {
        Event::Spawned { entity, x, y } => at(x, y).and([entity, EntityId::NONE]),
        Event::Fired { owner, flight, .. } => at(flight.x, flight.y).and([owner, EntityId::NONE]),
        Event::Ended { x, y, .. } => at(x, y),
        Event::Hit { victim, attacker, .. } => where_is(world, victim).and([victim, attacker]),
        Event::Killed { victim, killer, .. } => Audience::EVERYBODY.and([victim, killer]),
        Event::RailCharging { owner } => where_is(world, owner).and([owner, EntityId::NONE]),
        Event::PickedUp { pickup, by, .. } => {
            let place = place_of(world.state.floor.map(), pickup);
            place
                .map_or(Audience::EVERYBODY, Audience::near)
                .and([by, EntityId::NONE])
        }
        // A beam may be longer than a view is high: who stands beside its shooter has perhaps no more of it in view than its start.
        Event::RailFired { owner, from, to, hit } => {
            Audience::along(units(from.0, from.1), units(to.0, to.1)).and([owner, hit])
        }
    }
}

/// Each shot in the air, as it was fired: a client computes from there where it is now. And each pickup that is away, as it
/// was taken, where it lies.
pub fn standing(world: &ArenaWorld, standing: &mut Standing<Event>) {
    let state = &world.state;
    for projectile in state.projectiles.live() {
        let place = units(projectile.flight.x, projectile.flight.y);
        standing.add(projectile.age_ticks().into(), place, projectile.fired());
    }
    for taken in state.pickups.away() {
        if let Some(place) = place_of(state.floor.map(), taken.pickup) {
            standing.add(state.round.tick.since(taken.since), place, taken.picked_up());
        }
    }
}

fn at(x: u16, y: u16) -> Audience {
    Audience::near(units(x, y))
}

fn place_of(map: &Map, pickup: u8) -> Option<(f32, f32)> {
    let pickup = map.pickups.get(usize::from(pickup))?;
    Some((pickup.x.into(), pickup.y.into()))
}

/// Where a player is; all are told of one who is nowhere any more.
fn where_is(world: &ArenaWorld, player: EntityId) -> Audience {
    world
        .fighter(player)
        .map_or(Audience::EVERYBODY, |fighter| at(fighter.body.x, fighter.body.y))
}

fn units(x: u16, y: u16) -> (f32, f32) {
    (position_from_grid(x), position_from_grid(y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_beam_is_told_along_its_way_and_to_those_it_is_about() {
        let (owner, hit) = (EntityId(3), EntityId(9));
        let fired = Event::RailFired {
            owner,
            from: (32, 64),
            to: (320, 96),
            hit,
        };
        assert_eq!(
            audience(&ArenaWorld::new(&Config::default(), 1), &fired),
            Audience::along((1.0, 2.0), (10.0, 3.0)).and([owner, hit])
        );
    }
}
