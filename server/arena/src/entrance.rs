//! How players come and go, and bots change sides, between ticks.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::world::World;
use shared::arena::event::Event;
use shared::arena::state::Body;
use shared::ids::{EntityId, PlayerId};
use simulation::game::{Control, Events};

use crate::balance;
use crate::match_state::MatchState;
use crate::player::{Fighter, Member};
use crate::side::Side;
use crate::spawn::appearance;
use crate::tally::Wounds;

/// Lets a player appear, at rest.
pub fn enter(world: &mut World, player: PlayerId, control: Control) -> EntityId {
    world.resource_scope(|world, mut state: Mut<'_, MatchState>| {
        let side = balance::choose(world, &state, control);
        let body = place_for(world, &mut state, side);
        let MatchState { lineup, minds, .. } = &mut *state;
        let mut entity = world.spawn_empty();
        let id = lineup.enter(player, entity.id());
        entity.insert((Fighter::new(id, player, side, body), Wounds::default()));
        if control == Control::Bot {
            entity.insert(minds.create(id));
        }
        announce(world, &mut state, id, &body);
        even_out(world, &mut state);
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
        even_out(world, &mut state);
    });
}

/// Lets bots change sides until both are even, as far as there are bots.
fn even_out(world: &mut World, state: &mut MatchState) {
    while let Some((bot, side)) = balance::next_change(world, &state.lineup) {
        change_side(world, state, &bot, side);
    }
}

/// Lets somebody appear anew on another side. What it fired for the one before is gone: it would hurt those whom it fights for now.
fn change_side(world: &mut World, state: &mut MatchState, member: &Member, side: Side) {
    let body = place_for(world, state, side);
    let mut entity = world.entity_mut(member.entity);
    if let Ok((mut fighter, mut wounds)) = entity.get_components_mut::<(&mut Fighter, &mut Wounds)>() {
        fighter.change_side(side, body);
        wounds.heal();
    }
    let mut events = world.resource_mut::<Events<Event>>();
    state.projectiles.forget(member.id, &mut events);
    announce(world, state, member.id, &body);
}

/// A place for one more.
fn place_for(world: &World, state: &mut MatchState, side: Side) -> Body {
    let MatchState {
        lineup,
        floor,
        spawning,
        ..
    } = state;
    let members = lineup.members().iter();
    let others = members.filter_map(|member| world.get::<Fighter>(member.entity));
    spawning.away_from(floor, side, others)
}

/// Nobody sees it where it was, and everybody hears where it is.
fn announce(world: &mut World, state: &mut MatchState, id: EntityId, body: &Body) {
    state.history.forget(id);
    world.resource_mut::<Events<Event>>().push(appearance(id, body));
}
