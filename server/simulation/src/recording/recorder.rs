//! Records a match while it runs, if it is to be recorded.
//!
//! Bytes are handed over each second, so a match that is recorded for hours takes no more memory than one that has just begun, and
//! what is kept can be watched up to there. A recording that its sink cannot take is given up, since one with a hole would be none; one
//! that reaches its bound is ended there, whole.

use std::sync::Arc;

use shared::ids::PlayerId;
use shared::name::PlayerName;
use shared::record::Record;
use shared::tick::{TICK_HZ, Tick};

use crate::recording::frame::{End, FrameWriter};
use crate::recording::header::Header;
use crate::recording::sink::{Recording, RecordingSink};
use crate::state_hash::StateHash;
use crate::stats::Stats;

/// The recording of a match; nothing happens in one that is over or never was.
pub(crate) struct Recorder<I>(Option<Open<I>>);

/// A recording that goes on.
struct Open<I> {
    frames: FrameWriter<I>,
    piece: Vec<u8>,
    handed_over: u64,
    bytes_max: u64,
    checksum: StateHash,
    sink: Box<dyn RecordingSink>,
    stats: Arc<Stats>,
}

impl<I: Record + Default> Recorder<I> {
    /// Records nothing.
    pub(crate) const fn off() -> Self {
        Self(None)
    }

    pub(crate) fn new(header: &Header, recording: Recording, stats: Arc<Stats>) -> Self {
        let mut piece = Vec::new();
        header.encode(&mut piece);
        Self(Some(Open {
            frames: FrameWriter::new(),
            piece,
            handed_over: 0,
            bytes_max: recording.bytes_max,
            checksum: StateHash::new(),
            sink: recording.sink,
            stats,
        }))
    }

    /// Somebody comes in before the tick that comes now.
    pub(crate) fn join(&mut self, player: PlayerId, name: &PlayerName) {
        if let Some(open) = &mut self.0 {
            open.frames.join(player, name);
        }
    }

    /// Somebody goes.
    pub(crate) fn leave(&mut self, player: PlayerId) {
        if let Some(open) = &mut self.0 {
            open.frames.leave(player);
        }
    }

    /// The inputs of the tick that comes now.
    pub(crate) fn inputs(&mut self, inputs: &[(PlayerId, I)]) {
        if let Some(open) = &mut self.0 {
            open.frames.inputs(inputs);
        }
    }

    /// A tick is over; `hash` makes that of the world, once a second.
    pub(crate) fn finish_tick(&mut self, tick: Tick, hash: impl Fn() -> u64) {
        let Some(open) = &mut self.0 else {
            return;
        };
        let is_due = tick.0.is_multiple_of(TICK_HZ.into());
        open.frames
            .finish(tick, is_due.then(&hash), None, &mut open.piece);
        if open.handed_over + open.piece.len() as u64 >= open.bytes_max {
            open.stats.recordings_cut.add(1);
            self.end(tick, Some(hash()), End::Cut);
        } else if is_due {
            // The next second is much like this one.
            let next = Vec::with_capacity(open.piece.len() + open.piece.len() / 4);
            let piece = std::mem::replace(&mut open.piece, next);
            open.checksum.bytes(&piece);
            if !open.hand_over(piece) {
                self.0 = None;
            }
        }
    }

    /// Writes the last frame. `tick` is the last one that was simulated, or the one in which the rules panicked.
    pub(crate) fn end(&mut self, tick: Tick, hash: Option<u64>, end: End) {
        let Some(mut open) = self.0.take() else {
            return;
        };
        let mut piece = std::mem::take(&mut open.piece);
        open.frames.finish(tick, hash, Some(end), &mut piece);
        open.checksum.bytes(&piece);
        piece.extend_from_slice(&open.checksum.value().to_le_bytes());
        if open.hand_over(piece) {
            open.stats.recordings_finished.add(1);
            open.sink.finish();
        }
    }

    /// True while there is something to end.
    pub(crate) const fn is_open(&self) -> bool {
        self.0.is_some()
    }
}

impl<I> Open<I> {
    /// False when the recording is lost.
    fn hand_over(&mut self, piece: Vec<u8>) -> bool {
        let bytes = piece.len() as u64;
        if self.sink.write(piece).is_err() {
            self.stats.recordings_lost.add(1);
            return false;
        }
        self.handed_over += bytes;
        self.stats.recording_bytes.add(bytes);
        true
    }
}
