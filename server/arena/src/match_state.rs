//! Everything of a match that is no player, in one resource.
//!
//! A resource is an entity of its own in this ECS, and to fetch one is some eight cache lines. Every mechanic keeps its own type
//! in its own file; they are put side by side here so that a tick fetches them once.

use std::sync::Arc;

use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use shared::ids::EntityId;

use crate::config::Config;
use crate::damage::Hits;
use crate::floor::Floor;
use crate::history::History;
use crate::mind::Minds;
use crate::pickup::Pickups;
use crate::player::{Fighter, Lineup};
use crate::projectile::Projectiles;
use crate::rotation::Rotation;
use crate::round::Round;
use crate::score::Deaths;
use crate::spawn::Spawning;

/// See the head of this file.
#[derive(Resource, Debug)]
pub struct MatchState {
    /// Where the match stands.
    pub round: Round,
    /// Who plays.
    pub lineup: Lineup,
    /// What is played on.
    pub floor: Arc<Floor>,
    /// The maps of all rounds.
    pub maps: Rotation,
    /// Where everybody was.
    pub history: History,
    /// What is in flight.
    pub projectiles: Projectiles,
    /// What is away from the floor.
    pub pickups: Pickups,
    /// Who is hit in this tick.
    pub hits: Hits,
    /// Who dies in this tick.
    pub deaths: Deaths,
    /// Where players appear.
    pub spawning: Spawning,
    /// What bots see.
    pub minds: Minds,
}

impl MatchState {
    /// The first round of a match, before anybody has come.
    pub fn new(config: &Config, seed: u64) -> Self {
        Self {
            round: Round::new(config),
            lineup: Lineup::default(),
            floor: Arc::clone(config.maps.of_round(0)),
            maps: config.maps.clone(),
            history: History::new(config),
            projectiles: Projectiles::default(),
            pickups: Pickups::default(),
            hits: Hits::default(),
            deaths: Deaths::default(),
            spawning: Spawning::new(seed),
            minds: Minds::new(config.bot_level, seed),
        }
    }
}

/// Everybody in ascending order of id.
pub fn fighters(world: &World) -> impl Iterator<Item = &Fighter> {
    let members = world.resource::<MatchState>().lineup.members();
    members.iter().filter_map(|member| world.get(member.entity))
}

/// One of them, unless it has left.
pub fn fighter(world: &World, id: EntityId) -> Option<&Fighter> {
    world.get(world.resource::<MatchState>().lineup.entity(id)?)
}
