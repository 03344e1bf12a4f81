//! What is the same for everybody in a match of the arena: its phase, which map it plays on, and how the teams stand.
//!
//! ```text
//! 0       1       3       7              9
//! +-------+-------+-------+- - - - - - - +- - - - - - - -+
//! | phase | round | ends  | score of one | of the other  |
//! +-------+-------+-------+- - - - - - - +- - - - - - - -+
//!   u8      u16     u32 tick  both u16, if bit 7 of the first byte
//! ```

use crate::record::{DecodeError, Reader, Record};
use crate::tick::Tick;

/// A step in the life of a round, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// People arrive and try things out; nothing counts.
    WarmUp,
    /// Everybody stands at a spawn point again; weapons are locked.
    Countdown,
    /// Kills count.
    Live,
    /// The best were equal: the next kill among them decides.
    SuddenDeath,
    /// The scores stand still; then comes the next round on the next map.
    Results,
}

impl Phase {
    /// All phases in their order; the index is the number on the wire.
    pub const ALL: [Self; 5] = [
        Self::WarmUp,
        Self::Countdown,
        Self::Live,
        Self::SuddenDeath,
        Self::Results,
    ];

    /// The name in lists and interfaces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WarmUp => "warm-up",
            Self::Countdown => "countdown",
            Self::Live => "live",
            Self::SuddenDeath => "sudden death",
            Self::Results => "results",
        }
    }

    /// True while a trigger has an effect.
    pub const fn weapons_fire(self) -> bool {
        matches!(self, Self::WarmUp | Self::Live | Self::SuddenDeath)
    }
}

/// The part of a snapshot that belongs to the match and to no entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where the round stands.
    pub phase: Phase,
    /// Rounds since the match started, the first is 0. Each has a map of its own; a client that does not have it yet
    /// waits for the setup message of that round.
    pub round: u16,
    /// The tick at which the phase ends.
    pub ends: Tick,
    /// Points of the two teams, in the order of `Team::ALL`; none where everybody fights for themselves.
    pub teams: Option<[u16; 2]>,
}

const TEAMS: u8 = 0x80;

impl Record for Status {
    fn encode(&self, out: &mut Vec<u8>) {
        let teams = if self.teams.is_some() { TEAMS } else { 0 };
        out.push(self.phase as u8 | teams);
        out.extend_from_slice(&self.round.to_le_bytes());
        out.extend_from_slice(&self.ends.0.to_le_bytes());
        for score in self.teams.iter().flatten() {
            out.extend_from_slice(&score.to_le_bytes());
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let first = reader.u8()?;
        let number = first & !TEAMS;
        let phase = *Phase::ALL.get(usize::from(number)).ok_or(DecodeError::Unknown {
            what: "phase",
            found: number.into(),
        })?;
        Ok(Self {
            phase,
            round: reader.u16()?,
            ends: Tick(reader.u32()?),
            teams: match first & TEAMS {
                0 => None,
                _ => Some([reader.u16()?, reader.u16()?]),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_has_its_place_in_the_list_as_number() {
        for (number, phase) in Phase::ALL.into_iter().enumerate() {
            assert_eq!(phase as usize, number);
        }
    }
}
