//! What everybody may see of a player at one tick.
//!
//! ```text
//! 0     2     4     6     8     9        10      11      . and one byte further when there is armor
//! +-----+-----+-----+-----+-----+--------+-------+-------+-------+-------+--------+---------+
//! |  x  |  y  | vx  | vy  | aim | health | flags | armor | score | kills | deaths | assists |
//! +-----+-----+-----+-----+-----+--------+-------+-------+-------+-------+--------+---------+
//!   u16, 1/32 u i16, 1/16 u/s u8  u8       u8      u8      u16     u8      u8       u8
//! ```
//!
//! `aim` is the high byte of the input's aim. Flags: bit 0 alive, bit 1 shielded, bit 2 dashing, bit 3 armor, bit 4
//! overcharged, bit 5 in a team, bit 6 that of the second; the others are 0. Without bit 3 there is no byte for armor. How the difference to an earlier state is written
//! stands in `state_delta.rs`.

use glam::Vec2;

use super::team::Team;
use crate::quantize::position_from_grid;
use crate::record::{DecodeError, Reader, Record};

/// Health of a player who has just appeared.
pub const HEALTH_MAX: u8 = 100;

/// The moving part of a player, on the grid of `quantize`. Velocity belongs to what others see: it lets a client go
/// on drawing a player for a moment when a snapshot is late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// Steps of 1/32 unit from the left edge.
    pub x: u16,
    /// Steps of 1/32 unit from the upper edge.
    pub y: u16,
    /// Steps of 1/16 unit a second, right positive.
    pub vx: i16,
    /// Steps of 1/16 unit a second, down positive.
    pub vy: i16,
}

impl Body {
    /// The centre, in units.
    pub fn position(&self) -> Vec2 {
        Vec2::new(position_from_grid(self.x), position_from_grid(self.y))
    }
}

impl Record for Body {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.x.to_le_bytes());
        out.extend_from_slice(&self.y.to_le_bytes());
        out.extend_from_slice(&self.vx.to_le_bytes());
        out.extend_from_slice(&self.vy.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            x: reader.u16()?,
            y: reader.u16()?,
            vx: reader.i16()?,
            vy: reader.i16()?,
        })
    }
}

/// A player as others see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlayerState {
    /// Where it is and where it goes. While dead, where it died.
    pub body: Body,
    /// Where it looks, steps of 1/256 turn, 0 right, 64 down.
    pub aim: u8,
    /// 0 to [`HEALTH_MAX`]; 0 while dead.
    pub health: u8,
    /// False from a death to the next spawn.
    pub alive: bool,
    /// Nothing hurts; after a spawn, until the shield wears off or the player fires.
    pub shielded: bool,
    /// Nothing hurts either: shots go through.
    pub dashing: bool,
    /// What damage takes before health; 0 for most.
    pub armor: u8,
    /// Its Pulse fires twice as fast.
    pub overcharged: bool,
    /// Where everybody fights for themselves, none.
    pub team: Option<Team>,
    /// Points of this round.
    pub score: u16,
    /// Kills of this round, stays at 255.
    pub kills: u8,
    /// Deaths of this round, stays at 255.
    pub deaths: u8,
    /// Kills of others in which it had a part in this round, stays at 255.
    pub assists: u8,
}

const ALIVE: u8 = 1;
const SHIELDED: u8 = 2;
const DASHING: u8 = 4;
const ARMOR: u8 = 8;
const OVERCHARGED: u8 = 16;
const TEAM: u8 = 32;
const ORANGE: u8 = 64;
const UNUSED: u8 = 128;

impl PlayerState {
    pub(super) fn flags(&self) -> u8 {
        let flag = |bit, set: bool| if set { bit } else { 0 };
        flag(ALIVE, self.alive)
            | flag(SHIELDED, self.shielded)
            | flag(DASHING, self.dashing)
            | flag(ARMOR, self.armor > 0)
            | flag(OVERCHARGED, self.overcharged)
            | flag(TEAM, self.team.is_some())
            | flag(ORANGE, self.team == Some(Team::Orange))
    }

    /// Health, flags and armor, which change together when somebody is hit, dies or appears.
    pub(super) fn encode_condition(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.health, self.flags()]);
        if self.armor > 0 {
            out.push(self.armor);
        }
    }

    pub(super) fn decode_condition(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let (health, flags) = (reader.u8()?, reader.u8()?);
        if flags & UNUSED != 0 || flags & (TEAM | ORANGE) == ORANGE {
            return Err(DecodeError::Unknown {
                what: "player flags",
                found: flags.into(),
            });
        }
        self.health = health;
        self.alive = flags & ALIVE != 0;
        self.shielded = flags & SHIELDED != 0;
        self.dashing = flags & DASHING != 0;
        self.overcharged = flags & OVERCHARGED != 0;
        self.team = match flags & (TEAM | ORANGE) {
            0 => None,
            TEAM => Some(Team::Blue),
            _ => Some(Team::Orange),
        };
        self.armor = 0;
        if flags & ARMOR != 0 {
            self.armor = reader.u8()?;
            if self.armor == 0 {
                return Err(DecodeError::Unknown {
                    what: "armor of nothing",
                    found: 0,
                });
            }
        }
        Ok(())
    }

    pub(super) const fn tally(&self) -> (u16, [u8; 3]) {
        (self.score, [self.kills, self.deaths, self.assists])
    }

    /// Score, kills, deaths and assists, which change together and seldom.
    pub(super) fn encode_tally(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.score.to_le_bytes());
        out.extend_from_slice(&[self.kills, self.deaths, self.assists]);
    }

    pub(super) fn decode_tally(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        self.score = reader.u16()?;
        self.kills = reader.u8()?;
        self.deaths = reader.u8()?;
        self.assists = reader.u8()?;
        Ok(())
    }
}

impl Record for PlayerState {
    fn encode(&self, out: &mut Vec<u8>) {
        self.body.encode(out);
        out.push(self.aim);
        self.encode_condition(out);
        self.encode_tally(out);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut state = Self {
            body: Body::decode(reader)?,
            aim: reader.u8()?,
            ..Self::default()
        };
        state.decode_condition(reader)?;
        state.decode_tally(reader)?;
        Ok(state)
    }
}
