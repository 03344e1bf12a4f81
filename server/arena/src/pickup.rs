//! What lies on the floor: who walks over it takes it, and it is away for a while.

use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res, ResMut};
use bevy_ecs::world::World;
use shared::arena::event::Event;
use shared::arena::pickup::{ARMOR_MAX, MED_HEALTH, OVERCHARGE_TICKS, Pickup, PickupKind, Shelf};
use shared::arena::state::HEALTH_MAX;
use shared::ids::EntityId;
use shared::tick::Tick;
use simulation::game::Events;

use crate::floor::Floor;
use crate::life::Life;
use crate::player::{Lineup, Pose};
use crate::round::Round;
use crate::weapon::Weapon;

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
#[derive(Resource, Debug, Default)]
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

    fn take(&mut self, taken: Taken) {
        self.away.push(taken);
        self.shelf.take(taken.pickup, taken.back);
    }
}

/// Puts in what this file needs.
pub fn prepare(world: &mut World) {
    world.init_resource::<Pickups>();
}

/// All lie there again when a round starts.
pub fn lay(round: Res<Round>, mut pickups: ResMut<Pickups>) {
    if round.restarts() {
        pickups.away.clear();
        pickups.shelf.fill();
    }
}

/// Whoever is nearest takes what it can use. It comes after everybody has moved and before shots are judged, so that a med
/// reached in time saves; while weapons are locked nothing is taken.
pub fn collect(
    round: Res<Round>,
    floor: Res<Floor>,
    lineup: Res<Lineup>,
    mut pickups: ResMut<Pickups>,
    mut events: ResMut<Events<Event>>,
    mut players: Query<(&Pose, &mut Life, &mut Weapon)>,
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
        let nearest = lineup
            .members()
            .iter()
            .filter_map(|member| {
                let (pose, life, _) = players.get(member.entity).ok()?;
                let apart = pickup.reached_from(&pose.0)?;
                can_use(pickup.kind, life).then_some((apart, member.id, member.entity))
            })
            .min_by_key(|&(apart, id, _)| (apart, id));
        let Some((_, by, entity)) = nearest else {
            continue;
        };
        if let Ok((_, mut life, mut weapon)) = players.get_mut(entity) {
            give(pickup, &mut life, &mut weapon);
        }
        let taken = Taken {
            pickup: u8::try_from(index).expect("a map keeps the bound of pickups"),
            by,
            since: now,
            back: now.after(pickup.kind.return_ticks()),
        };
        pickups.take(taken);
        events.push(taken.picked_up());
    }
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

fn give(pickup: &Pickup, life: &mut Life, weapon: &mut Weapon) {
    match pickup.kind {
        PickupKind::Med => life.health = life.health.saturating_add(MED_HEALTH).min(HEALTH_MAX),
        PickupKind::Shield => life.armor = ARMOR_MAX,
        PickupKind::Overcharge => weapon.overcharge_ticks = OVERCHARGE_TICKS,
    }
}
