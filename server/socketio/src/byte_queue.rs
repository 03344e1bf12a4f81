//! Bytes that wait for the kernel, in order, with the number of packets they hold.
//!
//! Small pieces are gathered in buffers, large shared ones are only referenced, so that one broadcast to many slow
//! clients is held once.

use std::borrow::Cow;
use std::collections::VecDeque;

use bytes::{Buf, Bytes};

/// Whole packets on their way out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    source: Source<'a>,
    packets: usize,
    pub(crate) terms: Terms,
}

/// How packets may be treated on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Whether a transport that compresses may compress them.
    pub(crate) compress: bool,
    /// Whether they are worthless when late.
    pub(crate) volatile: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            compress: true,
            volatile: false,
        }
    }
}

/// Borrowed bytes are copied when they have to wait, shared bytes are only referenced.
#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Borrowed(&'a [u8]),
    Shared(&'a Bytes),
}

/// The queue of one outbox. It does not know its bound; whoever pushes checks [`ByteQueue::bytes`] and
/// [`ByteQueue::packets`].
#[derive(Default)]
pub(crate) struct ByteQueue {
    chunks: VecDeque<Chunk>,
    /// Sum over the chunks of what is left of them.
    bytes: usize,
    /// Sum over the chunks; a packet counts until the last byte of its chunk has left.
    packets: usize,
}

struct Chunk {
    bytes: ChunkBytes,
    packets: usize,
    /// Of every packet in it.
    compress: bool,
}

enum ChunkBytes {
    /// `start <= buffer.len()` is how far it was written.
    Gathered {
        buffer: Vec<u8>,
        start: usize,
    },
    Shared(Bytes),
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
        let rest = &piece.as_slice()[written..];
        if rest.is_empty() {
            return;
        }
        self.bytes += rest.len();
        self.packets += piece.packets;
        match piece.source {
            Source::Shared(bytes) if rest.len() >= SHARE_BYTES_MIN => {
                self.chunks.push_back(Chunk {
                    bytes: ChunkBytes::Shared(bytes.slice(written..)),
                    packets: piece.packets,
                    compress: piece.terms.compress,
                });
            }
            _ => self.gather(rest, piece),
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
            }
        }
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

    /// Forgets everything and frees its memory.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    fn gather(&mut self, rest: &[u8], piece: Piece<'_>) {
        if let Some(Chunk {
            bytes: ChunkBytes::Gathered { buffer, .. },
            packets,
            compress,
        }) = self.chunks.back_mut()
            && buffer.len() + rest.len() <= GATHER_BYTES
            && *compress == piece.terms.compress
        {
            buffer.extend_from_slice(rest);
            *packets += piece.packets;
            return;
        }
        self.chunks.push_back(Chunk {
            bytes: ChunkBytes::Gathered {
                buffer: rest.to_vec(),
                start: 0,
            },
            packets: piece.packets,
            compress: piece.terms.compress,
        });
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
}

impl Chunk {
    fn as_slice(&self) -> &[u8] {
        match &self.bytes {
            ChunkBytes::Gathered { buffer, start } => &buffer[*start..],
            ChunkBytes::Shared(bytes) => bytes,
        }
    }

    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn advance(&mut self, count: usize) {
        match &mut self.bytes {
            ChunkBytes::Gathered { start, .. } => *start += count,
            ChunkBytes::Shared(bytes) => bytes.advance(count),
        }
    }
}

impl<'a> Piece<'a> {
    /// Bytes that hold `packets` whole packets.
    pub(crate) fn borrowed(bytes: &'a [u8], packets: usize) -> Self {
        Self::new(Source::Borrowed(bytes), packets)
    }

    /// The same of bytes that others send as well.
    pub(crate) fn shared(bytes: &'a Bytes, packets: usize) -> Self {
        Self::new(Source::Shared(bytes), packets)
    }

    fn new(source: Source<'a>, packets: usize) -> Self {
        Self {
            source,
            packets,
            terms: Terms::default(),
        }
    }

    pub(crate) fn on(self, terms: Terms) -> Self {
        Self { terms, ..self }
    }

    pub(crate) fn as_slice(self) -> &'a [u8] {
        match self.source {
            Source::Borrowed(bytes) => bytes,
            Source::Shared(bytes) => bytes,
        }
    }

    pub(crate) fn packets(self) -> usize {
        self.packets
    }

    pub(crate) fn len(self) -> usize {
        self.as_slice().len()
    }
}

/// One write of this size already amortises the system call.
const GATHER_BYTES: usize = 32 * 1024;

/// A shared piece below this is copied: the bookkeeping of a reference costs more than the bytes.
const SHARE_BYTES_MIN: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One step: push so many bytes, shared or not, or let the kernel take a part of what is next.
    #[derive(Clone, Debug)]
    enum Step {
        Push {
            bytes: usize,
            written: usize,
            shared: bool,
        },
        Write {
            share_of_255: u8,
        },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let size = prop_oneof![0_usize..20, 400_usize..600, 30_000_usize..40_000];
        let push = (size, 0_usize..50, any::<bool>()).prop_map(|(bytes, written, shared)| Step::Push {
            bytes,
            written: written.min(bytes),
            shared,
        });
        let write = any::<u8>().prop_map(|share_of_255| Step::Write { share_of_255 });
        proptest::collection::vec(prop_oneof![push, write], 0..60)
    }

    proptest! {
        #[test]
        fn what_leaves_is_what_was_pushed_in_order(steps in steps()) {
            let (mut queue, mut pushed, mut left) = (ByteQueue::default(), Vec::new(), Vec::new());
            for (index, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push { bytes, written, shared } => {
                        let data = Bytes::from(vec![index as u8; bytes]);
                        let piece = if shared { Piece::shared(&data, 1) } else { Piece::borrowed(&data, 1) };
                        let terms = Terms { compress: index % 3 == 0, ..Terms::default() };
                        queue.push(piece.on(terms), written);
                        pushed.extend_from_slice(&data[written..]);
                    }
                    Step::Write { share_of_255 } => {
                        let next = queue.next();
                        let written = next.len() * usize::from(share_of_255) / 255;
                        left.extend_from_slice(&next[..written]);
                        drop(next);
                        queue.consume(written);
                    }
                }
                prop_assert_eq!(queue.bytes(), pushed.len() - left.len());
                prop_assert_eq!(queue.is_empty(), queue.bytes() == 0);
            }
            while !queue.is_empty() {
                let next = queue.next().into_owned();
                left.extend_from_slice(&next);
                queue.consume(next.len());
            }
            prop_assert_eq!(queue.packets(), 0);
            prop_assert_eq!(left, pushed);
        }
    }
}
