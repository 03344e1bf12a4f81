//! How players come and go, between ticks.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::world::World;
use shared::arena::event::Event;
use shared::arena::state::Body;
use shared::ids::{EntityId, PlayerId};
use simulation::game::{Control, Events};

use crate::match_state::MatchState;
use crate::player::Fighter;
use crate::spawn::appearance;
use crate::tally::Wounds;

/// Lets a player appear, at rest.
pub fn enter(world: &mut World, player: PlayerId, control: Control) -> EntityId {
    world.resource_scope(|world, mut state: Mut<'_, MatchState>| {
        let MatchState {
            lineup,
            floor,
            history,
            spawning,
            minds,
            ..
        } = &mut *state;
        let members = lineup.members().iter();
        let others = members.filter_map(|member| world.get::<Fighter>(member.entity));
        let body: Body = spawning.away_from(floor, others);
        let mut entity = world.spawn_empty();
        let id = lineup.enter(player, entity.id());
        entity.insert((Fighter::new(id, player, body), Wounds::default()));
        if control == Control::Bot {
            entity.insert(minds.create(id));
        }
        history.forget(id);
        world.resource_mut::<Events<Event>>().push(appearance(id, &body));
        id
    })
}

/// Takes a player out of the world, and what it fired.
pub fn leave(world: &mut World, player: PlayerId) {
    world.resource_scope(|world, mut state: Mut<'_, MatchState>| {
        let member = state.lineup.leave(player);
        world.despawn(member.entity);
        let mut events = world.resource_mut::<Events<Event>>();
        state.projectiles.forget(member.id, &mut events);
    });
}
