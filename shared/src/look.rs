//! The bytes of one `look` event: what a viewer looks at, and the last snapshot it decoded.
//!
//! ```text
//! 0           4      5
//! +-----------+------+------------------------------+
//! | acked     | meta | u16 entity, or i16 x, i16 y  |
//! +-----------+------+------------------------------+
//!   u32 tick    u8
//! meta: bit 0 a place instead of an entity, bit 6 resync, bit 7 hidden; the others are 0
//! ```
//!
//! It is to a viewer what `input.rs` is to a player: an acknowledgement that says a little more. `acked` is 0 before the
//! first snapshot. A place is in whole units of length; one beyond the map shows what is at its edge.

use crate::ids::EntityId;
use crate::record::{DecodeError, Reader};
use crate::tick::Tick;

const PLACE: u8 = 1 << 0;
const RESYNC: u8 = 1 << 6;
const HIDDEN: u8 = 1 << 7;

/// What a viewer looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Along with an entity, and with its interest; [`EntityId::NONE`] stays where the camera is.
    Follow(EntityId),
    /// At a place, units to the right and down.
    Place {
        /// To the right.
        x: i16,
        /// Down.
        y: i16,
    },
}

/// What a viewer says each time it acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookPacket {
    /// Tick of the newest snapshot that the client decoded.
    pub acked: Tick,
    /// What it looks at.
    pub look: Look,
    /// Nobody looks at the page: some snapshots a second are enough.
    pub hidden: bool,
    /// The client could not apply a snapshot and needs a whole one.
    pub resync: bool,
}

impl LookPacket {
    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.acked.0.to_le_bytes());
        let place = if matches!(self.look, Look::Place { .. }) {
            PLACE
        } else {
            0
        };
        let resync = if self.resync { RESYNC } else { 0 };
        let hidden = if self.hidden { HIDDEN } else { 0 };
        out.push(place | resync | hidden);
        match self.look {
            Look::Follow(entity) => out.extend_from_slice(&entity.0.to_le_bytes()),
            Look::Place { x, y } => {
                out.extend_from_slice(&x.to_le_bytes());
                out.extend_from_slice(&y.to_le_bytes());
            }
        }
    }

    /// Reads a whole `look` event.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let acked = Tick(reader.u32()?);
        let meta = reader.u8()?;
        if meta & !(PLACE | RESYNC | HIDDEN) != 0 {
            return Err(DecodeError::Unknown {
                what: "look flags",
                found: meta.into(),
            });
        }
        let look = if meta & PLACE == 0 {
            Look::Follow(EntityId(reader.u16()?))
        } else {
            Look::Place {
                x: reader.u16()? as i16,
                y: reader.u16()? as i16,
            }
        };
        reader.finish()?;
        Ok(Self {
            acked,
            look,
            hidden: meta & HIDDEN != 0,
            resync: meta & RESYNC != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(look: Look, hidden: bool, resync: bool, bytes: &[u8]) {
        let packet = LookPacket {
            acked: Tick(600),
            look,
            hidden,
            resync,
        };
        let mut encoded = Vec::new();
        packet.encode(&mut encoded);
        assert_eq!(encoded, bytes);
        assert_eq!(LookPacket::decode(bytes), Ok(packet));
        for end in 0..bytes.len() {
            assert_eq!(LookPacket::decode(&bytes[..end]), Err(DecodeError::TooShort));
        }
    }

    #[test]
    fn a_look_has_one_form() {
        check(Look::Follow(EntityId(7)), false, false, &[0x58, 2, 0, 0, 0, 7, 0]);
        check(
            Look::Follow(EntityId::NONE),
            true,
            true,
            &[0x58, 2, 0, 0, 0xc0, 255, 255],
        );
        check(
            Look::Place { x: 1000, y: -2 },
            false,
            true,
            &[0x58, 2, 0, 0, 0x41, 0xe8, 3, 0xfe, 0xff],
        );
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (bytes, error) in [
            (
                vec![0, 0, 0, 0, 2, 0, 0],
                DecodeError::Unknown {
                    what: "look flags",
                    found: 2,
                },
            ),
            (vec![0, 0, 0, 0, 0, 0, 0, 9], DecodeError::TrailingBytes(1)),
        ] {
            assert_eq!(LookPacket::decode(&bytes), Err(error));
        }
    }
}
