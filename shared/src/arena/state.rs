//! What everybody may see of a player at one tick.
//!
//! ```text
//! 0     1     2     3     4     5     6     7     8     9        10      11      13      14       15
//! +-----+-----+-----+-----+-----+-----+-----+-----+-----+--------+-------+-------+-------+--------+
//! |     x     |     y     |    vx     |    vy     | aim | health | flags | score | kills | deaths |
//! +-----+-----+-----+-----+-----+-----+-----+-----+-----+--------+-------+-------+-------+--------+
//!   u16, 1/32 u             i16, 1/16 u/s           u8    u8       u8      u16     u8      u8
//! ```
//!
//! `aim` is the high byte of the input's aim. Flags: bit 0 alive, bit 1 shielded, bit 2 dashing; the others are 0. How the
//! difference to an earlier state is written stands in `state_delta.rs`.

use glam::Vec2;

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
    /// Points of this round.
    pub score: u16,
    /// Kills of this round, stays at 255.
    pub kills: u8,
    /// Deaths of this round, stays at 255.
    pub deaths: u8,
}

const ALIVE: u8 = 1;
const SHIELDED: u8 = 2;
const DASHING: u8 = 4;

impl PlayerState {
    pub(super) fn flags(&self) -> u8 {
        let alive = if self.alive { ALIVE } else { 0 };
        let shielded = if self.shielded { SHIELDED } else { 0 };
        alive | shielded | (if self.dashing { DASHING } else { 0 })
    }

    /// Health and flags, which change together when somebody dies or appears.
    pub(super) fn encode_condition(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.health, self.flags()]);
    }

    pub(super) fn decode_condition(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let (health, flags) = (reader.u8()?, reader.u8()?);
        if flags & !(ALIVE | SHIELDED | DASHING) != 0 {
            return Err(DecodeError::Unknown {
                what: "player flags",
                found: flags.into(),
            });
        }
        self.health = health;
        self.alive = flags & ALIVE != 0;
        self.shielded = flags & SHIELDED != 0;
        self.dashing = flags & DASHING != 0;
        Ok(())
    }

    /// Score, kills and deaths, which change together and seldom.
    pub(super) fn encode_tally(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.score.to_le_bytes());
        out.extend_from_slice(&[self.kills, self.deaths]);
    }

    pub(super) fn decode_tally(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        self.score = reader.u16()?;
        self.kills = reader.u8()?;
        self.deaths = reader.u8()?;
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
