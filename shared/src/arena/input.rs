//! What a player of the arena wants to do in one tick.
//!
//! ```text
//! 0        1        2
//! +--------+--------+
//! | move_x | move_y |   i8 each: -127 full left/up … 127 full right/down
//! +--------+--------+
//! ```

use crate::record::{DecodeError, Reader, Record};

/// Wish to move, as a stick position: each axis −127 to 127 (−128 counts as a little more than −127 and is shortened
/// by the step like any wish longer than 1). The default is neutral.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Right is positive.
    pub move_x: i8,
    /// Down is positive, as on the screen.
    pub move_y: i8,
}

impl Record for Input {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.move_x as u8, self.move_y as u8]);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            move_x: reader.i8()?,
            move_y: reader.i8()?,
        })
    }
}
