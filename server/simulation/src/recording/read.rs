//! Reads a whole recording and says what is wrong with one that is not.

use std::ops::Range;

use shared::record::{DecodeError, Reader};
use shared::tick::Tick;

use crate::game::{Game, Intent};
use crate::recording::frame::{End, Frame, People};
use crate::recording::header::{FORMAT, Header, MAGIC};
use crate::state_hash::StateHash;

const CHECKSUM_BYTES: usize = 8;

/// Why bytes are no recording that can be played here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It starts otherwise.
    #[error("this is not a recording of a match")]
    Foreign,
    /// By a later program, most likely.
    #[error("the recording has format {0}, and this program reads format {FORMAT}")]
    OtherFormat(u16),
    /// It ends before its last frame. It was cut off while it was written or copied.
    #[error("the recording is cut off: it has no end")]
    CutOff,
    /// Its checksum is another.
    #[error("the recording is damaged: its bytes do not match its checksum")]
    Damaged,
    /// Nobody writes this.
    #[error("the recording is malformed: {0}")]
    Malformed(#[from] DecodeError),
    /// Another game.
    #[error("the recording is of the game '{found}', not of '{expected}'")]
    OtherGame {
        /// In the recording.
        found: String,
        /// Asked for.
        expected: &'static str,
    },
    /// The same inputs would give another match here. Use the program that recorded it.
    #[error(
        "the recording was made with version {recorded} of the rules, by tickroom {version}; this program has version {ours}"
    )]
    OtherRules {
        /// `Game::RULES_VERSION` of the recording.
        recorded: u32,
        /// Here.
        ours: u32,
        /// Version of the program that recorded.
        version: String,
    },
}

/// Name of the game of a recording, for whoever does not know yet which to play.
pub fn game_name(bytes: &[u8]) -> Result<String, ReadError> {
    Ok(read_header(bytes)?.0.game)
}

/// What a recording holds, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The last tick.
    pub end_tick: Tick,
    /// Why it is the last.
    pub end: End,
    /// People who came.
    pub joins: u64,
    /// Hashes to compare.
    pub hashes: u64,
}

/// A recording whose every byte has been read once.
pub(crate) struct Read<B, G: Game> {
    pub(crate) header: Header,
    pub(crate) config: G::Config,
    /// From the first on.
    pub(crate) frames: Frames<B, G>,
    pub(crate) summary: Summary,
}

/// A recording without its frames: what it started from, and what is in it.
pub struct Recorded<C> {
    /// What the match started from.
    pub header: Header,
    /// The config in it.
    pub config: C,
    /// What follows, counted.
    pub summary: Summary,
}

/// Reads a recording of the game `G` from end to end, as every byte of it has to be read to know its length.
pub fn look_into<G: Game>(bytes: &[u8]) -> Result<Recorded<G::Config>, ReadError> {
    let Read {
        header,
        config,
        summary,
        ..
    } = read::<&[u8], G>(bytes)?;
    Ok(Recorded {
        header,
        config,
        summary,
    })
}

/// Reads a recording of the game `G` from end to end. The memory it takes is that of its header and of `B`, which holds the
/// bytes.
pub(crate) fn read<B: AsRef<[u8]> + Clone, G: Game>(owner: B) -> Result<Read<B, G>, ReadError> {
    let bytes = owner.as_ref();
    let (header, begin) = read_header_of::<G>(bytes)?;
    let end = bytes.len().saturating_sub(CHECKSUM_BYTES).max(begin);
    let frames = Frames::<B, G>::new(owner.clone(), begin..end, &header);
    let summary = match frames.at_start().summarize() {
        Err(DecodeError::TooShort) => return Err(ReadError::CutOff),
        _ if !has_its_checksum(bytes) => return Err(ReadError::Damaged),
        summary => summary?,
    };
    let mut config = Reader::new(&header.config);
    let config_read = G::decode_config(&mut config)?;
    config.finish()?;
    Ok(Read {
        header,
        config: config_read,
        frames,
        summary,
    })
}

