//! The Rail: a press, a line that warns for 0.15 s, and then a beam that is there at once.
//!
//! ```text
//! tick     T               T + 9                T + 66
//!          pressed          the beam leaves       may be pressed again
//!          RailCharging     RailFired
//!          └─ the line ────┘
//! ```
//!
//! The beam leaves from where its shooter is then, in the direction it looks then, and meets the others where the shooter saw
//! them in that tick (`history.rs`). So the line and the rewind do not add up: the line runs for everybody at the same
//! time, a victim sees it as late as it sees everything, and what counts is the aim at its end. Whoever has begun to
//! dash, or died, by the tick in which the beam leaves is not met; who is shielded stops it unhurt.
//!
//! Who dies while the Rail charges does not fire, and neither does anybody once weapons are locked.

use bevy_ecs::component::Component;
use bevy_ecs::query::QueryData;
use bevy_ecs::system::{Query, Res, ResMut};
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
use crate::life::Life;
use crate::player::{Lineup, Member, Pose, Stride, Wish};
use crate::round::Round;

/// Radius of a player, grid steps.
const RADIUS_STEPS: i64 = (RADIUS * POSITION_STEPS_PER_UNIT) as i64;

/// A player's Rail.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rail {
    /// Ticks until it may be pressed again.
    pub cooldown_ticks: u8,
    /// Ticks until the beam leaves, 0 when none will.
    pub charge_ticks: u8,
}

/// What a Rail does in a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Nothing,
    Charges,
    Fires,
}

impl Rail {
    /// One tick later.
    const fn step(&mut self, pressed: bool, may_fire: bool) -> Action {
        self.cooldown_ticks = self.cooldown_ticks.saturating_sub(1);
        if !may_fire {
            self.charge_ticks = 0;
            return Action::Nothing;
        }
        if self.charge_ticks > 0 {
            self.charge_ticks -= 1;
            return if self.charge_ticks == 0 {
                Action::Fires
            } else {
                Action::Nothing
            };
        }
        if pressed && self.cooldown_ticks == 0 {
            self.cooldown_ticks = RAIL.cooldown_ticks;
            self.charge_ticks = RAIL.charge_ticks;
            return Action::Charges;
        }
        Action::Nothing
    }
}

/// What a shot depends on, of who fires and of who may be met.
#[derive(QueryData)]
#[query_data(mutable)]
pub struct Shooter {
    pose: &'static Pose,
    wish: &'static Wish,
    stride: &'static Stride,
    life: &'static mut Life,
    rail: &'static mut Rail,
}

/// Rails are pressed and charge, and their beams meet somebody or nobody. It comes after everybody has moved and before
/// anybody is hurt, so that all beams of a tick meet the same players.
pub fn fire(
    (round, floor, lineup, history): (Res<Round>, Res<Floor>, Res<Lineup>, Res<History>),
    inputs: Res<Inputs<Input>>,
    mut hits: ResMut<Hits>,
    mut events: ResMut<Events<Event>>,
    mut players: Query<Shooter>,
) {
    for member in lineup.members() {
        let Ok(mut shooter) = players.get_mut(member.entity) else {
            continue;
        };
        let may_fire = shooter.life.is_alive() && round.status.phase.weapons_fire();
        let owner = member.id;
        match shooter.rail.step(shooter.wish.0.rail, may_fire) {
            Action::Nothing => continue,
            Action::Charges => {
                shooter.life.shield_ticks = 0;
                events.push(Event::RailCharging { owner });
                continue;
            }
            Action::Fires => {}
        }
        let from = (shooter.pose.0.x, shooter.pose.0.y);
        let end = beam_end(floor.map(), from, shooter.wish.0.aim, RAIL.range);
        let view_age = inputs.view_age(member.player);
        let targets = lineup
            .members()
            .iter()
            .filter(|target| target.id != owner && can_be_met(&players, target))
            .filter_map(|target| Some((target.id, history.seen(target.id, view_age)?)));
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
}

/// At present, whatever the shooter sees.
fn can_be_met(players: &Query<Shooter>, target: &Member) -> bool {
    players
        .get(target.entity)
        .is_ok_and(|target| target.life.is_alive() && !target.stride.0.is_safe())
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

    /// The ticks of 200 in which the Rail charges and fires.
    fn check(pressed: impl Fn(u32) -> bool, may_fire: impl Fn(u32) -> bool, charges: &[u32], fires: &[u32]) {
        let mut rail = Rail::default();
        let mut found = (Vec::new(), Vec::new());
        for tick in 0..200 {
            match rail.step(pressed(tick), may_fire(tick)) {
                Action::Charges => found.0.push(tick),
                Action::Fires => found.1.push(tick),
                Action::Nothing => {}
            }
        }
        assert_eq!(found, (charges.to_vec(), fires.to_vec()));
    }

    #[test]
    fn a_press_fires_once_after_its_charge() {
        let always = |_| true;
        check(|tick| tick == 5, always, &[5], &[14]);
        check(|tick| tick == 5 || tick == 8, always, &[5], &[14]);
        check(|tick| tick % 70 == 5, always, &[5, 75, 145], &[14, 84, 154]);
        check(always, always, &[0, 66, 132, 198], &[9, 75, 141]);
        check(|tick| tick == 5 || tick == 70, always, &[5], &[14]);
        check(|tick| tick == 5 || tick == 71, always, &[5, 71], &[14, 80]);
    }

    #[test]
    fn who_may_not_fire_any_more_loses_the_charge() {
        check(|tick| tick == 5, |tick| tick != 13, &[5], &[]);
        check(|tick| tick == 5, |tick| tick != 14, &[5], &[]);
        check(|tick| tick == 5, |tick| tick < 15, &[5], &[14]);
        check(|tick| tick == 5, |tick| tick > 5, &[], &[]);
        check(|tick| tick == 5 || tick == 40, |tick| tick != 9, &[5], &[]);
    }

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
