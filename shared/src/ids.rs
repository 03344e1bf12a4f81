//! Names for matches, players and entities: numbers that cannot be mistaken for each other.

use serde::{Deserialize, Serialize};

/// A running game world, unique for the life of the server process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MatchId(pub u32);

/// A participant of one match, person or bot. Given in order of joining and not used again within the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlayerId(pub u16);

/// Something a snapshot shows. Stable for the life of the entity, so that clients can follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityId(pub u16);

impl EntityId {
    /// Wire value that names no entity: the own entity of somebody who has none.
    pub const NONE: Self = Self(u16::MAX);
}

impl std::fmt::Display for MatchId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
