//! The bytes of one `steer` event: how a viewer of a recording wants it to go on.
//!
//! ```text
//! 0       1           5
//! +-------+-----------+
//! | speed | to        |
//! +-------+-----------+
//!   u8      u32 tick
//! speed: quarters of real time, one of 0, 1, 2, 4, 8, 16; 0 stands still
//! to:    the moment to go on from; 0xffffffff is the one that is shown
//! ```
//!
//! It is answered with [`ServerMessage::Replaying`](crate::message::ServerMessage::Replaying) when that moment is reached.

use crate::record::{DecodeError, Reader};
use crate::tick::Tick;

/// Wire value of a moment that stays as it is.
const STAY: u32 = u32::MAX;

/// How fast a recording is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(u8);

impl Speed {
    /// The picture stands.
    pub const PAUSED: Self = Self(0);

    /// As it was.
    pub const REAL: Self = Self(Self::QUARTERS_PER_TICK);

    /// Four times as fast as it was, which is the most.
    pub const FASTEST: Self = Self(16);

    /// Quarters that make a tick.
    pub const QUARTERS_PER_TICK: u8 = 4;

    const ALL: [Self; 6] = [Self::PAUSED, Self(1), Self(2), Self::REAL, Self(8), Self::FASTEST];

    /// One that there is.
    pub fn parse(quarters: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|speed| speed.0 == quarters)
    }

    /// Quarters of a tick for each tick of real time.
    pub const fn quarters(self) -> u8 {
        self.0
    }
}

/// How a recording goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steer {
    /// From now on.
    pub speed: Speed,
    /// From which moment; `None` from the one that is shown.
    pub to: Option<Tick>,
}

impl Steer {
    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.speed.0);
        let to = self.to.map_or(STAY, |tick| tick.0);
        out.extend_from_slice(&to.to_le_bytes());
    }

    /// Reads a whole `steer` event.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let quarters = reader.u8()?;
        let speed = Speed::parse(quarters).ok_or(DecodeError::Unknown {
            what: "speed",
            found: quarters.into(),
        })?;
        let to = Some(reader.u32()?).filter(|&to| to != STAY).map(Tick);
        reader.finish()?;
        Ok(Self { speed, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(speed: Speed, to: Option<u32>, bytes: &[u8]) {
        let steer = Steer {
            speed,
            to: to.map(Tick),
        };
        let mut encoded = Vec::new();
        steer.encode(&mut encoded);
        assert_eq!(encoded, bytes);
        assert_eq!(Steer::decode(bytes), Ok(steer));
        for end in 0..bytes.len() {
            assert_eq!(Steer::decode(&bytes[..end]), Err(DecodeError::TooShort));
        }
    }

    #[test]
    fn a_wish_has_one_form() {
        check(Speed::PAUSED, None, &[0, 255, 255, 255, 255]);
        check(Speed::REAL, Some(600), &[4, 0x58, 2, 0, 0]);
        check(Speed::FASTEST, Some(0), &[16, 0, 0, 0, 0]);
    }

    #[test]
    fn only_speeds_that_there_are_can_be_wished_for() {
        for quarters in 0..=u8::MAX {
            let found = Steer::decode(&[quarters, 0, 0, 0, 0]);
            assert_eq!(
                found.is_ok(),
                [0, 1, 2, 4, 8, 16].contains(&quarters),
                "{quarters}"
            );
        }
        assert_eq!(
            Steer::decode(&[4, 0, 0, 0, 0, 9]),
            Err(DecodeError::TrailingBytes(1))
        );
    }
}
