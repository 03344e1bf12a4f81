//! Bytes that wait for the kernel, in order, with the number of packets they hold.
//!
//! Small pieces are gathered in buffers, large shared ones are only referenced, so that one broadcast to many slow
//! clients is held once. A piece that may be dropped or replaced while it waits has a chunk of its own, until its first
//! byte has left: from then on it leaves like any other.

mod chunk;

use std::borrow::Cow;
use std::collections::VecDeque;

use self::chunk::{Chunk, Kind};
use crate::piece::Piece;

/// The queue of one outbox. It does not know its bound; whoever pushes checks [`ByteQueue::bytes`] and
/// [`ByteQueue::packets`].
#[derive(Default)]
pub(crate) struct ByteQueue {
    chunks: VecDeque<Chunk>,
    /// Sum over the chunks of what is left of them.
    bytes: usize,
    /// Sum over the chunks; a packet counts until the last byte of its chunk has left.
    packets: usize,
    /// No chunk before this place is volatile, so that nobody looks there again.
    volatile_from: usize,
}

impl ByteQueue {
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn packets(&self) -> usize {
        self.packets
    }

    /// Queues `piece` without its first `written` bytes.
    pub(crate) fn push(&mut self, piece: Piece<'_>, written: usize) {
        if piece.len() == written {
            return;
        }
        self.bytes += piece.len() - written;
        self.packets += piece.packets();
        let gathered = self
            .chunks
            .back_mut()
            .is_some_and(|back| back.gather(piece, written));
        if !gathered {
            self.chunks.push_back(Chunk::new(piece, written));
        }
    }

    /// The bytes to write next: enough to make a system call worth it, if there are as many.
    pub(crate) fn next(&self) -> Cow<'_, [u8]> {
        match self.chunks.front() {
            Some(front) if self.chunks.len() == 1 || front.len() >= GATHER_BYTES => {
                Cow::Borrowed(front.as_slice())
            }
            _ => Cow::Owned(self.gathered()),
        }
    }

    /// Forgets the first `written` bytes.
    pub(crate) fn consume(&mut self, mut written: usize) {
        self.bytes -= written;
        while written > 0 {
            let front = self.chunks.front_mut().expect("only queued bytes are written");
            let step = front.len().min(written);
            front.advance(step);
            written -= step;
            if front.len() == 0 {
                self.packets -= front.packets;
                self.chunks.pop_front();
                self.volatile_from = self.volatile_from.saturating_sub(1);
            }
        }
        self.shrink();
    }

    /// The oldest bytes, and whether they may be compressed. Pieces are never split between chunks, so where nothing
    /// was written they are whole pieces.
    pub(crate) fn front(&self) -> Option<(&[u8], bool)> {
        self.chunks
            .front()
            .map(|chunk| (chunk.as_slice(), chunk.compress))
    }

    /// Forgets the first `bytes`, which are whole packets of the oldest chunk.
    pub(crate) fn take_front(&mut self, bytes: usize, packets: usize) {
        if let Some(front) = self.chunks.front_mut() {
            let packets = packets.min(front.packets);
            front.packets -= packets;
            self.packets -= packets;
        }
        self.consume(bytes);
    }

    /// Drops the oldest piece that is volatile and wholly here; `false` if there is none.
    pub(crate) fn drop_volatile(&mut self) -> bool {
        let behind = self.chunks.iter().skip(self.volatile_from);
        let Some(place) = behind.into_iter().position(|chunk| chunk.kind == Kind::Volatile) else {
            self.volatile_from = self.chunks.len();
            return false;
        };
        self.volatile_from += place;
        if let Some(dropped) = self.chunks.remove(self.volatile_from) {
            self.bytes -= dropped.len();
            self.packets -= dropped.packets;
        }
        self.shrink();
        true
    }

    /// Takes the newest piece back if it is volatile and wholly here.
    pub(crate) fn take_back_volatile(&mut self) -> bool {
        let is_whole = |chunk: &&Chunk| chunk.kind == Kind::Volatile;
        let Some(last) = self.chunks.back().filter(is_whole) else {
            return false;
        };
        self.bytes -= last.len();
        self.packets -= last.packets;
        self.chunks.pop_back();
        self.volatile_from = self.volatile_from.min(self.chunks.len());
        self.shrink();
        true
    }

    /// Bytes and packets of the piece of `key` that is wholly here, and its place.
    pub(crate) fn find_latest(&self, key: &str) -> Option<Latest> {
        let place = self.chunks.iter().position(|chunk| chunk.kind.is_latest(key))?;
        self.chunks.get(place).map(|chunk| Latest {
            place,
            bytes: chunk.len(),
            packets: chunk.packets,
        })
    }

    /// Puts `piece` where `latest` is.
    pub(crate) fn replace(&mut self, latest: Latest, piece: Piece<'_>) {
        self.bytes = self.bytes - latest.bytes + piece.len();
        self.packets = self.packets - latest.packets + piece.packets();
        self.chunks[latest.place] = Chunk::new(piece, 0);
    }

    /// Forgets everything and frees its memory.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Copying small chunks together costs less than a vectored write of many.
    fn gathered(&self) -> Vec<u8> {
        let mut gathered = Vec::with_capacity(GATHER_BYTES.min(self.bytes));
        for chunk in &self.chunks {
            let room = GATHER_BYTES - gathered.len();
            let bytes = chunk.as_slice();
            gathered.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if gathered.len() == GATHER_BYTES {
                break;
            }
        }
        gathered
    }

    /// An empty queue holds no memory: most connections are idle at any time.
    fn shrink(&mut self) {
        if self.chunks.is_empty() {
            self.clear();
        }
    }
}

/// A piece that newer ones of its key replace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latest {
    place: usize,
    pub(crate) bytes: usize,
    pub(crate) packets: usize,
}

/// One write of this size already amortises the system call.
const GATHER_BYTES: usize = 32 * 1024;

#[cfg(test)]
mod tests;
