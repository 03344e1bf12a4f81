//! What a player consists of, the ids of what clients see, and how a person's input reaches its player.

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res};
use bevy_ecs::world::World;
use shared::arena::input::Input;
use shared::arena::state::Body;
use shared::ids::{EntityId, PlayerId};
use simulation::game::Inputs;

/// Marks what a participant steers.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Player(pub PlayerId);

/// The id under which clients know an entity; two live entities never share one.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StableId(pub EntityId);

/// Where a player is and how it moves.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pose(pub Body);

/// What a player wants in this tick.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish(pub Input);

/// Gives out the ids of entities, in ascending order and around the end: an id comes back after 65 535 others, when no
/// client remembers it.
#[derive(Resource, Debug, Default)]
pub struct EntityIds {
    next: u16,
}

/// Puts in what this file needs.
pub fn prepare(world: &mut World) {
    world.init_resource::<EntityIds>();
}

/// An id that no live entity has.
pub fn next_id(world: &mut World) -> EntityId {
    let mut query = world.query::<&StableId>();
    loop {
        let mut ids = world.resource_mut::<EntityIds>();
        let id = EntityId(ids.next);
        ids.next = ids.next.wrapping_add(1);
        if id != EntityId::NONE && query.iter(world).all(|used| used.0 != id) {
            return id;
        }
    }
}

/// The next id to be given, for the hash of a match.
pub fn peek_next_id(world: &World) -> u16 {
    world.resource::<EntityIds>().next
}

/// Takes a player out of the world.
pub fn despawn(world: &mut World, player: PlayerId) {
    let entity = find(world, player).expect("a player is despawned once, after it was spawned");
    world.despawn(entity);
}

/// The entity of a player.
pub fn find(world: &mut World, player: PlayerId) -> Option<Entity> {
    world
        .query::<(Entity, &Player)>()
        .iter(world)
        .find(|&(_, found)| found.0 == player)
        .map(|(entity, _)| entity)
}

/// Gives each person's input to its player. Bots have none here and decide for themselves.
pub fn obey_inputs(inputs: Res<Inputs<Input>>, mut players: Query<(&Player, &mut Wish)>) {
    for (player, mut wish) in &mut players {
        if let Some(input) = inputs.of(player.0) {
            wish.0 = input;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_around_and_skip_what_is_in_use_and_the_one_that_names_nothing() {
        let mut world = World::new();
        prepare(&mut world);
        let mut given = Vec::new();
        for (next, spawned) in [(0, true), (u16::MAX - 1, true), (u16::MAX, true)] {
            world.resource_mut::<EntityIds>().next = next;
            let id = next_id(&mut world);
            if spawned {
                world.spawn(StableId(id));
            }
            given.push(id.0);
        }
        assert_eq!(given, [0, u16::MAX - 1, 1]);
    }
}
