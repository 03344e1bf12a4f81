//! Players that the match plays itself: each has a brain, which sees what a client would see.

use bevy_ecs::component::Component;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res, ResMut};
use bevy_ecs::world::World;
use shared::arena::state::PlayerState;
use shared::ids::EntityId;

use crate::bot::brain::{Brain, decide};
use crate::bot::level::Level;
use crate::bot::view::View;
use crate::floor::Floor;
use crate::observe::{Shown, state};
use crate::pickup::Pickups;
use crate::player::{Lineup, Wish};
use crate::round::Round;

/// Makes a player a bot.
#[derive(Component, Clone, Debug)]
pub struct Mind(pub Brain);

/// Where the chance of all bots comes from, how good they are, and what they see.
#[derive(Resource, Debug)]
pub struct Minds {
    seed: u64,
    level: Level,
    /// Filled anew in each tick, in ascending order of id.
    states: Vec<(EntityId, PlayerState)>,
}

/// Spreads the numbers of players over all seeds: the odd number nearest to 2⁶⁴ divided by the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Puts in what this file needs.
pub fn prepare(world: &mut World, level: Level, seed: u64) {
    world.insert_resource(Minds {
        seed,
        level,
        states: Vec::new(),
    });
}

/// Lets the match play a player that was just spawned. Each bot has its own source of chance, so that one bot more or
/// less changes no other.
pub fn take_over(world: &mut World, id: EntityId) {
    let minds = world.resource::<Minds>();
    let seed = minds.seed.wrapping_add(SPREAD.wrapping_mul(u64::from(id.0) + 1));
    let brain = Brain::new(minds.level, seed);
    let entity = world.resource::<Lineup>().entity(id);
    let entity = entity.expect("the player was just spawned");
    world.entity_mut(entity).insert(Mind(brain));
}

/// Lets every bot decide, on what everybody may see after the last tick.
pub fn steer(
    round: Res<Round>,
    floor: Res<Floor>,
    lineup: Res<Lineup>,
    pickups: Res<Pickups>,
    mut minds: ResMut<Minds>,
    mut players: Query<(Shown, &mut Wish, Option<&mut Mind>)>,
) {
    minds.states.clear();
    for member in lineup.members() {
        if let Ok((shown, wish, _)) = players.get(member.entity) {
            minds.states.push((member.id, state(&shown, wish)));
        }
    }
    for member in lineup.members() {
        if let Ok((_, mut wish, Some(mut mind))) = players.get_mut(member.entity) {
            let view = View::new(
                member.id,
                &minds.states,
                &floor.nav,
                round.tick,
                round.status.phase,
            )
            .with_shelf(pickups.shelf());
            wish.0 = decide(&mut mind.0, &view);
        }
    }
}
