//! Everything in flight: it moves by the step that clients compute too, and ends at a wall, at a player or in time.
//!
//! Projectiles are a list and no entities of the world: they have one kind, live for a second, and their order is their age.
//! There are at most [`PROJECTILES_MAX`] in a match; when one more is fired the oldest ends, since it has had most of its
//! flight and the trigger of nobody fails.

use shared::arena::event::{EndCause, Event};
use shared::arena::movement::RADIUS;
use shared::arena::projectile::{Flight, Outcome};
use shared::arena::weapon::PULSE;
use shared::ids::EntityId;
use shared::quantize::POSITION_STEPS_PER_UNIT;
use simulation::game::Events;

use crate::damage::{Hit, Hits};
use crate::floor::Floor;
use crate::player::Actor;
use crate::side::Side;

/// In one match. 25 players who never let go of the trigger have so many in the air.
pub const PROJECTILES_MAX: usize = 256;

/// Radius of a player, grid steps.
const RADIUS_STEPS: i64 = (RADIUS * POSITION_STEPS_PER_UNIT) as i64;

/// Further than this on one axis from where a projectile was, no player can be met in one tick: a radius and the 15 units
/// of its way, grid steps.
const REACH_STEPS: i64 = 2 * RADIUS_STEPS;

/// A shot cannot meet its owner for so long: in this time it flies 120 units, there and back from a wall 60 away.
const OWNER_SAFE_TICKS: u8 = 8;

/// One in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Projectile {
    /// Names it on the wire.
    pub key: u16,
    /// Who fired.
    pub owner: EntityId,
    /// Whose players it goes through, as it was fired.
    pub side: Side,
    /// Where it is.
    pub flight: Flight,
    /// As it left the weapon; nothing in the match depends on it any more.
    pub start: Flight,
    /// Ticks it has left.
    pub life_ticks: u8,
}

/// A player who can be met.
#[derive(Clone, Copy, Debug)]
struct Target {
    id: EntityId,
    side: Side,
    x: u16,
    y: u16,
}

/// All in flight, the oldest first.
#[derive(Debug, Default)]
pub struct Projectiles {
    live: Vec<Projectile>,
    /// Goes around after 65 536 shots, when the last one with this key is long gone.
    next_key: u16,
    /// Filled anew in each tick.
    targets: Vec<Target>,
}

impl Projectiles {
    /// All of them, the oldest first.
    pub fn live(&self) -> &[Projectile] {
        &self.live
    }

    /// The key of the next shot, for the hash of a match.
    pub const fn next_key(&self) -> u16 {
        self.next_key
    }

    /// Adds a shot, instead of the oldest when there are too many.
    pub fn launch(&mut self, owner: EntityId, side: Side, flight: Flight, events: &mut Events<Event>) {
        if self.live.len() == PROJECTILES_MAX {
            let oldest = self.live.remove(0);
            events.push(oldest.end(EndCause::Expired));
        }
        let key = self.next_key;
        self.next_key = key.wrapping_add(1);
        self.live.push(Projectile {
            key,
            owner,
            side,
            flight,
            start: flight,
            life_ticks: PULSE.life_ticks,
        });
        events.push(Event::Fired { key, owner, flight });
    }

    /// What flew over the last map is gone with it; clients forget it as well when the round changes.
    pub fn clear(&mut self) {
        self.live.clear();
    }

    /// Ends what somebody fired who leaves the match, so that nobody could be told whose it is, or changes sides.
    pub fn forget(&mut self, owner: EntityId, events: &mut Events<Event>) {
        self.live.retain(|projectile| {
            let stays = projectile.owner != owner;
            if !stays {
                events.push(projectile.end(EndCause::Expired));
            }
            stays
        });
    }
}

impl Projectile {
    /// Ticks since it was fired.
    pub const fn age_ticks(&self) -> u8 {
        PULSE.life_ticks - self.life_ticks
    }

