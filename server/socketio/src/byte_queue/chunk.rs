//! A part of the queue that is stored together.

use bytes::{Buf, Bytes};

use super::GATHER_BYTES;
use crate::piece::{Keep, Piece};

pub(super) struct Chunk {
    bytes: ChunkBytes,
    pub(super) packets: usize,
    /// Of every packet in it.
    pub(super) compress: bool,
    pub(super) kind: Kind,
}

/// What may become of a chunk while it waits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It leaves.
    Plain,
    /// One piece that may be dropped.
    Volatile,
    /// One piece that may be replaced by one of the same key.
    Latest(Box<str>),
}

enum ChunkBytes {
    /// `start <= buffer.len()` is how far it was written.
    Gathered {
        buffer: Vec<u8>,
        start: usize,
    },
    Shared(Bytes),
}

impl Chunk {
    /// A chunk of one piece, without its first `written` bytes.
    pub(super) fn new(piece: Piece<'_>, written: usize) -> Self {
        let bytes = match piece.as_shared() {
            Some(bytes) if bytes.len() - written >= SHARE_BYTES_MIN => {
                ChunkBytes::Shared(bytes.slice(written..))
            }
            _ => ChunkBytes::Gathered {
                buffer: piece.as_slice()[written..].to_vec(),
                start: 0,
            },
        };
        let kind = match piece.terms.keep {
            _ if written > 0 => Kind::Plain,
            Keep::Always => Kind::Plain,
            Keep::Volatile => Kind::Volatile,
            Keep::Latest(key) => Kind::Latest(key.into()),
        };
        Self {
            bytes,
            packets: piece.packets(),
            compress: piece.terms.compress,
            kind,
        }
    }

    /// Whether `piece` could be stored here as well.
    pub(super) fn gather(&mut self, piece: Piece<'_>, written: usize) -> bool {
        let rest = &piece.as_slice()[written..];
        let is_shared = piece.as_shared().is_some() && rest.len() >= SHARE_BYTES_MIN;
        let fits = self.kind == Kind::Plain
            && (piece.terms.keep == Keep::Always || written > 0)
            && self.compress == piece.terms.compress;
        match &mut self.bytes {
            ChunkBytes::Gathered { buffer, .. }
                if fits && !is_shared && buffer.len() + rest.len() <= GATHER_BYTES =>
            {
                if buffer.capacity() < buffer.len() + rest.len() {
                    // Doubled, but never beyond what a buffer may hold.
                    let wanted = (2 * buffer.len()).clamp(buffer.len() + rest.len(), GATHER_BYTES);
                    buffer.reserve_exact(wanted - buffer.len());
                }
                buffer.extend_from_slice(rest);
                self.packets += piece.packets();
                true
            }
            _ => false,
        }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        match &self.bytes {
            ChunkBytes::Gathered { buffer, start } => &buffer[*start..],
            ChunkBytes::Shared(bytes) => bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Forgets the first `count` bytes. What has begun to leave must leave.
    pub(super) fn advance(&mut self, count: usize) {
        match &mut self.bytes {
            ChunkBytes::Gathered { start, .. } => *start += count,
            ChunkBytes::Shared(bytes) => bytes.advance(count),
        }
        self.kind = Kind::Plain;
    }
}

impl Kind {
    pub(super) fn is_latest(&self, key: &str) -> bool {
        matches!(self, Self::Latest(latest) if **latest == *key)
    }
}

/// A shared piece below this is copied: the bookkeeping of a reference costs more than the bytes.
const SHARE_BYTES_MIN: usize = 512;
