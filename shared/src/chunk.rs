//! Chunks: what changed of the entities of one cell, in ascending order of id.
//!
//! ```text
//! +--------+---------+------+
//! | op_gap | id      | body |      op   body
//! +--------+---------+------+      0 delta: the record against what the client has, as the game lays it out
//!   u8       u16 if           1 full: the whole record; the entity is new here
//!            gap is 63        2 left: none; the entity is not in this cell any more
//!
//! op_gap: bits 0-1 op; bits 2-7 gap: ids left out since the chunk before (before the first: since 0), or 63: the id follows
//! ```
//!
//! Chunks know neither their cell nor who gets them: what is written once serves every client that has the same base of
//! the cell. An entity that did not change has no chunk, so a cell where nothing happens has no bytes.

use crate::ids::EntityId;
use crate::record::{DecodeError, Reader, Record};

/// A record that can be written as the difference to an earlier one.
///
/// Invariant: `decode_delta` of what `encode_delta` wrote gives the same record for every pair and every `ticks`, and
/// reads exactly those bytes. Neither form is longer than `STATE_BYTES_MAX`.
pub trait DeltaRecord: Record {
    /// Appends what must be known besides `base`, which is `ticks` ticks older, 1 to 255.
    fn encode_delta(&self, base: &Self, ticks: u32, out: &mut Vec<u8>);

    /// Reads the record that came `ticks` ticks after `base`.
    fn decode_delta(reader: &mut Reader<'_>, base: &Self, ticks: u32) -> Result<Self, DecodeError>;
}

/// What a chunk does to its entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Delta,
    Full,
    Left,
}

impl Op {
    const ALL: [Self; 3] = [Self::Delta, Self::Full, Self::Left];
}

const OP_BITS: u32 = 2;
const OP_MASK: u8 = (1 << OP_BITS) - 1;
/// Larger gaps are written as the id itself.
const GAP_ID_FOLLOWS: u16 = 63;

/// Appends the chunks that turn `base`, `ticks` ticks ago (1 to 255), into `now`, and gives their number. Both are one cell's entities
/// in strictly ascending order of id. None when nothing changed; at most as many as the two have entities together.
pub fn encode_delta<S: DeltaRecord>(
    base: &[(EntityId, S)],
    now: &[(EntityId, S)],
    ticks: u32,
    out: &mut Vec<u8>,
) -> usize {
    let mut chunks = ChunkWriter::new(out);
    let mut base = base.iter().peekable();
    for (entity, state) in now {
        while let Some((left, _)) = base.next_if(|(before, _)| before < entity) {
            chunks.head(Op::Left, *left);
        }
        match base.next_if(|(before, _)| before == entity) {
            Some((_, before)) if before == state => {}
            Some((_, before)) => state.encode_delta(before, ticks, chunks.head(Op::Delta, *entity)),
            None => state.encode(chunks.head(Op::Full, *entity)),
        }
    }
    for (left, _) in base {
        chunks.head(Op::Left, *left);
    }
    chunks.count
}

/// Appends one whole chunk for each entity, in strictly ascending order of id, and gives their number.
pub fn encode_full<S: Record>(now: &[(EntityId, S)], out: &mut Vec<u8>) -> usize {
    let mut chunks = ChunkWriter::new(out);
    for (entity, state) in now {
        state.encode(chunks.head(Op::Full, *entity));
    }
    chunks.count
}

/// Writes the heads of one cell's chunks.
struct ChunkWriter<'a> {
    out: &'a mut Vec<u8>,
    ids: Ascending,
    count: usize,
}

impl<'a> ChunkWriter<'a> {
    const fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            ids: Ascending { next: 0 },
            count: 0,
        }
    }

    /// Appends a head; what is returned takes the body.
    #[inline]
    fn head(&mut self, op: Op, entity: EntityId) -> &mut Vec<u8> {
        let gap = self.ids.pass(entity.0).expect("entities are in ascending order");
        self.count += 1;
        if gap < GAP_ID_FOLLOWS {
            self.out.push(op as u8 | (gap as u8) << OP_BITS);
        } else {
            self.out.push(op as u8 | (GAP_ID_FOLLOWS as u8) << OP_BITS);
            self.out.extend_from_slice(&entity.0.to_le_bytes());
        }
        self.out
    }
}

/// Reads the heads of one cell's chunks; between two of them the caller reads the body.
pub(crate) struct ChunkReader {
    ids: Ascending,
}

impl ChunkReader {
    pub(crate) const fn new() -> Self {
        Self {
            ids: Ascending { next: 0 },
        }
    }

    pub(crate) fn head(&mut self, reader: &mut Reader<'_>) -> Result<(Op, EntityId), DecodeError> {
        let byte = reader.u8()?;
        let op = *Op::ALL
            .get(usize::from(byte & OP_MASK))
            .ok_or(DecodeError::Unknown {
                what: "chunk op",
                found: byte.into(),
            })?;
        let gap = u16::from(byte >> OP_BITS);
        let id = if gap < GAP_ID_FOLLOWS {
            self.ids.next + u32::from(gap)
        } else {
            reader.u16()?.into()
        };
        let entity = u16::try_from(id)
            .ok()
            .filter(|&entity| self.ids.pass(entity).is_some());
        match entity {
            Some(entity) => Ok((op, EntityId(entity))),
            None => Err(DecodeError::Unknown {
                what: "entity after a larger one",
                found: id,
            }),
        }
    }
}

/// Ids that only grow.
struct Ascending {
    /// The smallest id that may come, 0 to 65536.
    next: u32,
}

impl Ascending {
    /// How many ids are left out before this one; `None` when it is not larger than the last.
    fn pass(&mut self, id: u16) -> Option<u16> {
        let gap = u32::from(id).checked_sub(self.next)?;
        self.next = u32::from(id) + 1;
        Some(gap as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(bytes: &[u8]) -> Result<Vec<(Op, u16)>, DecodeError> {
        let (mut reader, mut chunks) = (Reader::new(bytes), ChunkReader::new());
        let mut heads = Vec::new();
        while reader.remaining() > 0 {
            let (op, entity) = chunks.head(&mut reader)?;
            heads.push((op, entity.0));
        }
        Ok(heads)
    }

    #[test]
    fn every_id_is_found_again_whatever_lies_between() {
        for ids in [
            vec![0],
            vec![62, 63],
            vec![63],
            vec![5, 68, 132, 300],
            vec![0, 1, 2, 65_534, 65_535],
        ] {
            let mut bytes = Vec::new();
            let mut chunks = ChunkWriter::new(&mut bytes);
            for &id in &ids {
                chunks.head(Op::Left, EntityId(id));
            }
            let expected: Vec<_> = ids.iter().map(|&id| (Op::Left, id)).collect();
            assert_eq!(heads(&bytes), Ok(expected));
        }
    }

    #[test]
    fn an_id_never_comes_again_or_leaves_the_range() {
        for bytes in [
            [0xfe, 5, 0, 0xfe, 5, 0].as_slice(),
            &[0xfe, 5, 0, 0xfe, 4, 0],
            &[0xfe, 255, 255, 0x02],
            &[0xfe, 255, 255, 0xfa],
        ] {
            assert!(
                matches!(heads(bytes), Err(DecodeError::Unknown { .. })),
                "{bytes:?}"
            );
        }
        assert!(heads(&[3]).is_err(), "there are three ops");
        assert_eq!(heads(&[0xfe, 5]), Err(DecodeError::TooShort));
    }
}
