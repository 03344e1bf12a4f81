//! Cell blocks: which cell the chunks behind it belong to, and what they are taken against.
//!
//! ```text
//! +------+------+--------------+---------------+--------+
//! | cell | head | age          | count         | chunks |
//! +------+------+--------------+---------------+--------+
//!   u8     u8     u8 if mode 3   u16 if head      as in chunk.rs
//!                                says 63
//! head: bits 0-1 mode, bits 2-7 count of chunks, or 63: it follows
//! mode: 0 changed   against the snapshot the header names as base
//!       1 full      the cell has exactly these entities; only whole chunks
//!       2 forgotten the client holds nothing of this cell any more; no chunks
//!       3 older     against the cell as it was `age` ticks ago, 1 to 255: the client was not told of it since
//! ```

use std::num::NonZeroU8;

use crate::limits::CHUNKS_PER_BLOCK_MAX;
use crate::record::{DecodeError, Reader};

/// What the chunks of a block are taken against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The snapshot that the header names as base.
    Changed,
    /// Nothing: they are all there is.
    Full,
    /// There are none, and the cell is left.
    Forgotten,
    /// The cell so many ticks ago.
    Older {
        /// 1 to 255.
        age_ticks: NonZeroU8,
    },
}

const MODE_CHANGED: u8 = 0;
const MODE_FULL: u8 = 1;
const MODE_FORGOTTEN: u8 = 2;
const MODE_OLDER: u8 = 3;
const MODE_BITS: u32 = 2;
const MODE_MASK: u8 = (1 << MODE_BITS) - 1;
const COUNT_FOLLOWS: u8 = 63;

/// The bytes before the chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockHead {
    /// Which cell, as the server numbers them.
    pub cell: u8,
    /// What the chunks are taken against.
    pub mode: Mode,
    /// At most [`CHUNKS_PER_BLOCK_MAX`]; 0 when the cell is forgotten.
    pub chunk_count: usize,
}

impl BlockHead {
    /// Appends the bytes; the chunks follow. Panics when the count breaks its bound, which is a bug of the caller.
    pub fn encode(&self, out: &mut Vec<u8>) {
        assert!(
            self.chunk_count <= CHUNKS_PER_BLOCK_MAX
                && (self.mode != Mode::Forgotten || self.chunk_count == 0),
            "a cell has a bound of entities"
        );
        let mode = match self.mode {
            Mode::Changed => MODE_CHANGED,
            Mode::Full => MODE_FULL,
            Mode::Forgotten => MODE_FORGOTTEN,
            Mode::Older { .. } => MODE_OLDER,
        };
        let count = u8::try_from(self.chunk_count).map_or(COUNT_FOLLOWS, |count| count.min(COUNT_FOLLOWS));
        out.extend_from_slice(&[self.cell, mode | count << MODE_BITS]);
        if let Mode::Older { age_ticks } = self.mode {
            out.push(age_ticks.get());
        }
        if count == COUNT_FOLLOWS {
            out.extend_from_slice(&(self.chunk_count as u16).to_le_bytes());
        }
    }

    /// Reads up to the first chunk.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (cell, head) = (reader.u8()?, reader.u8()?);
        let mode = match head & MODE_MASK {
            MODE_CHANGED => Mode::Changed,
            MODE_FULL => Mode::Full,
            MODE_FORGOTTEN => Mode::Forgotten,
            _ => Mode::Older {
                age_ticks: NonZeroU8::new(reader.u8()?).ok_or(DecodeError::Unknown {
                    what: "age of a cell",
                    found: 0,
                })?,
            },
        };
        let count = match head >> MODE_BITS {
            COUNT_FOLLOWS => reader.u16()?.into(),
            count => count.into(),
        };
        let max = if mode == Mode::Forgotten {
            0
        } else {
            CHUNKS_PER_BLOCK_MAX
        };
        Ok(Self {
            cell,
            mode,
            chunk_count: reader.check_count("chunks", count, max, 1)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mode: Mode, chunk_count: usize, bytes: &[u8]) {
        let head = BlockHead {
            cell: 7,
            mode,
            chunk_count,
        };
        let mut out = Vec::new();
        head.encode(&mut out);
        assert_eq!(out, bytes);
        out.resize(out.len() + chunk_count, 0);
        assert_eq!(BlockHead::decode(&mut Reader::new(&out)), Ok(head));
    }

    #[test]
    fn a_head_has_two_bytes_and_more_only_for_an_age_or_a_large_count() {
        let older = Mode::Older {
            age_ticks: NonZeroU8::MAX,
        };
        check(Mode::Changed, 0, &[7, 0]);
        check(Mode::Changed, 62, &[7, 62 << 2]);
        check(Mode::Changed, 63, &[7, 63 << 2, 63, 0]);
        check(Mode::Full, CHUNKS_PER_BLOCK_MAX, &[7, 0xfd, 0, 8]);
        check(Mode::Forgotten, 0, &[7, 2]);
        check(older, 1, &[7, 0x07, 255]);
        check(older, 256, &[7, 0xff, 255, 0, 1]);
    }

    #[test]
    fn a_head_that_makes_no_sense_is_refused() {
        for bytes in [
            [0].as_slice(),
            &[0, 3],
            &[0, 3, 0],
            &[0, 0x06, 0],
            &[0, 0x04],
            &[0, 0xfd, 1, 8],
        ] {
            assert!(BlockHead::decode(&mut Reader::new(bytes)).is_err(), "{bytes:?}");
        }
    }
}
