//! What a match shows to its clients: the state of all players, how they stand, and to each player what only that one may know.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::query::{QueryData, QueryState};
use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use shared::arena::own::Own;
use shared::arena::scores::Score;
use shared::arena::state::PlayerState;
use shared::ids::EntityId;
use simulation::game::Observer;

use crate::life::Life;
use crate::player::{Lineup, Pose, Stride, Wish};
use crate::rail::Rail;
use crate::tally::Tally;
use crate::weapon::Weapon;

/// What makes up the state of a player, besides where it looks.
#[derive(QueryData)]
pub struct Shown {
    pose: &'static Pose,
    life: &'static Life,
    stride: &'static Stride,
    weapon: &'static Weapon,
    tally: &'static Tally,
}

/// The record of a player.
pub fn state(shown: &ShownItem<'_, '_>, wish: &Wish) -> PlayerState {
    let ShownItem {
        pose,
        life,
        stride,
        weapon,
        tally,
    } = shown;
    PlayerState {
        body: pose.0,
        aim: (wish.0.aim >> 8) as u8,
        health: life.health,
        alive: life.is_alive(),
        shielded: life.is_shielded(),
        dashing: life.is_alive() && stride.0.is_safe(),
        score: tally.score,
        kills: tally.kills,
        deaths: tally.deaths,
        assists: tally.assists,
        armor: life.armor,
        overcharged: life.is_alive() && weapon.overcharge_ticks > 0,
        team: None,
    }
}

/// What only the player itself is told; everything at rest of somebody who has left.
pub fn own(world: &World, id: EntityId) -> Own {
    let entity = world.resource::<Lineup>().entity(id);
    let parts = entity.and_then(|entity| {
        world
            .entity(entity)
            .get_components::<(&Weapon, &Rail, &Stride)>()
            .ok()
    });
    parts.map_or_else(Own::default, |(weapon, rail, stride)| Own {
        pulse_cooldown_ticks: weapon.cooldown_ticks,
        rail_cooldown_ticks: rail.cooldown_ticks,
        rail_charge_ticks: rail.charge_ticks,
        overcharge_ticks: weapon.overcharge_ticks,
        dash: stride.0,
    })
}

/// How everybody stands, in ascending order of id.
pub fn scores(world: &World, out: &mut Vec<u8>) {
    for member in world.resource::<Lineup>().members() {
        if let Some(tally) = world.get::<Tally>(member.entity) {
            let score = Score {
                entity: member.id,
                score: tally.score,
                kills: tally.kills,
                deaths: tally.deaths,
                assists: tally.assists,
                team: None,
            };
            score.encode(out);
        }
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
