//! The chunks of each cell, encoded once for all clients that need them.
//!
//! There is one blob for each cell and base: against the frame before this one for clients that keep up, against an older
//! one for the others, and against nothing for those to whom the cell is new. Each is made when the first client needs
//! it, and forgotten with the next frame. Nothing is ever compared for one client alone.

use shared::chunk::{DeltaRecord, encode_delta, encode_full};
use shared::ids::EntityId;
use shared::record::Record;

use crate::cells::CellSet;
use crate::frames::{FRAMES_MAX, Frames, Slot};

/// Some chunks of one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blob {
    start: u32,
    end: u32,
    pub(crate) chunk_count: usize,
}

impl Blob {
    pub(crate) const fn len(&self) -> usize {
        (self.end - self.start) as usize
    }
}

/// The blobs of one frame.
#[derive(Debug)]
pub(crate) struct Blobs<S> {
    bytes: Vec<u8>,
    /// Against nothing.
    full: Table,
    /// Against each frame of the ring, by its slot.
    changed: [Table; FRAMES_MAX],
    /// A base without what is not to be compared with it.
    comparable: Vec<(EntityId, S)>,
    chunks_encoded: u64,
}

/// The blobs of one base.
#[derive(Debug, Default)]
struct Table {
    made: CellSet,
    /// By cell; only those in `made` mean something. As long as the highest cell that was ever needed.
    blobs: Vec<Blob>,
}

impl<S: DeltaRecord> Blobs<S> {
    pub(crate) fn new() -> Self {
        Self {
            bytes: Vec::new(),
            full: Table::default(),
            changed: Default::default(),
            comparable: Vec::new(),
            chunks_encoded: 0,
        }
    }

    /// Forgets all, for a new frame.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.full.made = CellSet::EMPTY;
        for table in &mut self.changed {
            table.made = CellSet::EMPTY;
        }
    }

    pub(crate) fn bytes(&self, blob: Blob) -> &[u8] {
        &self.bytes[blob.start as usize..blob.end as usize]
    }

    /// Chunks that were encoded since the last call.
    pub(crate) const fn take_chunks_encoded(&mut self) -> u64 {
        std::mem::replace(&mut self.chunks_encoded, 0)
    }

    /// Everything in a cell.
    pub(crate) fn full<M: Record, E: Record>(&mut self, frames: &Frames<M, S, E>, cell: u8) -> Blob {
        if let Some(blob) = self.full.get(cell) {
            return blob;
        }
        let blob = self.make(|_, bytes| encode_full(frames.now().cell(cell), bytes));
        self.full.put(cell, blob);
        blob
    }

    /// What changed in a cell since an earlier frame.
    pub(crate) fn changed<M: Record, E: Record>(
        &mut self,
        frames: &Frames<M, S, E>,
        base: Slot,
        cell: u8,
    ) -> Blob {
        if let Some(blob) = self.changed[base.0].get(cell) {
            return blob;
        }
        let (now, then) = (frames.now(), frames.frame(base));
        let ticks = now.tick.since(then.tick);
        let blob = self.make(|comparable, bytes| {
            if frames.is_last(base) {
                return encode_delta(then.cell(cell), now.cell(cell), ticks, bytes);
            }
            comparable.clear();
            comparable.extend(then.cell(cell).iter().filter(|(entity, _)| {
                // Whoever is gone is told to be; whoever was away meanwhile is new.
                !now.is_in(*entity, cell) || frames.was_always_in(*entity, cell, base)
            }));
            encode_delta(comparable, now.cell(cell), ticks, bytes)
        });
        self.changed[base.0].put(cell, blob);
        blob
    }

    fn make(&mut self, encode: impl FnOnce(&mut Vec<(EntityId, S)>, &mut Vec<u8>) -> usize) -> Blob {
        let start = self.bytes.len() as u32;
        let chunk_count = encode(&mut self.comparable, &mut self.bytes);
        self.chunks_encoded += chunk_count as u64;
        Blob {
            start,
            end: self.bytes.len() as u32,
            chunk_count,
        }
    }
}

impl Table {
    fn get(&self, cell: u8) -> Option<Blob> {
        self.made.contains(cell).then(|| self.blobs[usize::from(cell)])
    }

    fn put(&mut self, cell: u8, blob: Blob) {
        let index = usize::from(cell);
        if self.blobs.len() <= index {
            self.blobs.resize(index + 1, Blob::default());
        }
        self.blobs[index] = blob;
        self.made.insert(cell);
    }
}

#[cfg(test)]
mod tests {
    use shared::arena::state::{Body, PlayerState};
    use shared::tick::Tick;

    use super::*;
    use crate::grid::{Grid, InterestRules};

    const DELTA: u8 = 0;
    const FULL: u8 = 1;
    const LEFT: u8 = 2;

    /// Frames in which the entities 1, 2, … are in these columns; 99 is nowhere.
    fn frames(story: &[&[u16]]) -> Frames<(), PlayerState, ()> {
        let mut grid = Grid::new(
            InterestRules {
                cell_units: 100.0,
                view_width_units: 100.0,
                view_height_units: 100.0,
            },
            24,
        );
        grid.choose(100);
        let mut frames = Frames::new();
        for (tick, columns) in (0..).zip(story) {
            let seen: Vec<_> = (1..)
                .zip(*columns)
                .filter(|(_, column)| **column < 99)
                .map(|(id, column)| {
                    let body = Body {
                        x: column * 100,
                        y: tick as u16,
                        ..Body::default()
                    };
                    (
                        EntityId(id),
                        PlayerState {
                            body,
                            ..PlayerState::default()
                        },
                    )
                })
                .collect();
            let place_of = |state: &PlayerState| (state.body.x.into(), 0.0);
            frames.push(Tick(tick), (), &seen, &[], &grid, place_of);
        }
        frames
    }

    /// What the first chunk of cell 1 since a tick does to entity 1.
    fn check(story: &[&[u16]], since: u32, op: u8) {
        let frames = frames(story);
        let mut blobs = Blobs::new();
        let base = frames.slot(Tick(since)).unwrap();
        let blob = blobs.changed(&frames, base, 1);
        assert_eq!(blob.chunk_count, 1, "{story:?}");
        assert_eq!(blobs.bytes(blob)[0] & 3, op, "{story:?} since {since}");
    }

    #[test]
    fn whoever_was_away_meanwhile_is_whole_and_whoever_is_gone_has_left() {
        check(&[&[1], &[1]], 0, DELTA);
        check(&[&[1], &[1], &[1], &[1]], 0, DELTA);
        check(&[&[1], &[1], &[2], &[1]], 0, FULL);
        check(&[&[1], &[1], &[99], &[1]], 1, FULL);
        check(&[&[2], &[1], &[1], &[1]], 0, FULL);
        check(&[&[1], &[1], &[1], &[2]], 0, LEFT);
        check(&[&[1], &[2], &[2], &[99]], 0, LEFT);
    }

    #[test]
    fn a_blob_is_made_once_for_each_cell_and_base() {
        let frames = frames(&[&[1, 1, 2], &[1, 1, 2], &[1, 1, 2]]);
        let mut blobs = Blobs::new();
        for _ in 0..5 {
            for cell in [1, 2] {
                for since in [0, 1] {
                    blobs.changed(&frames, frames.slot(Tick(since)).unwrap(), cell);
                }
                blobs.full(&frames, cell);
            }
        }
        assert_eq!(blobs.take_chunks_encoded(), 9);
        blobs.clear();
        assert_eq!(blobs.full(&frames, 1).chunk_count, 2);
        assert_eq!(blobs.take_chunks_encoded(), 2);
    }
}
