//! What a player of the arena wants to do in one tick.
//!
//! ```text
//! 0         1        2        3       5
//! +---------+--------+--------+-------+
//! | buttons | move_x | move_y |  aim  |
//! +---------+--------+--------+-------+
//!   bit 0     i8 each: -127 full      u16: 65536 steps a turn, 0 right, 16384 down
//!   = fire    left/up … 127 full right/down
//! ```
//!
//! Other bits of `buttons` are refused, so that they can get a meaning later.

use crate::record::{DecodeError, Reader, Record};

/// Wish of one tick. The default is neutral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// The trigger is held.
    pub fire: bool,
    /// Right is positive. −128 counts as a little more than −127 and is shortened by the step like any wish longer
    /// than 1.
    pub move_x: i8,
    /// Down is positive, as on the screen.
    pub move_y: i8,
    /// Where the player looks and shoots: steps of 1/65536 turn, 0 right, 16384 down.
    pub aim: u16,
}

const FIRE: u8 = 1;

impl Record for Input {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(if self.fire { FIRE } else { 0 });
        out.push(self.move_x as u8);
        out.push(self.move_y as u8);
        out.extend_from_slice(&self.aim.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let buttons = reader.u8()?;
        if buttons & !FIRE != 0 {
            return Err(DecodeError::Unknown {
                what: "buttons",
                found: buttons.into(),
            });
        }
        Ok(Self {
            fire: buttons & FIRE != 0,
            move_x: reader.i8()?,
            move_y: reader.i8()?,
            aim: reader.u16()?,
        })
    }
}
