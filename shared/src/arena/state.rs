//! What everybody may see of a player at one tick.
//!
//! ```text
//! 0     1     2     3     4     5     6     7     8
//! +-----+-----+-----+-----+-----+-----+-----+-----+
//! |     x     |     y     |    vx     |    vy     |
//! +-----+-----+-----+-----+-----+-----+-----+-----+
//!   u16, 1/32 u             i16, 1/16 u/s
//! ```

use glam::Vec2;

use crate::quantize::position_from_grid;
use crate::record::{DecodeError, Reader, Record};

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
