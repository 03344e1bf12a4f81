//! The head of a recording: which game, by which rules, and everything a match starts from.
//!
//! ```text
//! +-------+------+---------+-------+------+-------------+---------+--------+-------------+
//! | rules | game | version | match | seed | players max | fill to | config | config hash |
//! +-------+------+---------+-------+------+-------------+---------+--------+-------------+
//!   u32     text   text      u32     u64    u16           u16       bytes    u64
//! text: u8 length, UTF-8      bytes: u16 length, as the game lays them out (the arena's maps are among them)
//! ```

use shared::ids::MatchId;
use shared::record::{DecodeError, Reader};

use crate::settings::MatchSettings;
use crate::state_hash::StateHash;

/// First bytes of a recording.
pub const MAGIC: [u8; 4] = *b"TRRP";

/// Version of the layout of everything but the records of the game.
pub const FORMAT: u16 = 2;

/// Bytes of a game's config: some maps fit in.
pub const CONFIG_BYTES_MAX: usize = 48 * 1024;

/// What a match starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `Game::RULES_VERSION` of the program that played.
    pub rules: u32,
    /// `Game::NAME`.
    pub game: String,
    /// Version of that program, to be shown.
    pub version: String,
    /// The match, to be shown.
    pub match_id: MatchId,
    /// Source of all randomness.
    pub seed: u64,
    /// Places and bots. The end of an empty match is not among them: a recording says itself when it ends.
    pub settings: MatchSettings,
    /// As `Game::encode_config` wrote it, at most [`CONFIG_BYTES_MAX`].
    pub config: Vec<u8>,
}

impl Header {
    /// Appends magic, format and header. Panics when a text or the config breaks its bound, which is a bug of the game.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&self.rules.to_le_bytes());
        encode_text(&self.game, out);
        encode_text(&self.version, out);
        out.extend_from_slice(&self.match_id.0.to_le_bytes());
        out.extend_from_slice(&self.seed.to_le_bytes());
        for count in [self.settings.players_max, self.settings.fill_to] {
            let count = u16::try_from(count).expect("match settings keep their bounds");
            out.extend_from_slice(&count.to_le_bytes());
        }
        assert!(
            self.config.len() <= CONFIG_BYTES_MAX,
            "the config of a game keeps its bound"
        );
        out.extend_from_slice(&(self.config.len() as u16).to_le_bytes());
        out.extend_from_slice(&self.config);
        out.extend_from_slice(&hash(&self.config).to_le_bytes());
    }

    /// Reads what follows magic and format.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let rules = reader.u32()?;
        let game = decode_shown(reader)?;
        let version = decode_shown(reader)?;
        let match_id = MatchId(reader.u32()?);
        let seed = reader.u64()?;
        let settings = MatchSettings {
            players_max: reader.u16()?.into(),
            fill_to: reader.u16()?.into(),
            empty_ticks_max: u32::MAX,
            // What clients are sent does not influence the match.
            snapshot_bytes_per_s: 0,
            ..MatchSettings::default()
        };
        let length = usize::from(reader.u16()?);
        let length = reader.check_count("config bytes", length, CONFIG_BYTES_MAX, 1)?;
        let config = reader.bytes(length)?.to_vec();
        if reader.u64()? != hash(&config) || !settings.is_valid() {
            return Err(DecodeError::Malformed);
        }
        Ok(Self {
            rules,
            game,
            version,
            match_id,
            seed,
            settings,
            config,
        })
    }
}

fn hash(config: &[u8]) -> u64 {
    let mut hash = StateHash::new();
    hash.bytes(config);
    hash.value()
}

/// Appends length and text.
pub(super) fn encode_text(text: &str, out: &mut Vec<u8>) {
    out.push(u8::try_from(text.len()).expect("names and versions are short"));
    out.extend_from_slice(text.as_bytes());
}

/// Reads a text that will be shown: control characters could mean something to whoever shows it.
fn decode_shown(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    let text = decode_text(reader)?;
    if text.chars().any(char::is_control) {
        return Err(DecodeError::Malformed);
    }
    Ok(text)
}

/// Reads length and text.
pub(super) fn decode_text(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    let length = reader.u8()?.into();
    let text = std::str::from_utf8(reader.bytes(length)?).map_err(|_| DecodeError::Malformed)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            rules: 7,
            game: "arena".into(),
            version: "0.1.0".into(),
            match_id: MatchId(70_000),
            seed: u64::MAX - 5,
            settings: MatchSettings {
                players_max: 16,
                fill_to: 8,
                empty_ticks_max: u32::MAX,
                snapshot_bytes_per_s: 0,
                ..MatchSettings::default()
            },
            config: (0..=255).collect(),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Header, DecodeError> {
        let mut reader = Reader::new(&bytes[6..]);
        let header = Header::decode(&mut reader)?;
        reader.finish().map(|()| header)
    }

    #[test]
    fn a_header_comes_back_and_its_parts_have_bounds() {
        let mut bytes = Vec::new();
        header().encode(&mut bytes);
        assert_eq!(decode(&bytes), Ok(header()));
        for end in 6..bytes.len() {
            assert_eq!(decode(&bytes[..end]), Err(DecodeError::TooShort), "{end}");
        }
        let config_at = bytes.len() - 8 - 256;
        bytes[config_at] ^= 1;
        assert_eq!(decode(&bytes), Err(DecodeError::Malformed), "another config");
    }

    #[test]
    fn a_text_that_would_steer_a_terminal_is_refused() {
        let mut bytes = Vec::new();
        let mut hostile = header();
        hostile.version = "\u{1b}[2J".into();
        hostile.encode(&mut bytes);
        assert_eq!(decode(&bytes), Err(DecodeError::Malformed));
    }

    #[test]
    fn settings_that_no_match_can_have_are_refused() {
        let mut bytes = Vec::new();
        let mut impossible = header();
        impossible.settings.fill_to = 17;
        impossible.encode(&mut bytes);
        assert_eq!(decode(&bytes), Err(DecodeError::Malformed));
    }
}
