//! How players come and go, and bots change sides, between ticks.

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
use crate::world::ArenaWorld;

/// Lets a player appear, at rest.
pub fn enter(
    world: &mut ArenaWorld,
    player: PlayerId,
    control: Control,
    events: &mut Events<Event>,
) -> EntityId {
    let side = balance::choose(world, control);
    let body = place_for(world, side);
    let MatchState { lineup, minds, .. } = &mut world.state;
    let mut entity = world.players.spawn_empty();
    let id = lineup.enter(player, entity.id());
    entity.insert((Fighter::new(id, player, side, body), Wounds::default()));
    if control == Control::Bot {
        entity.insert(minds.create(id));
    }
    announce(&mut world.state, id, &body, events);
    even_out(world, events);
    id
}

/// Takes a player out of the world, and what it fired.
pub fn leave(world: &mut ArenaWorld, player: PlayerId, events: &mut Events<Event>) {
    let member = world.state.lineup.leave(player);
    world.players.despawn(member.entity);
    // Nobody asks which components were removed, and the world would remember all of them.
    world.players.clear_trackers();
    world.state.projectiles.forget(member.id, events);
    even_out(world, events);
}

/// Lets bots change sides until both are even, as far as there are bots.
fn even_out(world: &mut ArenaWorld, events: &mut Events<Event>) {
    while let Some((bot, side)) = balance::next_change(world) {
        change_side(world, &bot, side, events);
    }
}

/// Lets somebody appear anew on another side. What it fired for the one before is gone: it would hurt those whom it fights for now.
fn change_side(world: &mut ArenaWorld, member: &Member, side: Side, events: &mut Events<Event>) {
    let body = place_for(world, side);
    if let Some(mut actor) = world.actor(member) {
        actor.change_side(side, body);
    }
    world.state.projectiles.forget(member.id, events);
    announce(&mut world.state, member.id, &body, events);
}

/// A place for one more.
fn place_for(world: &mut ArenaWorld, side: Side) -> Body {
    let MatchState {
        lineup,
        floor,
        spawning,
        ..
    } = &mut world.state;
    let members = lineup.members().iter();
    let others = members.filter_map(|member| world.players.get::<Fighter>(member.entity));
    spawning.away_from(floor, side, others)
}

/// Nobody sees it where it was, and everybody hears where it is.
fn announce(state: &mut MatchState, id: EntityId, body: &Body, events: &mut Events<Event>) {
    state.history.forget(id);
    events.push(appearance(id, body));
}
