//! What may differ from match to match: the maps in their order, how long things take, how good the bots are.
//!
//! In a recording:
//!
//! ```text
//! +------------+---------------------------------+--------------+-----------+-----------+------------------+
//! | maps count | each: length, as in `Joined`    | phases       | bot level | kills     | lag compensation |
//! +------------+---------------------------------+--------------+-----------+-----------+------------------+
//!   u8           u16     bytes                     5 u32, ticks   u8          u8          u8, 0 or 1
//! ```
//!
//! and at the end the mode, u8.

use shared::codec::{decode_map, encode_map};
use shared::limits::SETUP_BYTES_MAX;
use shared::record::{DecodeError, Reader};
use shared::tick::TICK_HZ;

use crate::bot::level::Level;
use crate::floor::Floor;
use crate::maps;
use crate::rotation::{MAPS_MAX, Rotation};
use crate::side::Mode;

/// What distinguishes one match from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// One for each round, then from the first again.
    pub maps: Rotation,
    /// How long each phase takes.
    pub phases: PhaseLengths,
    /// How good bots are.
    pub bot_level: Level,
    /// So many kills of one player end the round before its time; the score says who wins it, as in `round.rs`. More make
    /// long rounds longer; at 255 hardly anything but time ends a round.
    pub kills_to_win: u8,
    /// Beams meet the others where their shooter saw them. Without it they meet them where the server has them, so that
    /// whoever is far away has to aim ahead of what it sees; to compare the two.
    pub lag_compensation: bool,
    /// Everybody for themselves, or in teams. A team needs twice `kills_to_win`.
    pub mode: Mode,
}

/// Lengths of the phases of a round, ticks. A phase of length 0 is over in the tick after it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseLengths {
    /// Long enough to look at the map; longer bores.
    pub warm_up_ticks: u32,
    /// Time to find oneself on the screen.
    pub countdown_ticks: u32,
    /// The round itself.
    pub live_ticks: u32,
    /// How long equals may fight for a decision; when it is over they remain equal.
    pub sudden_death_ticks: u32,
    /// Time to read the scores.
    pub results_ticks: u32,
}

const SECOND: u32 = TICK_HZ as u32;

impl Config {
    /// Appends the bytes of a recording.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let maps = self.maps.maps();
        out.push(maps.len() as u8);
        for map in maps {
            let bytes = encode_map(map);
            let length = u16::try_from(bytes.len()).expect("a map keeps its bound");
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(&bytes);
        }
        for ticks in self.phases.in_order() {
            out.extend_from_slice(&ticks.to_le_bytes());
        }
        let lag_compensation = u8::from(self.lag_compensation);
        out.extend_from_slice(&[
            self.bot_level as u8,
            self.kills_to_win,
            lag_compensation,
            self.mode as u8,
        ]);
    }

    /// Reads what a match can be built from: refuses maps without room for a player.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = usize::from(reader.u8()?);
        let count = reader.check_count("maps", count, MAPS_MAX, 2)?;
        let mut floors = Vec::with_capacity(count);
        for _ in 0..count {
            let length = usize::from(reader.u16()?);
            let length = reader.check_count("map bytes", length, SETUP_BYTES_MAX, 1)?;
            let map = decode_map(reader.bytes(length)?)?;
            floors.push(Floor::of(map).ok_or(DecodeError::Malformed)?);
        }
        let maps = Rotation::new(floors).ok_or(DecodeError::Malformed)?;
        let phases = PhaseLengths {
            warm_up_ticks: reader.u32()?,
            countdown_ticks: reader.u32()?,
            live_ticks: reader.u32()?,
            sudden_death_ticks: reader.u32()?,
            results_ticks: reader.u32()?,
        };
        let level = reader.u8()?;
        let bot_level = *Level::ALL.get(usize::from(level)).ok_or(DecodeError::Unknown {
            what: "bot level",
            found: level.into(),
        })?;
        Ok(Self {
            maps,
            phases,
            bot_level,
            kills_to_win: reader.u8()?,
            lag_compensation: match reader.u8()? {
                0 => false,
                1 => true,
                found => {
                    return Err(DecodeError::Unknown {
                        what: "lag compensation",
                        found: found.into(),
                    });
                }
            },
            mode: decode_mode(reader)?,
        })
    }
}

fn decode_mode(reader: &mut Reader<'_>) -> Result<Mode, DecodeError> {
    let number = reader.u8()?;
    let unknown = DecodeError::Unknown {
        what: "mode",
        found: number.into(),
    };
    Mode::ALL.get(usize::from(number)).copied().ok_or(unknown)
}

impl PhaseLengths {
    const fn in_order(&self) -> [u32; 5] {
        [
            self.warm_up_ticks,
            self.countdown_ticks,
            self.live_ticks,
            self.sudden_death_ticks,
            self.results_ticks,
        ]
    }
}

impl Default for PhaseLengths {
    fn default() -> Self {
        Self {
            warm_up_ticks: 5 * SECOND,
            countdown_ticks: 3 * SECOND,
            live_ticks: 180 * SECOND,
            sudden_death_ticks: 30 * SECOND,
            results_ticks: 8 * SECOND,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            maps: maps::rotation(),
            phases: PhaseLengths::default(),
            bot_level: Level::default(),
            kills_to_win: 20,
            lag_compensation: true,
            mode: Mode::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::arena::map::Map;

    use super::*;

    fn decode(bytes: &[u8]) -> Result<Config, DecodeError> {
        let mut reader = Reader::new(bytes);
        let config = Config::decode(&mut reader)?;
        reader.finish().map(|()| config)
    }

    #[test]
    fn a_config_comes_back_from_its_bytes() {
        let config = Config {
            bot_level: Level::Hard,
            kills_to_win: 7,
            lag_compensation: false,
            mode: Mode::Teams,
            ..Config::default()
        };
        let mut bytes = Vec::new();
        config.encode(&mut bytes);
        assert_eq!(decode(&bytes).as_ref(), Ok(&config));
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_config_that_no_match_can_be_built_from_is_refused() {
        let config = Config {
            maps: Rotation::of([maps::crossroads()]),
            ..Config::default()
        };
        let mut bytes = Vec::new();
        config.encode(&mut bytes);
        let behind_maps = &bytes[3 + encode_map(&maps::crossroads()).len()..];
        let with_maps = |maps: &[Map]| {
            let mut bytes = vec![maps.len() as u8];
            for map in maps.iter().map(encode_map) {
                bytes.extend((map.len() as u16).to_le_bytes());
                bytes.extend(map);
            }
            bytes.extend(behind_maps);
            decode(&bytes)
        };
        let no_room = Map {
            name: "Closet".into(),
            width: 20,
            height: 20,
            ..Map::default()
        };
        assert_eq!(with_maps(&[maps::crossroads()]), Ok(config));
        assert_eq!(with_maps(&[]), Err(DecodeError::Malformed));
        assert_eq!(
            with_maps(&[maps::crossroads(), no_room]),
            Err(DecodeError::Malformed)
        );
    }
}
