//! What happened in the arena that a client shows once.
//!
//! ```text
//! 0      1     2     3     4     5     6     7
//! +------+-----+-----+-----+-----+-----+-----+
//! |  1   |  entity   |     x     |     y     |   Spawned
//! +------+-----+-----+-----+-----+-----+-----+
//! ```

use crate::ids::EntityId;
use crate::record::{DecodeError, Reader, Record};

/// A past-tense record. The first byte is its kind; 0 is never used, so that zeroed bytes mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A player appeared.
    Spawned {
        /// Who.
        entity: EntityId,
        /// Steps of 1/32 unit.
        x: u16,
        /// Steps of 1/32 unit.
        y: u16,
    },
}

const SPAWNED: u8 = 1;

impl Record for Event {
    fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Spawned { entity, x, y } => {
                out.push(SPAWNED);
                out.extend_from_slice(&entity.0.to_le_bytes());
                out.extend_from_slice(&x.to_le_bytes());
                out.extend_from_slice(&y.to_le_bytes());
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            SPAWNED => Ok(Self::Spawned {
                entity: EntityId(reader.u16()?),
                x: reader.u16()?,
                y: reader.u16()?,
            }),
            kind => Err(DecodeError::Unknown {
                what: "event kind",
                found: kind.into(),
            }),
        }
    }
}
