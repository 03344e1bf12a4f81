//! What a match shows: to its clients the bodies of all players, to a comparison of two runs a hash of everything.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::query::QueryState;
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use shared::arena::state::Body;
use simulation::game::Observer;
use simulation::state_hash::StateHash;

use crate::bot::Mind;
use crate::player::{Player, Pose, StableId, Wish, peek_next_id};
use crate::spawn;

/// The query of [`observe`], kept because making one costs more than running it.
#[derive(Resource)]
pub struct Seen(QueryState<(&'static StableId, &'static Pose)>);

/// Puts in what this file needs.
pub fn prepare(world: &mut World) {
    let seen = world.query::<(&StableId, &Pose)>();
    world.insert_resource(Seen(seen));
}

/// Shows every player.
pub fn observe(world: &mut World, observer: &mut Observer<Body>) {
    world.resource_scope(|world, mut seen: Mut<'_, Seen>| {
        for (id, pose) in seen.0.iter(world) {
            observer.see(id.0, pose.0);
        }
    });
}

/// Everything that influences the future of a match, in ascending order of id.
pub fn hash(world: &World) -> u64 {
    let mut hash = StateHash::new();
    hash.number(peek_next_id(world).into());
    hash.number(spawn::peek_random(world).into());
    let Some(mut query) = world.try_query::<(&StableId, &Player, &Pose, &Wish, Option<&Mind>)>() else {
        // A component nobody ever had: there has been no player yet.
        return hash.value();
    };
    let mut players: Vec<_> = query.iter(world).collect();
    players.sort_unstable_by_key(|&(id, ..)| *id);
    for (id, player, pose, wish, mind) in players {
        hash.number(id.0.0.into());
        hash.number(player.0.0.into());
        hash.record(&pose.0);
        hash.record(&wish.0);
        hash.number(mind.map_or(0, |mind| 1 + u64::from(mind.peek_random())));
    }
    hash.value()
}