    /// The event of its start.
    pub const fn fired(&self) -> Event {
        Event::Fired {
            key: self.key,
            owner: self.owner,
            flight: self.start,
        }
    }

    fn end(&self, cause: EndCause) -> Event {
        Event::Ended {
            key: self.key,
            x: self.flight.x,
            y: self.flight.y,
            cause,
        }
    }

    /// One tick; gives why it ends, and who is met.
    fn step(&mut self, floor: &Floor, targets: &[Target]) -> Option<(EndCause, Option<EntityId>)> {
        let from = (self.flight.x, self.flight.y);
        let outcome = self.flight.step_where(|x, y| floor.solid.contains(x, y));
        if let Some(met) = self.meets(from, targets) {
            return Some((EndCause::Player, Some(met)));
        }
        if outcome == Outcome::Stopped {
            return Some((EndCause::Wall, None));
        }
        self.life_ticks -= 1;
        (self.life_ticks == 0).then_some((EndCause::Expired, None))
    }

    /// The player on the way of this tick who is nearest to where it started. Its owner counts after a bounce, but not in
    /// the first moments: whoever stands at a wall and fires at it shall not shoot himself.
    fn meets(&self, from: (u16, u16), targets: &[Target]) -> Option<EntityId> {
        let has_come_back = self.flight.bounces_left < PULSE.bounces && self.age_ticks() >= OWNER_SAFE_TICKS;
        let to = (self.flight.x, self.flight.y);
        let on_the_way = targets
            .iter()
            .filter(|target| match target.id == self.owner {
                true => has_come_back,
                false => !self.side.spares(target.side),
            })
            .filter_map(|target| Some((distance_when_met(from, to, target)?, target.id)));
        on_the_way.min().map(|(_, id)| id)
    }
}

/// The squared distance from `from` to a player whom the way from there to `to` touches. Whole grid steps, so that no
/// rounding decides; a way is short, so that the products fit.
fn distance_when_met(from: (u16, u16), to: (u16, u16), target: &Target) -> Option<i64> {
    let x = i64::from(target.x) - i64::from(from.0);
    let y = i64::from(target.y) - i64::from(from.1);
    if x.abs() > REACH_STEPS || y.abs() > REACH_STEPS {
        return None;
    }
    let way_x = i64::from(to.0) - i64::from(from.0);
    let way_y = i64::from(to.1) - i64::from(from.1);
    let way_squared = way_x * way_x + way_y * way_y;
    let along = x * way_x + y * way_y;
    let touches = if along <= 0 {
        x * x + y * y <= RADIUS_STEPS * RADIUS_STEPS
    } else if along >= way_squared {
        let (x, y) = (x - way_x, y - way_y);
        x * x + y * y <= RADIUS_STEPS * RADIUS_STEPS
    } else {
        let aside = x * way_y - y * way_x;
        aside * aside <= RADIUS_STEPS * RADIUS_STEPS * way_squared
    };
    touches.then_some(x * x + y * y)
}

