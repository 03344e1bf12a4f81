//! One tick of the rules: every mechanic in its order; there is no other order.
//!
//! Mechanics are functions of what they need, and most have nothing to do in most ticks. They are no systems: bevy fetches the
//! parameters of a system anew each time it runs, which costs more than most of them do.

use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::codec::encode_map;
use simulation::game::{Events, Inputs};

use crate::beam::{self, Range};
use crate::match_state::MatchState;
use crate::player::{Actor, obey_inputs};
use crate::tally::Tally;
use crate::world::ArenaWorld;
use crate::{damage, history, mind, movement, pickup, projectile, score, shoot, spawn};

/// See the head of this file.
pub fn tick(world: &mut ArenaWorld, inputs: &Inputs<Input>, events: &mut Events<Event>) {
    let (mut actors, state) = world.take_up();
    advance(state, &mut actors, events);
    obey_inputs(inputs, &mut actors);
    mind::steer(
        &state.round,
        &state.floor,
        &state.pickups,
        &mut state.minds,
        &mut actors,
    );
    movement::move_players(&state.floor, &mut actors);
    history::record(&state.round, &mut state.history, &actors);
    pickup::collect(
        &state.round,
        &state.floor,
        &mut state.pickups,
        &mut actors,
        events,
    );
    fight(inputs, state, &mut actors, events);
}

/// The round goes on, perhaps with a new map and without scores; the dead and the shielded come a tick nearer.
fn advance(state: &mut MatchState, actors: &mut [Actor<'_>], events: &mut Events<Event>) {
    let MatchState {
        round,
        floor,
        history,
        spawning,
        ..
    } = state;
    round.advance(actors);
    if round.changes_map() {
        floor.clone_from(state.maps.of_round(round.status.round));
        events.change_setup(encode_map(floor.map()));
        state.projectiles.clear();
    }
    let restarts = round.restarts();
    if restarts {
        state.pickups.lay();
    }
    for Actor { fighter, .. } in &mut *actors {
        fighter.life.wear_shield();
        if restarts {
            fighter.tally = Tally::default();
        }
    }
    spawn::respawn(floor, spawning, history, actors, events);
    if restarts {
        spawn::place_everybody(floor, spawning, history, actors, events);
    }
}

/// What is in flight and what is there at once have their effect; then new shots leave.
fn fight(
    inputs: &Inputs<Input>,
    state: &mut MatchState,
    actors: &mut [Actor<'_>],
    events: &mut Events<Event>,
) {
    let MatchState {
        round,
        floor,
        history,
        projectiles,
        hits,
        deaths,
        ..
    } = state;
    projectile::fly(floor, projectiles, hits, actors, events);
    let range = Range {
        round,
        floor,
        history,
        inputs,
    };
    beam::fire(range, hits, actors, events);
    damage::hurt(round, hits, deaths, actors, events);
    score::count(round, deaths, actors, events);
    shoot::shoot(round, projectiles, actors, events);
}
