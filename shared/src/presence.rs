//! How each player of a match is reached, as their clients say of themselves: with each `ping` in one byte, and in the answer
//! all of them together.
//!
//! ```text
//! 0        2          3
//! +--------+----------+- - -
//! | player | presence | the next player, to the end
//! +--------+----------+- - -
//!   u16      u8
//! presence: 0-253 the last round trip in steps of 4 ms, 253 for all that is longer; 254 away; 255 nothing measured yet
//! ```
//!
//! Players are in ascending order, each at most once. Bots are not among them, nor is anybody who watches. Every byte means
//! something, so a client can claim nothing that is out of bounds; it is believed, as nothing depends on it.

use crate::ids::PlayerId;
use crate::limits::PLAYERS_MAX;
use crate::record::{DecodeError, Reader};

/// Milliseconds of a step: as exact as somebody wants to read it.
const STEP_MS: u32 = 4;

/// Of a round trip of a second and more.
const STEPS_MAX: u8 = 253;

/// Bytes of one player.
const ENTRY_BYTES: usize = 3;

/// How somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence(u8);

impl Presence {
    /// Nobody sees the page, or there is no connection.
    pub const AWAY: Self = Self(254);

    /// No round trip has been measured yet.
    pub const UNMEASURED: Self = Self(255);

    /// The last round trip took so long.
    pub fn measured(round_trip_ms: u32) -> Self {
        let steps = (round_trip_ms + STEP_MS / 2) / STEP_MS;
        Self(u8::try_from(steps).map_or(STEPS_MAX, |steps| steps.min(STEPS_MAX)))
    }

    /// The last round trip to somebody who is there, milliseconds: exact to 2, and at most 1012.
    pub fn round_trip_ms(self) -> Option<u32> {
        (self.0 <= STEPS_MAX).then_some(u32::from(self.0) * STEP_MS)
    }

    /// What a byte says.
    pub const fn from_byte(byte: u8) -> Self {
        Self(byte)
    }

    /// The byte that says it.
    pub const fn byte(self) -> u8 {
        self.0
    }
}

/// Appends the bytes of one player; they come in ascending order.
pub fn encode_presence(player: PlayerId, presence: Presence, out: &mut Vec<u8>) {
    out.extend_from_slice(&player.0.to_le_bytes());
    out.push(presence.0);
}

/// Reads all players; refuses more than [`PLAYERS_MAX`] and another order.
pub fn decode_presences(bytes: &[u8]) -> Result<Vec<(PlayerId, Presence)>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let found = bytes.len() / ENTRY_BYTES;
    let count = reader.check_count("presences", found, PLAYERS_MAX, ENTRY_BYTES)?;
    let mut presences: Vec<(PlayerId, Presence)> = Vec::with_capacity(count);
    for _ in 0..count {
        let player = PlayerId(reader.u16()?);
        if presences.last().is_some_and(|&(last, _)| last >= player) {
            return Err(DecodeError::Unknown {
                what: "player after a later one",
                found: player.0.into(),
            });
        }
        presences.push((player, Presence(reader.u8()?)));
    }
    reader.finish()?;
    Ok(presences)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(presences: &[(PlayerId, Presence)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for &(player, presence) in presences {
            encode_presence(player, presence, &mut bytes);
        }
        bytes
    }

    #[test]
    fn a_round_trip_is_told_in_steps_and_never_as_something_else() {
        let check = |ms, told| assert_eq!(Presence::measured(ms).round_trip_ms(), Some(told), "{ms} ms");
        check(0, 0);
        check(1, 0);
        check(2, 4);
        check(23, 24);
        check(1012, 1012);
        check(1016, 1012);
        check(60_000, 1012);
        assert_eq!(Presence::AWAY.round_trip_ms(), None);
        assert_eq!(Presence::UNMEASURED.round_trip_ms(), None);
    }

    #[test]
    fn a_full_match_is_read_as_it_was_written_and_no_part_of_a_player_is() {
        let all: Vec<_> = (0..PLAYERS_MAX as u16)
            .map(|index| (PlayerId(index * 500), Presence::from_byte(index as u8 * 2)))
            .collect();
        let bytes = bytes_of(&all);
        assert_eq!(decode_presences(&bytes), Ok(all.clone()));
        for end in 0..bytes.len() {
            let expected = match end % ENTRY_BYTES {
                0 => Ok(all[..end / ENTRY_BYTES].to_vec()),
                left => Err(DecodeError::TrailingBytes(left)),
            };
            assert_eq!(decode_presences(&bytes[..end]), expected);
        }
    }

    #[test]
    fn too_many_players_and_another_order_are_refused() {
        let too_many: Vec<_> = (0..=PLAYERS_MAX as u16)
            .map(|player| (PlayerId(player), Presence::AWAY))
            .collect();
        let refused = decode_presences(&bytes_of(&too_many));
        assert!(matches!(refused, Err(DecodeError::TooMany { found: 129, .. })));
        for second in [6, 7] {
            let pair = [
                (PlayerId(7), Presence::measured(20)),
                (PlayerId(second), Presence::AWAY),
            ];
            let refused = decode_presences(&bytes_of(&pair));
            assert!(matches!(refused, Err(DecodeError::Unknown { .. })), "{second}");
        }
    }
}