/// One tick of all flights. They go through whoever dashes, and through those of the shooter's team.
pub fn fly(
    floor: &Floor,
    projectiles: &mut Projectiles,
    hits: &mut Hits,
    actors: &[Actor<'_>],
    events: &mut Events<Event>,
) {
    if projectiles.live.is_empty() {
        return;
    }
    projectiles.targets.clear();
    let targets = actors.iter().map(|actor| &*actor.fighter);
    projectiles
        .targets
        .extend(targets.filter(|target| target.can_be_met()).map(|target| Target {
            id: target.id,
            side: target.side,
            x: target.body.x,
            y: target.body.y,
        }));
    let targets = &projectiles.targets;
    projectiles.live.retain_mut(|projectile| {
        let Some((cause, met)) = projectile.step(floor, targets) else {
            return true;
        };
        events.push(projectile.end(cause));
        if let Some(victim) = met {
            let Projectile { owner, flight, .. } = projectile;
            hits.0.push(Hit::by_pulse(victim, *owner, flight));
        }
        false
    });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use shared::arena::map::Map;
    use shared::arena::state::Body;
    use shared::quantize::position_to_grid;

    use super::*;

    const OWNER: EntityId = EntityId(1);
    const OTHER: EntityId = EntityId(2);

    fn floor() -> Arc<Floor> {
        Floor::of(Map {
            name: "test".into(),
            width: 1000,
            height: 800,
            walls: Vec::new(),
            ..Map::default()
        })
        .expect("it has room")
    }

    fn target(id: EntityId, x: f32, y: f32) -> Target {
        Target {
            id,
            side: Side(None),
            x: position_to_grid(x),
            y: position_to_grid(y),
        }
    }

    /// Fires from (`x`, 400); gives why it ends, who is met, and after how many ticks.
    fn shoot(x: f32, aim: u16, targets: &[Target]) -> (EndCause, Option<EntityId>, u32) {
        let floor = floor();
        let body = Body {
            x: position_to_grid(x),
            y: position_to_grid(400.0),
            ..Body::default()
        };
        let flight = Flight::fired_by(&body, aim);
        let mut projectile = Projectile {
            key: 0,
            owner: OWNER,
            side: Side(None),
            flight,
            start: flight,
            life_ticks: PULSE.life_ticks,
        };
        for tick in 1.. {
            if let Some((cause, met)) = projectile.step(&floor, targets) {
                return (cause, met, tick);
            }
        }
        unreachable!("its life ends");
    }

    #[test]
    fn a_shot_meets_whoever_it_touches_wherever_between_two_ticks() {
        for offset in 0..15 {
            let x = 400.0 + offset as f32;
            // 15.5 units aside is within the radius, 16.5 is not.
            let (cause, met, _) = shoot(100.0, 0, &[target(OTHER, x, 415.5)]);
            assert_eq!((cause, met), (EndCause::Player, Some(OTHER)), "{x}");
            let (cause, met, _) = shoot(100.0, 0, &[target(OTHER, x, 416.5)]);
            assert_eq!((cause, met), (EndCause::Expired, None), "{x}");
        }
    }

    #[test]
    fn the_first_on_the_way_is_met() {
        let (near, far) = (target(EntityId(9), 300.0, 400.0), target(OTHER, 310.0, 400.0));
        for targets in [[near, far], [far, near]] {
            assert_eq!(shoot(100.0, 0, &targets).1, Some(EntityId(9)));
        }
    }

    #[test]
    fn its_owner_is_met_after_a_bounce_only() {
        assert_eq!(
            shoot(900.0, 32_768, &[target(OWNER, 700.0, 400.0)]),
            (EndCause::Expired, None, 72)
        );
        let (cause, met, ticks) = shoot(900.0, 0, &[target(OWNER, 900.0, 400.0)]);
        assert_eq!((cause, met), (EndCause::Player, Some(OWNER)));
        assert!((8..14).contains(&ticks), "{ticks}");
    }

    #[test]
    fn whoever_fires_at_the_wall_before_him_is_not_hit() {
        let at_the_wall = 1000.0 - RADIUS;
        let (cause, met, _) = shoot(at_the_wall, 0, &[target(OWNER, at_the_wall, 400.0)]);
        assert_eq!((cause, met), (EndCause::Wall, None));
    }

    #[test]
    fn one_beyond_the_bound_ends_the_oldest() {
        let mut projectiles = Projectiles::default();
        let mut events = Events::default();
        let flight = Flight::new(0, 0, 0, 0);
        for _ in 0..PROJECTILES_MAX + 2 {
            projectiles.launch(OWNER, Side(None), flight, &mut events);
        }
        assert_eq!(projectiles.live().len(), PROJECTILES_MAX);
        assert_eq!(projectiles.live()[0].key, 2);
        projectiles.forget(OTHER, &mut events);
        assert_eq!(projectiles.live().len(), PROJECTILES_MAX);
        projectiles.forget(OWNER, &mut events);
        assert!(projectiles.live().is_empty());
    }
}
