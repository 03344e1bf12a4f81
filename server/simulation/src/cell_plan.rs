//! Which cells one client is sent, and against what.
//!
//! | the client | it gets | when there is no room |
//! |---|---|---|
//! | has the cell as of its last snapshot | what changed since | keeps what it has, which is of that tick from now on |
//! | has it as of an older tick | what changed since then, or all when that is forgotten | keeps what it has |
//! | has it not | all | has it not |
//! | has it, and has no interest in it any more | that it is to forget it | – |
//!
//! Where nothing changed there is nothing to send, and the client has the cell as of this tick.

use std::num::NonZeroU8;

use shared::block::{BlockHead, Mode};
use shared::chunk::DeltaRecord;
use shared::record::Record;
use shared::tick::Tick;

use crate::blobs::{Blob, Blobs};
use crate::cells::CellSet;
use crate::frames::{Frames, Slot};

/// Most bytes before the chunks of a cell.
const BLOCK_HEAD_BYTES_MAX: usize = 5;

/// The cells that a client has.
#[derive(Debug, Default)]
pub(crate) struct Holding {
    /// All of them.
    pub(crate) cells: CellSet,
    /// Those that are older than its last snapshot, each with its tick.
    pub(crate) stale: Vec<(u8, Tick)>,
}

impl Holding {
    pub(crate) fn clone_from(&mut self, other: &Self) {
        self.cells = other.cells;
        self.stale.clone_from(&other.stale);
    }
}

/// Something to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) cell: u8,
    mode: Mode,
    blob: Blob,
    /// Of what the client keeps when this is not sent; `None` when it has nothing of the cell.
    since: Option<Tick>,
    /// How soon, compared with the others; for whoever chooses.
    pub(crate) urgency: u32,
}

impl Pending {
    /// Bytes, or a little less.
    pub(crate) const fn bytes_max(&self) -> usize {
        BLOCK_HEAD_BYTES_MAX + self.blob.len()
    }
}

/// Scratch, used again for each client.
#[derive(Debug)]
pub(crate) struct CellPlan {
    forgotten: CellSet,
    pub(crate) pending: Vec<Pending>,
}

impl CellPlan {
    pub(crate) const fn new() -> Self {
        Self {
            forgotten: CellSet::EMPTY,
            pending: Vec::new(),
        }
    }

    /// Everything that could be sent to whoever has nothing. `next` becomes what the client has when nothing of it is.
    pub(crate) fn start_anew<M: Record, S: DeltaRecord, E: Record>(
        &mut self,
        frames: &Frames<M, S, E>,
        blobs: &mut Blobs<S>,
        interest: &CellSet,
        next: &mut Holding,
    ) {
        self.clear(next);
        self.add_new(frames, blobs, interest, next);
    }

    /// Everything that could be sent to a client which had `taken` at the frame `base`.
    pub(crate) fn go_on<M: Record, S: DeltaRecord, E: Record>(
        &mut self,
        frames: &Frames<M, S, E>,
        blobs: &mut Blobs<S>,
        interest: &CellSet,
        (base, taken): (Slot, &Holding),
        next: &mut Holding,
    ) {
        self.clear(next);
        let (now, then) = (frames.now(), frames.frame(base));
        let kept = taken.cells.and(interest);
        next.cells = kept;
        self.forgotten = taken.cells.without(interest).and(&then.occupied);
        let mut current = kept;
        for &(cell, since) in &taken.stale {
            current.remove(cell);
            if kept.contains(cell) {
                self.add_stale(frames, blobs, cell, since);
            } else {
                self.forgotten.insert(cell);
            }
        }
        for cell in current.and(&now.occupied.or(&then.occupied)).iter() {
            let blob = blobs.changed(frames, base, cell);
            self.add(cell, Mode::Changed, blob, Some(then.tick));
        }
        self.add_new(frames, blobs, &interest.without(&taken.cells), next);
    }

    fn clear(&mut self, next: &mut Holding) {
        self.forgotten = CellSet::EMPTY;
        self.pending.clear();
        next.cells = CellSet::EMPTY;
        next.stale.clear();
    }

    /// Cells that the client has nothing of.
    fn add_new<M: Record, S: DeltaRecord, E: Record>(
        &mut self,
        frames: &Frames<M, S, E>,
        blobs: &mut Blobs<S>,
        cells: &CellSet,
        next: &mut Holding,
    ) {
        let occupied = &frames.now().occupied;
        next.cells = next.cells.or(&cells.without(occupied));
        for cell in cells.and(occupied).iter() {
            self.add(cell, Mode::Full, blobs.full(frames, cell), None);
        }
    }

    /// A cell that the client has as of an older tick.
    fn add_stale<M: Record, S: DeltaRecord, E: Record>(
        &mut self,
        frames: &Frames<M, S, E>,
        blobs: &mut Blobs<S>,
        cell: u8,
        since: Tick,
    ) {
        let age = frames.now().tick.since(since);
        let age_ticks = u8::try_from(age).ok().and_then(NonZeroU8::new);
        match (frames.slot(since), age_ticks) {
            (Some(slot), Some(age_ticks)) => {
                let blob = blobs.changed(frames, slot, cell);
                self.add(cell, Mode::Older { age_ticks }, blob, Some(since));
            }
            _ => self.add(cell, Mode::Full, blobs.full(frames, cell), Some(since)),
        }
    }

    /// One cell, if there is something to say of it. Also an empty one says something in full: the client may know somebody
    /// there.
    fn add(&mut self, cell: u8, mode: Mode, blob: Blob, since: Option<Tick>) {
        if blob.chunk_count > 0 || mode == Mode::Full {
            self.pending.push(Pending {
                cell,
                mode,
                blob,
                since,
                urgency: 0,
            });
        }
    }

    /// Bytes that all of it takes at most.
    pub(crate) fn bytes_max(&self) -> usize {
        self.pending.iter().map(Pending::bytes_max).sum()
    }

    /// Appends that cells are to be forgotten.
    pub(crate) fn write_forgotten(&self, out: &mut Vec<u8>) {
        for cell in self.forgotten.iter() {
            let head = BlockHead {
                cell,
                mode: Mode::Forgotten,
                chunk_count: 0,
            };
            head.encode(out);
        }
    }

    /// Appends one cell, which the client has then.
    pub(crate) fn write<S: DeltaRecord>(
        pending: &Pending,
        blobs: &Blobs<S>,
        next: &mut Holding,
        out: &mut Vec<u8>,
    ) {
        let head = BlockHead {
            cell: pending.cell,
            mode: pending.mode,
            chunk_count: pending.blob.chunk_count,
        };
        head.encode(out);
        out.extend_from_slice(blobs.bytes(pending.blob));
        next.cells.insert(pending.cell);
    }

    /// Leaves one cell out.
    pub(crate) fn skip(pending: &Pending, next: &mut Holding) {
        if let Some(since) = pending.since {
            next.stale.push((pending.cell, since));
        }
    }
}
