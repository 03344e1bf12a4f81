//! What only the player itself is told of its player: how soon it may do things again, and what its prediction starts from.
//!
//! ```text
//! 0                1               2             3         5
//! +----------------+---------------+-------------+---------+------------+
//! | pulse cooldown | rail cooldown | rail charge |  dash   | overcharge |
//! +----------------+---------------+-------------+---------+------------+
//!   bits 0 to 6      u8              u8            as in     u16, if bit 7
//!   of a u8                                        `dash.rs` of the first
//! ```
//!
//! It is in every snapshot, so what is there seldom has no byte when it is not there.

use super::dash::Dash;
use crate::record::{DecodeError, Reader, Record};

/// The default may do everything at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// Ticks until the Pulse fires again, at most 127.
    pub pulse_cooldown_ticks: u8,
    /// Ticks until the Rail may be charged again.
    pub rail_cooldown_ticks: u8,
    /// Ticks until the shot of a Rail that is charging leaves; 0 when it is not.
    pub rail_charge_ticks: u8,
    /// Ticks that an overcharge still lasts; 0 without one.
    pub overcharge_ticks: u16,
    /// Belongs to the state that movement is predicted from.
    pub dash: Dash,
}

const OVERCHARGED: u8 = 0x80;

impl Record for Own {
    fn encode(&self, out: &mut Vec<u8>) {
        let is_overcharged = self.overcharge_ticks > 0;
        let flag = if is_overcharged { OVERCHARGED } else { 0 };
        out.extend_from_slice(&[
            self.pulse_cooldown_ticks & !OVERCHARGED | flag,
            self.rail_cooldown_ticks,
            self.rail_charge_ticks,
        ]);
        self.dash.encode(out);
        if is_overcharged {
            out.extend_from_slice(&self.overcharge_ticks.to_le_bytes());
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let first = reader.u8()?;
        let mut own = Self {
            pulse_cooldown_ticks: first & !OVERCHARGED,
            rail_cooldown_ticks: reader.u8()?,
            rail_charge_ticks: reader.u8()?,
            overcharge_ticks: 0,
            dash: Dash::decode(reader)?,
        };
        if first & OVERCHARGED != 0 {
            own.overcharge_ticks = reader.u16()?;
            if own.overcharge_ticks == 0 {
                return Err(DecodeError::Unknown {
                    what: "overcharge of no ticks",
                    found: 0,
                });
            }
        }
        Ok(own)
    }
}
