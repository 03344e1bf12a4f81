//! How everybody stands in a round, for a client that sees only those around it. Places are not told.
//!
//! ```text
//! 0        2        4       5        6         7      8
//! +--------+--------+-------+--------+---------+------+- - -
//! | entity | score  | kills | deaths | assists | team | the next player, to the end
//! +--------+--------+-------+--------+---------+------+- - -
//!   u16      u16      u8      u8       u8        u8
//! ```
//!
//! Team: 0 none, 1 and 2 as in `team.rs`.
//!
//! Entities are in ascending order, each at most once.

use super::team::Team;
use crate::ids::EntityId;
use crate::limits::{PLAYERS_MAX, SCORES_BYTES_MAX};
use crate::record::{DecodeError, Reader};

/// Bytes of one player.
const SCORE_BYTES: usize = 8;

const _: () = assert!(PLAYERS_MAX * SCORE_BYTES <= SCORES_BYTES_MAX);

/// How one player stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// What the player steers.
    pub entity: EntityId,
    /// Points.
    pub score: u16,
    /// Stays at 255.
    pub kills: u8,
    /// Stays at 255.
    pub deaths: u8,
    /// Stays at 255.
    pub assists: u8,
    /// Where everybody fights for themselves, none.
    pub team: Option<Team>,
}

impl Score {
    /// Appends the bytes of one player; they come in ascending order of entity.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.entity.0.to_le_bytes());
        out.extend_from_slice(&self.score.to_le_bytes());
        out.extend_from_slice(&[
            self.kills,
            self.deaths,
            self.assists,
            self.team.map_or(0, |team| team as u8 + 1),
        ]);
    }
}

fn decode_team(reader: &mut Reader<'_>) -> Result<Option<Team>, DecodeError> {
    let number = reader.u8()?;
    let Some(index) = number.checked_sub(1) else {
        return Ok(None);
    };
    let unknown = DecodeError::Unknown {
        what: "team",
        found: number.into(),
    };
    Team::ALL
        .get(usize::from(index))
        .copied()
        .map(Some)
        .ok_or(unknown)
}

/// Reads all players; refuses more than [`PLAYERS_MAX`] and another order.
pub fn decode_scores(bytes: &[u8]) -> Result<Vec<Score>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let found = bytes.len() / SCORE_BYTES;
    let count = reader.check_count("scores", found, PLAYERS_MAX, SCORE_BYTES)?;
    let mut scores: Vec<Score> = Vec::with_capacity(count);
    for _ in 0..count {
        let score = Score {
            entity: EntityId(reader.u16()?),
            score: reader.u16()?,
            kills: reader.u8()?,
            deaths: reader.u8()?,
            assists: reader.u8()?,
            team: decode_team(&mut reader)?,
        };
        if scores.last().is_some_and(|last| last.entity >= score.entity) {
            return Err(DecodeError::Unknown {
                what: "entity after a later one",
                found: score.entity.0.into(),
            });
        }
        scores.push(score);
    }
    reader.finish()?;
    Ok(scores)
}
