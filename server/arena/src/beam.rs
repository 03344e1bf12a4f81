//! The beams of the Rails that fire in a tick, and whom they meet: see `rail.rs` for when that is.

use shared::arena::beam::beam_end;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::movement::RADIUS;
use shared::arena::weapon::{RAIL, WeaponId};
use shared::ids::EntityId;
use shared::quantize::POSITION_STEPS_PER_UNIT;
use simulation::game::{Events, Inputs};
use simulation::rewind::Place;

use crate::damage::{Hit, Hits};
use crate::floor::Floor;
use crate::history::History;
use crate::player::Actor;
use crate::rail::Action;
use crate::round::Round;

/// Radius of a player, grid steps.
const RADIUS_STEPS: i64 = (RADIUS * POSITION_STEPS_PER_UNIT) as i64;

/// Where a beam is fired.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// Whether weapons may fire.
    pub round: &'a Round,
    /// What stops a beam.
    pub floor: &'a Floor,
    /// Where a shooter saw the others.
    pub history: &'a History,
    /// How far back that is.
    pub inputs: &'a Inputs<Input>,
}

/// Rails are pressed and charge, and their beams meet somebody or nobody. It comes after everybody has moved and before
/// anybody is hurt, so that all beams of a tick meet the same players.
pub fn fire(range: Range<'_>, hits: &mut Hits, actors: &mut [Actor<'_>], events: &mut Events<Event>) {
    for index in 0..actors.len() {
        let fighter = &mut *actors[index].fighter;
        let may_fire = fighter.life.is_alive() && range.round.status.phase.weapons_fire();
        match fighter.rail.step(fighter.wish.rail, may_fire) {
            Action::Nothing => {}
            Action::Charges => {
                fighter.life.shield_ticks = 0;
                events.push(Event::RailCharging { owner: fighter.id });
            }
            Action::Fires => fire_beam(range, index, hits, actors, events),
        }
    }
}

fn fire_beam(
    range: Range<'_>,
    shooter: usize,
    hits: &mut Hits,
    actors: &[Actor<'_>],
    events: &mut Events<Event>,
) {
    let shooter = &*actors[shooter].fighter;
    let (owner, side) = (shooter.id, shooter.side);
    let from = (shooter.body.x, shooter.body.y);
    let end = beam_end(range.floor.map(), from, shooter.wish.aim, RAIL.range);
    let view_age = range.inputs.view_age(shooter.player);
    // At present, whatever the shooter sees.
    let targets = actors
        .iter()
        .map(|actor| &*actor.fighter)
        .filter(|target| target.id != owner && target.can_be_met() && !side.spares(target.side))
        .filter_map(|target| Some((target.id, range.history.seen(target.id, view_age)?)));
    let met = first_met(from, end, targets);
    events.push(Event::RailFired {
        owner,
        from,
        to: met.map_or(end, |(_, place)| place),
        hit: met.map_or(EntityId::NONE, |(victim, _)| victim),
    });
    hits.0.extend(met.map(|(victim, _)| Hit {
        victim,
        attacker: owner,
        weapon: WeaponId::Rail,
        push: (0, 0),
    }));
}

/// Whom a beam meets first, and where on it that is. Whole grid steps, so that no rounding decides; of two who are equally
/// far along, the one with the smaller id.
fn first_met(
    from: Place,
    to: Place,
    targets: impl Iterator<Item = (EntityId, Place)>,
) -> Option<(EntityId, Place)> {
    let (_, victim, place) = targets
        .filter_map(|(id, at)| {
            let (along, place) = nearest_on_beam(from, to, at);
            let (x, y) = (difference(at.0, place.0), difference(at.1, place.1));
            (x * x + y * y <= RADIUS_STEPS * RADIUS_STEPS).then_some((along, id, place))
        })
        .min_by_key(|&(along, id, _)| (along, id))?;
    Some((victim, place))
}

/// The point of a beam that is nearest to another, to a grid step, with a measure of how far along it is. A beam is at most
/// some 2¹⁵ steps long and a place 2¹⁶, so that the products fit.
fn nearest_on_beam(from: Place, to: Place, at: Place) -> (i64, Place) {
    let (way_x, way_y) = (difference(to.0, from.0), difference(to.1, from.1));
    let way_squared = way_x * way_x + way_y * way_y;
    let (x, y) = (difference(at.0, from.0), difference(at.1, from.1));
    let along = (x * way_x + y * way_y).clamp(0, way_squared);
    if way_squared == 0 {
        return (0, from);
    }
    let step = |from: u16, way: i64| {
        let place = i64::from(from) + (way * along + way_squared / 2).div_euclid(way_squared);
        u16::try_from(place).expect("a point of a beam lies between its ends")
    };
    (along, (step(from.0, way_x), step(from.1, way_y)))
}

const fn difference(a: u16, b: u16) -> i64 {
    a as i64 - b as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(x: u16, y: u16) -> Place {
        (x * 32, y * 32)
    }

    fn check_met(to: Place, targets: &[Place], expected: Option<(u16, Place)>) {
        let targets = targets
            .iter()
            .enumerate()
            .map(|(id, &place)| (EntityId(id as u16), place));
        let found = first_met(units(500, 500), to, targets);
        assert_eq!(found.map(|(id, place)| (id.0, place)), expected, "{to:?}");
    }

    #[test]
    fn a_beam_meets_the_first_on_its_way_and_nobody_beside_behind_or_beyond() {
        let to = units(1400, 500);
        check_met(
            to,
            &[units(900, 500), units(700, 508)],
            Some((1, units(700, 500))),
        );
        check_met(to, &[units(900, 516)], Some((0, units(900, 500))));
        check_met(to, &[(900 * 32, 516 * 32 + 1), units(900, 483)], None);
        check_met(to, &[units(480, 500), units(1417, 500)], None);
        check_met(
            to,
            &[units(1416, 500), units(490, 505)],
            Some((1, units(500, 500))),
        );
        check_met(units(500, 500), &[units(510, 500)], Some((0, units(500, 500))));
        check_met(units(1136, 1136), &[units(801, 799)], Some((0, units(800, 800))));
    }

    #[test]
    fn of_two_in_one_place_the_smaller_id_is_met() {
        check_met(
            units(1400, 500),
            &[units(900, 500), units(900, 500)],
            Some((0, units(900, 500))),
        );
    }

    #[test]
    fn the_corners_of_the_grid_are_no_trouble() {
        let corners = [(0, 0), (u16::MAX, 0), (0, u16::MAX), (u16::MAX, u16::MAX)];
        for from in corners {
            for to in corners {
                for at in corners {
                    let (along, place) = nearest_on_beam(from, to, at);
                    assert!(along >= 0 && (place == from || place == to || from != to));
                }
            }
        }
    }
}
