//! What a bot fetches from the floor: a med when it is hurt, at times even from under fire; a shield or an overcharge when
//! nobody is in sight, or on its way.

use shared::arena::pickup::{ANNOUNCED_TICKS, MED_HEALTH, Pickup, PickupKind};
use shared::arena::state::{HEALTH_MAX, PlayerState};

use crate::bot::level::Skill;
use crate::bot::sight::{Point, distance};
use crate::bot::view::View;

/// What is so near is taken along in passing, units.
const IN_PASSING: f32 = 140.0;

/// The number of the pickup that is worth a walk. `busy`: an opponent is in sight.
pub(crate) fn errand(
    view: &View<'_>,
    own: &PlayerState,
    at: Point,
    skill: &Skill,
    busy: bool,
) -> Option<usize> {
    let shelf = view.shelf?;
    let mut best = None;
    let mut best_distance = f32::INFINITY;
    for (index, pickup) in view.nav.map().pickups.iter().enumerate() {
        let waits = shelf.back(index).since(view.tick);
        let range = range(pickup, own, skill, busy);
        let away = distance(at, place(pickup));
        // Nobody stands about for longer than an announcement.
        let comes = waits == 0 || (!busy && waits < ANNOUNCED_TICKS / 2);
        if comes && away < range && away < best_distance {
            (best, best_distance) = (Some(index), away);
        }
    }
    best
}

/// How far it walks for a pickup, units.
fn range(pickup: &Pickup, own: &PlayerState, skill: &Skill, busy: bool) -> f32 {
    let far = f32::from(skill.fetch_units);
    match pickup.kind {
        PickupKind::Med if own.health < skill.heals_below => far,
        PickupKind::Med if own.health <= HEALTH_MAX - MED_HEALTH && !busy => far * 0.5,
        PickupKind::Med if own.health == HEALTH_MAX => 0.0,
        PickupKind::Shield if own.armor > 0 => 0.0,
        PickupKind::Shield | PickupKind::Overcharge if !busy => far * 0.7,
        _ => IN_PASSING,
    }
}

/// Where it lies, units.
pub(crate) fn place(pickup: &Pickup) -> Point {
    (pickup.x.into(), pickup.y.into())
}

#[cfg(test)]
mod tests {
    use shared::arena::map::Map;
    use shared::arena::pickup::Shelf;
    use shared::arena::status::Phase;
    use shared::ids::EntityId;
    use shared::tick::Tick;

    use super::*;
    use crate::bot::level::Level;
    use crate::bot::nav::NavMap;

    const MED: usize = 0;
    const SHIELD: usize = 1;

    fn floor() -> NavMap {
        let pickup = |kind, x| Pickup { kind, x, y: 500 };
        NavMap::new(Map {
            width: 2000,
            height: 1000,
            pickups: vec![pickup(PickupKind::Med, 500), pickup(PickupKind::Shield, 900)],
            ..Map::default()
        })
    }

    fn check(health: u8, armor: u8, x: f32, shelf: &Shelf, busy: bool, expected: Option<usize>) {
        let nav = floor();
        let own = PlayerState {
            health,
            armor,
            alive: true,
            ..PlayerState::default()
        };
        let view = View::new(EntityId(0), &[], &nav, Tick(1000), Phase::Live).with_shelf(shelf);
        let found = errand(&view, &own, (x, 500.0), &Level::Normal.skill(), busy);
        assert_eq!(found, expected, "{own:?} {shelf:?} {busy}");
    }

    #[test]
    fn the_hurt_walk_to_a_med_even_when_somebody_is_in_sight() {
        let shelf = Shelf::default();
        check(30, 0, 200.0, &shelf, false, Some(MED));
        check(30, 0, 200.0, &shelf, true, Some(MED));
        check(100, 50, 500.0, &shelf, false, None);
        check(100, 0, 600.0, &shelf, false, Some(SHIELD));
        check(100, 0, 600.0, &shelf, true, None);
        check(100, 0, 800.0, &shelf, true, Some(SHIELD));
    }

    #[test]
    fn what_is_away_is_waited_for_when_it_comes_soon() {
        let mut shelf = Shelf::default();
        shelf.take(0, Tick(1100));
        check(30, 50, 400.0, &shelf, false, Some(MED));
        check(30, 50, 400.0, &shelf, true, None);
        shelf.take(0, Tick(1200));
        check(30, 50, 400.0, &shelf, false, None);
    }
}