/// The header of a recording of the game `G` with its present rules, and where it ends.
pub(super) fn read_header_of<G: Game>(bytes: &[u8]) -> Result<(Header, usize), ReadError> {
    let (header, body) = read_header(bytes)?;
    if header.game != G::NAME {
        return Err(ReadError::OtherGame {
            found: header.game,
            expected: G::NAME,
        });
    }
    if header.rules != G::RULES_VERSION {
        return Err(ReadError::OtherRules {
            recorded: header.rules,
            ours: G::RULES_VERSION,
            version: header.version,
        });
    }
    Ok((header, bytes.len() - body.len()))
}

/// The header, and the bytes behind it.
fn read_header(bytes: &[u8]) -> Result<(Header, &[u8]), ReadError> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else {
        return Err(if MAGIC.starts_with(bytes) && !bytes.is_empty() {
            ReadError::CutOff
        } else {
            ReadError::Foreign
        });
    };
    let mut reader = Reader::new(rest);
    let format = reader.u16().map_err(|_| ReadError::CutOff)?;
    if format != FORMAT {
        return Err(ReadError::OtherFormat(format));
    }
    match Header::decode(&mut reader) {
        Ok(header) => Ok((header, &rest[rest.len() - reader.remaining()..])),
        Err(DecodeError::TooShort) => Err(ReadError::CutOff),
        Err(_) if !has_its_checksum(bytes) => Err(ReadError::Damaged),
        Err(error) => Err(error.into()),
    }
}

fn has_its_checksum(bytes: &[u8]) -> bool {
    let Some((body, stored)) = bytes.split_last_chunk::<CHECKSUM_BYTES>() else {
        return false;
    };
    let mut checksum = StateHash::new();
    checksum.bytes(body);
    checksum.value() == u64::from_le_bytes(*stored)
}

/// The frames of a recording, one after the other, with the people and inputs in force.
pub(crate) struct Frames<B, G: Game> {
    /// Holds the bytes of the whole recording.
    owner: B,
    /// Those of the frames.
    all: Range<usize>,
    /// Where the next one begins: `all.start <= next_at <= all.end`.
    next_at: usize,
    people: People<Intent<G::Input>>,
    players_max: usize,
}

impl<B: AsRef<[u8]> + Clone, G: Game> Frames<B, G> {
    pub(super) fn new(owner: B, all: Range<usize>, header: &Header) -> Self {
        Self {
            owner,
            next_at: all.start,
            all,
            people: People::new(),
            players_max: header.settings.players_max,
        }
    }

    /// The same frames from the first on.
    pub(crate) fn at_start(&self) -> Self {
        Self {
            owner: self.owner.clone(),
            next_at: self.all.start,
            all: self.all.clone(),
            people: People::new(),
            players_max: self.players_max,
        }
    }

    /// The next frame; the last one is that with an end.
    pub(crate) fn next(&mut self) -> Result<Frame, DecodeError> {
        let mut reader = Reader::new(&self.owner.as_ref()[self.next_at..self.all.end]);
        let frame = self.people.decode(&mut reader, self.players_max)?;
        self.next_at = self.all.end - reader.remaining();
        Ok(frame)
    }

    /// Where the next one begins.
    pub(super) const fn next_at(&self) -> usize {
        self.next_at
    }

    /// The people and inputs after the last frame.
    pub(crate) const fn people(&self) -> &People<Intent<G::Input>> {
        &self.people
    }

    /// Reads to the end.
    fn summarize(mut self) -> Result<Summary, DecodeError> {
        let (mut joins, mut hashes) = (0, 0);
        loop {
            let frame = self.next()?;
            joins += frame.joins.len() as u64;
            hashes += u64::from(frame.hash.is_some());
            if let Some(end) = frame.end {
                let left = self.all.end - self.next_at;
                if left > 0 {
                    return Err(DecodeError::TrailingBytes(left));
                }
                let end_tick = frame.tick;
                return Ok(Summary {
                    end_tick,
                    end,
                    joins,
                    hashes,
                });
            }
        }
    }
}
