//! What only the player itself is told of its player: how soon it may do things again, and what its prediction starts from.
//!
//! ```text
//! 0                1               2             3         5
//! +----------------+---------------+-------------+---------+
//! | pulse cooldown | rail cooldown | rail charge |  dash   |
//! +----------------+---------------+-------------+---------+
//!   u8               u8              u8            as in `dash.rs`
//! ```

use super::dash::Dash;
use crate::record::{DecodeError, Reader, Record};

/// The default may do everything at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// Ticks until the Pulse fires again.
    pub pulse_cooldown_ticks: u8,
    /// Ticks until the Rail may be charged again.
    pub rail_cooldown_ticks: u8,
    /// Ticks until the shot of a Rail that is charging leaves; 0 when it is not.
    pub rail_charge_ticks: u8,
    /// Belongs to the state that movement is predicted from.
    pub dash: Dash,
}

impl Record for Own {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[
            self.pulse_cooldown_ticks,
            self.rail_cooldown_ticks,
            self.rail_charge_ticks,
        ]);
        self.dash.encode(out);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            pulse_cooldown_ticks: reader.u8()?,
            rail_cooldown_ticks: reader.u8()?,
            rail_charge_ticks: reader.u8()?,
            dash: Dash::decode(reader)?,
        })
    }
}
