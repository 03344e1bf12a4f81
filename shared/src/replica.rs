//! What a client has: the snapshots it was sent, applied one after the other.
//!
//! A snapshot is applied as a whole or not at all. Bytes that mean nothing are one kind of failure; the other is a
//! snapshot that is taken against something the client does not have, which a keyframe heals.
//!
//! The order of the cell blocks does not matter, since cells are shared by many clients and each is written as if it were
//! alone: an entity that crosses a border has left one cell and is new in the other, and a client that looks at both must
//! not lose it. So `left` and a cell that is forgotten or shown in full only take out what is in that very cell.

use std::num::NonZeroU8;

use crate::block::{BlockHead, Mode};
use crate::chunk::{ChunkReader, DeltaRecord, Op};
use crate::ids::EntityId;
use crate::limits::{CELLS_MAX, ENTITIES_MAX, SNAPSHOT_BYTES_MAX};
use crate::record::{DecodeError, Reader, Record};
use crate::snapshot::{Head, Snapshot};
use crate::tick::Tick;

/// Why a snapshot is not applied. The replica is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The bytes mean nothing: drop and count them. A keyframe should be asked for, since what they said is missed.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// It is taken against something that is not here: a keyframe must be asked for.
    #[error("the snapshot is taken against another than the last one")]
    OutOfStep,
}

/// The world as one client knows it; the type parameters are those of [`Snapshot`].
#[derive(Clone, Debug)]
pub struct Replica<M, O, S, E> {
    latest: Option<Snapshot<M, O, S, E>>,
    /// Where each entity of `latest` is, by the same index.
    cells: Vec<u8>,
}

impl<M, O, S, E> Default for Replica<M, O, S, E> {
    fn default() -> Self {
        Self {
            latest: None,
            cells: Vec::new(),
        }
    }
}

impl<M: Record, O: Record, S: DeltaRecord, E: Record> Replica<M, O, S, E> {
    /// Nothing yet: the first snapshot must be a keyframe.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the client knows; `None` before the first snapshot.
    pub const fn latest(&self) -> Option<&Snapshot<M, O, S, E>> {
        self.latest.as_ref()
    }

    /// The tick to acknowledge: that of the last snapshot, 0 before the first.
    pub fn tick(&self) -> Tick {
        self.latest
            .as_ref()
            .map_or(Tick(0), |snapshot| snapshot.header.tick)
    }

    /// The cell in which an entity is known.
    pub fn cell_of(&self, entity: EntityId) -> Option<u8> {
        let entities = &self.latest.as_ref()?.entities;
        let index = entities.binary_search_by_key(&entity, |&(id, _)| id).ok()?;
        Some(self.cells[index])
    }

    /// Applies a whole `snapshot` event and gives what is known then.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<&Snapshot<M, O, S, E>, ApplyError> {
        if bytes.len() > SNAPSHOT_BYTES_MAX {
            return Err(ApplyError::Malformed(DecodeError::TooMany {
                what: "snapshot bytes",
                found: bytes.len(),
                max: SNAPSHOT_BYTES_MAX,
            }));
        }
        let mut reader = Reader::new(bytes);
        let head = Head::<M, O, E>::decode(&mut reader)?;
        let (mut held, status_before) = match head.header.base() {
            None => (Held::default(), None),
            Some(base) => self.as_of(base)?,
        };
        let status = head
            .status
            .or(status_before)
            .expect("a keyframe has a status, and any other stands on a snapshot that had one");
        held.apply_blocks(head.header.base_ticks, reader)?;
        held.check_count()?;
        self.cells = held.cells;
        Ok(self.latest.insert(Snapshot {
            header: head.header,
            own: head.own,
            events: head.events,
            status,
            entities: held.entities,
        }))
    }

    /// A copy of what the client knows, if that is of this tick.
    fn as_of(&self, base: Tick) -> Result<(Held<S>, Option<M>), ApplyError> {
        let latest = self.latest.as_ref().ok_or(ApplyError::OutOfStep)?;
        if latest.header.tick != base {
            return Err(ApplyError::OutOfStep);
        }
        let held = Held {
            entities: latest.entities.clone(),
            cells: self.cells.clone(),
        };
        Ok((held, Some(latest.status)))
    }
}

