//! What lies on the floor: who walks over it takes it, and it is away for a while.

use shared::arena::event::Event;
use shared::arena::pickup::{ARMOR_MAX, MED_HEALTH, OVERCHARGE_TICKS, Pickup, PickupKind, Shelf};
use shared::arena::state::HEALTH_MAX;
use shared::ids::EntityId;
use shared::tick::Tick;
use simulation::game::Events;

use crate::floor::Floor;
use crate::life::Life;
use crate::player::{Actor, Fighter};
use crate::round::Round;

/// One that is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its place in the list of the map.
    pub pickup: u8,
    /// Who has it.
    pub by: EntityId,
    /// When that was.
    pub since: Tick,
    /// When it is back.
    pub back: Tick,
}

impl Taken {
    /// The event of its taking.
    pub const fn picked_up(&self) -> Event {
        let Self { pickup, by, back, .. } = *self;
        Event::PickedUp { pickup, by, back }
    }
}

/// What is away, in the order in which it was taken.
#[derive(Debug, Default)]
pub struct Pickups {
    away: Vec<Taken>,
    /// The same for bots.
    shelf: Shelf,
}

impl Pickups {
    /// All that is away, the longest first.
    pub fn away(&self) -> &[Taken] {
        &self.away
    }

    /// What a bot knows of it, as a client that was told of every taking.
    pub const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// All lie there again.
    pub fn lay(&mut self) {
        self.away.clear();
        self.shelf.fill();
    }

    fn take(&mut self, taken: Taken) {
        self.away.push(taken);
        self.shelf.take(taken.pickup, taken.back);
    }
}

/// Whoever is nearest takes what it can use. It comes after everybody has moved and before shots are judged, so that a med
/// reached in time saves; while weapons are locked nothing is taken.
pub fn collect(
    round: &Round,
    floor: &Floor,
    pickups: &mut Pickups,
    actors: &mut [Actor<'_>],
    events: &mut Events<Event>,
) {
    if floor.map().pickups.is_empty() || !round.status.phase.weapons_fire() {
        return;
    }
    let now = round.tick;
    pickups.away.retain(|taken| taken.back > now);
    for (index, pickup) in floor.map().pickups.iter().enumerate() {
        if pickups.shelf.back(index) > now {
            continue;
        }
        let Some(fighter) = nearest(pickup, actors) else {
            continue;
        };
        give(pickup, fighter);
        let taken = Taken {
            pickup: u8::try_from(index).expect("a map keeps the bound of pickups"),
            by: fighter.id,
            since: now,
            back: now.after(pickup.kind.return_ticks()),
        };
        pickups.take(taken);
        events.push(taken.picked_up());
    }
}

/// Of those who reach it and can use it; of equals the one with the smaller id.
fn nearest<'a>(pickup: &Pickup, actors: &'a mut [Actor<'_>]) -> Option<&'a mut Fighter> {
    let reaching = actors.iter().enumerate().filter_map(|(index, actor)| {
        let apart = pickup.reached_from(&actor.fighter.body)?;
        can_use(pickup.kind, &actor.fighter.life).then_some((apart, index))
    });
    let (_, index) = reaching.min()?;
    Some(&mut *actors[index].fighter)
}

/// The dead take nothing, and neither does anybody who has all of it.
const fn can_use(kind: PickupKind, life: &Life) -> bool {
    life.is_alive()
        && match kind {
            PickupKind::Med => life.health < HEALTH_MAX,
            PickupKind::Shield => life.armor < ARMOR_MAX,
            PickupKind::Overcharge => true,
        }
}

fn give(pickup: &Pickup, Fighter { life, weapon, .. }: &mut Fighter) {
    match pickup.kind {
        PickupKind::Med => life.health = life.health.saturating_add(MED_HEALTH).min(HEALTH_MAX),
        PickupKind::Shield => life.armor = ARMOR_MAX,
        PickupKind::Overcharge => weapon.overcharge_ticks = OVERCHARGE_TICKS,
    }
}
