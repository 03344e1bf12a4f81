//! What a match shows to its clients: the state of all players.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::query::{QueryData, QueryState};
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use shared::arena::state::PlayerState;
use simulation::game::Observer;

use crate::life::Life;
use crate::player::{Lineup, Pose, Wish};
use crate::tally::Tally;

/// What makes up the state of a player, besides where it looks.
#[derive(QueryData)]
pub struct Shown {
    pose: &'static Pose,
    life: &'static Life,
    tally: &'static Tally,
}

/// The record of a player.
pub fn state(shown: &ShownItem<'_, '_>, wish: &Wish) -> PlayerState {
    let ShownItem { pose, life, tally } = shown;
    PlayerState {
        body: pose.0,
        aim: (wish.0.aim >> 8) as u8,
        health: life.health,
        alive: life.is_alive(),
        shielded: life.is_shielded(),
        score: tally.score,
        kills: tally.kills,
        deaths: tally.deaths,
    }
}

/// The query of [`observe`], kept because making one costs more than running it.
#[derive(Resource)]
pub struct Seen(QueryState<(Shown, &'static Wish)>);

/// Puts in what this file needs.
pub fn prepare(world: &mut World) {
    let seen = world.query::<(Shown, &Wish)>();
    world.insert_resource(Seen(seen));
}

/// Shows every player.
pub fn observe(world: &mut World, observer: &mut Observer<PlayerState>) {
    world.resource_scope(|world, mut seen: Mut<'_, Seen>| {
        let lineup = world.resource::<Lineup>();
        for member in lineup.members() {
            if let Ok((shown, wish)) = seen.0.get(world, member.entity) {
                observer.see(member.id, state(&shown, wish));
            }
        }
    });
}
