//! Everything of a match that is no player. Every mechanic keeps its own type in its own file; they are put side by side here, so
//! that a tick finds them in one place.

use std::sync::Arc;

use crate::config::Config;
use crate::damage::Hits;
use crate::floor::Floor;
use crate::history::History;
use crate::mind::Minds;
use crate::pickup::Pickups;
use crate::player::Lineup;
use crate::projectile::Projectiles;
use crate::rotation::Rotation;
use crate::round::Round;
use crate::score::Deaths;
use crate::spawn::Spawning;

/// See the head of this file.
#[derive(Debug)]
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