/// Entities and their cells while a snapshot is applied.
struct Held<S> {
    /// In ascending order of id.
    entities: Vec<(EntityId, S)>,
    /// By the same index.
    cells: Vec<u8>,
}

impl<S> Default for Held<S> {
    fn default() -> Self {
        Self {
            entities: Vec::new(),
            cells: Vec::new(),
        }
    }
}

impl<S: DeltaRecord> Held<S> {
    /// Reads cell blocks to the end.
    fn apply_blocks(
        &mut self,
        base_ticks: Option<NonZeroU8>,
        mut reader: Reader<'_>,
    ) -> Result<(), ApplyError> {
        let mut told = [false; CELLS_MAX];
        while reader.remaining() > 0 {
            let head = BlockHead::decode(&mut reader)?;
            if std::mem::replace(&mut told[usize::from(head.cell)], true) {
                return Err(unknown("second block of a cell", head.cell));
            }
            match (head.mode, base_ticks) {
                (Mode::Full, _) => self.apply_full(&head, &mut reader)?,
                // Nothing is known that they could be taken against.
                (_, None) => return Err(unknown("block of a keyframe", head.cell)),
                (Mode::Forgotten, _) => self.forget(head.cell),
                (Mode::Changed, Some(ticks)) | (Mode::Older { age_ticks: ticks }, _) => {
                    self.apply_changes(&head, ticks, &mut reader)?;
                }
            }
        }
        Ok(())
    }

    fn apply_full(&mut self, head: &BlockHead, reader: &mut Reader<'_>) -> Result<(), ApplyError> {
        self.forget(head.cell);
        let mut chunks = ChunkReader::new();
        for _ in 0..head.chunk_count {
            match chunks.head(reader)? {
                (Op::Full, entity) => self.set(entity, head.cell, S::decode(reader)?),
                (op, _) => return Err(unknown("op of a full cell", op as u8)),
            }
        }
        Ok(())
    }

    fn apply_changes(
        &mut self,
        head: &BlockHead,
        ticks: NonZeroU8,
        reader: &mut Reader<'_>,
    ) -> Result<(), ApplyError> {
        let mut chunks = ChunkReader::new();
        for _ in 0..head.chunk_count {
            let (op, entity) = chunks.head(reader)?;
            match (op, self.find(entity, head.cell)) {
                (Op::Full, _) => self.set(entity, head.cell, S::decode(reader)?),
                (Op::Delta, Some(index)) => {
                    let state = &mut self.entities[index].1;
                    *state = S::decode_delta(reader, state, ticks.get().into())?;
                }
                (Op::Delta, None) => return Err(ApplyError::OutOfStep),
                (Op::Left, Some(index)) => {
                    self.entities.remove(index);
                    self.cells.remove(index);
                }
                // It is in another cell by now.
                (Op::Left, None) => {}
            }
        }
        Ok(())
    }

    /// The index of an entity that is known in this cell.
    fn find(&self, entity: EntityId, cell: u8) -> Option<usize> {
        let index = self.entities.binary_search_by_key(&entity, |&(id, _)| id).ok()?;
        (self.cells[index] == cell).then_some(index)
    }

    /// To be asked when all is applied: before that, some may have come for whom others have still to leave.
    const fn check_count(&self) -> Result<(), DecodeError> {
        if self.entities.len() > ENTITIES_MAX {
            return Err(DecodeError::TooMany {
                what: "entities",
                found: self.entities.len(),
                max: ENTITIES_MAX,
            });
        }
        Ok(())
    }

    fn set(&mut self, entity: EntityId, cell: u8, state: S) {
        match self.entities.binary_search_by_key(&entity, |&(id, _)| id) {
            Ok(index) => {
                self.entities[index].1 = state;
                self.cells[index] = cell;
            }
            Err(index) => {
                self.entities.insert(index, (entity, state));
                self.cells.insert(index, cell);
            }
        }
    }

    fn forget(&mut self, cell: u8) {
        let mut cells = self.cells.iter();
        self.entities.retain(|_| cells.next() != Some(&cell));
        self.cells.retain(|&of| of != cell);
    }
}

fn unknown(what: &'static str, found: u8) -> ApplyError {
    ApplyError::Malformed(DecodeError::Unknown {
        what,
        found: found.into(),
    })
}
