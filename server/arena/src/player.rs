//! What a player consists of, the ids of what clients see, the order of players, and how a person's input reaches its
//! player.

use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res};
use bevy_ecs::world::World;
use shared::arena::dash::Dash;
use shared::arena::input::Input;
use shared::arena::state::Body;
use shared::ids::{EntityId, PlayerId};
use simulation::game::Inputs;

/// Marks what a participant steers.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Player(pub PlayerId);

/// Where a player is and how it moves.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pose(pub Body);

/// How it stands with its dash.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stride(pub Dash);

/// What a player wants in this tick.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish(pub Input);

/// One player of the [`Lineup`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id under which clients know it.
    pub id: EntityId,
    /// The participant.
    pub player: PlayerId,
    /// Where the world keeps it.
    pub entity: Entity,
}

/// All players in ascending order of id. Whatever depends on an order takes this one: that of the world's tables changes
/// when somebody leaves.
#[derive(Resource, Debug, Default)]
pub struct Lineup {
    members: Vec<Member>,
    /// Ids are given in ascending order and around the end: one comes back after 65 535 others, when no client remembers
    /// it.
    next: u16,
}

impl Lineup {
    /// All of them.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Where the world keeps somebody, unless it has left.
    pub fn entity(&self, id: EntityId) -> Option<Entity> {
        let index = self.members.binary_search_by_key(&id, |member| member.id).ok()?;
        Some(self.members[index].entity)
    }

    /// The next id to be given, for the hash of a match.
    pub const fn next_id(&self) -> u16 {
        self.next
    }

    /// Gives an id that no other player has.
    pub fn enter(&mut self, player: PlayerId, entity: Entity) -> EntityId {
        let (id, index) = self.free_id();
        self.members.insert(index, Member { id, player, entity });
        id
    }

    /// Takes somebody out.
    pub fn leave(&mut self, player: PlayerId) -> Member {
        let index = self
            .members
            .iter()
            .position(|member| member.player == player)
            .expect("a player is despawned once, after it was spawned");
        self.members.remove(index)
    }

    fn free_id(&mut self) -> (EntityId, usize) {
        loop {
            let id = EntityId(self.next);
            self.next = self.next.wrapping_add(1);
            if id == EntityId::NONE {
                continue;
            }
            if let Err(index) = self.members.binary_search_by_key(&id, |member| member.id) {
                return (id, index);
            }
        }
    }
}

/// Puts in what this file needs.
pub fn prepare(world: &mut World) {
    world.init_resource::<Lineup>();
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
        let mut lineup = Lineup::default();
        let mut given = Vec::new();
        for (player, next) in [(0, 0), (1, u16::MAX - 1), (2, u16::MAX)] {
            lineup.next = next;
            given.push(lineup.enter(PlayerId(player), Entity::PLACEHOLDER).0);
        }
        assert_eq!(given, [0, u16::MAX - 1, 1]);
        assert!(lineup.members().is_sorted_by_key(|member| member.id));
        assert_eq!(lineup.leave(PlayerId(2)).id, EntityId(1));
        assert_eq!((lineup.entity(EntityId(1)), lineup.members().len()), (None, 2));
    }
}
