//! How players come, come again after a death or at the start of a round, and go.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::query::QueryData;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res, ResMut};
use bevy_ecs::world::World;
use rand::RngExt;
use rand_pcg::Pcg32;
use shared::arena::event::Event;
use shared::arena::state::Body;
use shared::ids::{EntityId, PlayerId};
use simulation::game::Events;

use crate::floor::Floor;
use crate::history::History;
use crate::life::Life;
use crate::player::{Lineup, Player, Pose, Stride, Wish};
use crate::projectile::Projectiles;
use crate::rail::Rail;
use crate::round::Round;
use crate::spot::{Spot, farthest};
use crate::tally::{Tally, Wounds};
use crate::weapon::Weapon;

/// Number of the generator's stream.
const RANDOM_STREAM: u64 = 0;

/// The chance that decides between equal spots.
#[derive(Resource, Debug)]
pub struct Spawning {
    rng: Pcg32,
    /// Where everybody else is; filled anew for each spawn.
    others: Vec<Spot>,
}

impl Spawning {
    fn choose(&mut self, floor: &Floor) -> Spot {
        farthest(&floor.spots, &self.others, &mut self.rng)
    }
}

/// What a spawn makes new.
#[derive(QueryData)]
#[query_data(mutable)]
pub struct Spawned {
    pose: &'static mut Pose,
    life: &'static mut Life,
    stride: &'static mut Stride,
    weapon: &'static mut Weapon,
    rail: &'static mut Rail,
    wounds: &'static mut Wounds,
}

/// Puts in what this file needs.
pub fn prepare(world: &mut World, seed: u64) {
    world.insert_resource(Spawning {
        rng: Pcg32::new(seed, RANDOM_STREAM),
        others: Vec::new(),
    });
}

/// Lets a player appear, at rest.
pub fn spawn(world: &mut World, player: PlayerId) -> EntityId {
    let mut query = world.query::<(&Pose, &Life)>();
    let body = world.resource_scope(|world, mut spawning: Mut<'_, Spawning>| {
        let alive = query.iter(world).filter(|(_, life)| life.is_alive());
        spawning.others.clear();
        spawning.others.extend(alive.map(|(pose, _)| spot(&pose.0)));
        at_rest(spawning.choose(world.resource::<Floor>()))
    });
    let entity = world
        .spawn((
            Player(player),
            Pose(body),
            Wish::default(),
            Life::new(),
            Stride::default(),
            Weapon::default(),
            Rail::default(),
            Wounds::default(),
            Tally::default(),
        ))
        .id();
    let id = world.resource_mut::<Lineup>().enter(player, entity);
    world.resource_mut::<History>().forget(id);
    world.resource_mut::<Events<Event>>().push(appearance(id, &body));
    id
}

/// Takes a player out of the world, and what it fired.
pub fn despawn(world: &mut World, player: PlayerId) {
    let member = world.resource_mut::<Lineup>().leave(player);
    world.despawn(member.entity);
    world.resource_scope(|world, mut projectiles: Mut<'_, Projectiles>| {
        projectiles.forget(member.id, &mut world.resource_mut::<Events<Event>>());
    });
}

/// The dead wait, and come back when they have waited long enough.
pub fn respawn(
    floor: Res<Floor>,
    lineup: Res<Lineup>,
    mut spawning: ResMut<Spawning>,
    mut history: ResMut<History>,
    mut events: ResMut<Events<Event>>,
    mut players: Query<Spawned>,
) {
    for member in lineup.members() {
        let Ok(mut player) = players.get_mut(member.entity) else {
            continue;
        };
        if player.life.is_alive() {
            continue;
        }
        player.life.respawn_ticks = player.life.respawn_ticks.saturating_sub(1);
        if player.life.respawn_ticks > 0 {
            continue;
        }
        spawning.others.clear();
        let alive = players.iter().filter(|other| other.life.is_alive());
        spawning.others.extend(alive.map(|other| spot(&other.pose.0)));
        let body = at_rest(spawning.choose(&floor));
        if let Ok(mut player) = players.get_mut(member.entity) {
            player.appear(body);
            history.forget(member.id);
            events.push(appearance(member.id, &body));
        }
    }
}

/// Puts everybody to a spot anew, the dead as well, when a round starts.
pub fn place_everybody(
    round: Res<Round>,
    floor: Res<Floor>,
    lineup: Res<Lineup>,
    mut spawning: ResMut<Spawning>,
    mut history: ResMut<History>,
    mut events: ResMut<Events<Event>>,
    mut players: Query<Spawned>,
) {
    if !round.restarts() {
        return;
    }
    spawning.others.clear();
    for member in lineup.members() {
        if let Ok(mut player) = players.get_mut(member.entity) {
            let place = spawning.choose(&floor);
            spawning.others.push(place);
            let body = at_rest(place);
            player.appear(body);
            history.forget(member.id);
            events.push(appearance(member.id, &body));
        }
    }
}

/// The next random number, for the hash of a match.
pub fn peek_random(world: &World) -> u32 {
    world.resource::<Spawning>().rng.clone().random()
}

impl SpawnedItem<'_, '_> {
    fn appear(&mut self, body: Body) {
        self.pose.0 = body;
        *self.life = Life::new();
        *self.stride = Stride::default();
        *self.weapon = Weapon::default();
        *self.rail = Rail::default();
        self.wounds.heal();
    }
}

const fn spot(body: &Body) -> Spot {
    (body.x, body.y)
}

const fn at_rest((x, y): Spot) -> Body {
    Body { x, y, vx: 0, vy: 0 }
}

const fn appearance(entity: EntityId, body: &Body) -> Event {
    Event::Spawned {
        entity,
        x: body.x,
        y: body.y,
    }
}
