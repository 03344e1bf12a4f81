//! Packets on their way out: their bytes, and how they may be treated.

use bytes::Bytes;

/// Whole packets that belong together, such as the header of an event and its attachments: they leave all or not at
/// all, and nothing comes between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    source: Source<'a>,
    packets: usize,
    pub(crate) terms: Terms<'a>,
}

/// Borrowed bytes are copied when they have to wait, shared bytes are only referenced.
#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    Borrowed(&'a [u8]),
    Shared(&'a Bytes),
}

/// How packets may be treated on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms<'a> {
    /// Whether a transport that compresses may compress them.
    pub(crate) compress: bool,
    pub(crate) keep: Keep<'a>,
}

/// What may become of packets that have to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep<'a> {
    /// They leave, or the connection ends.
    Always,
    /// They are worthless when late.
    Volatile,
    /// They are worthless once there are newer ones of the same key.
    Latest(&'a str),
}

impl Default for Terms<'_> {
    fn default() -> Self {
        Self {
            compress: true,
            keep: Keep::Always,
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

    pub(crate) fn on(self, terms: Terms<'a>) -> Self {
        Self { terms, ..self }
    }

    pub(crate) fn is_volatile(self) -> bool {
        self.terms.keep == Keep::Volatile
    }

    pub(crate) fn as_slice(self) -> &'a [u8] {
        match self.source {
            Source::Borrowed(bytes) => bytes,
            Source::Shared(bytes) => bytes,
        }
    }

    /// What others hold as well, if anything.
    pub(crate) fn as_shared(self) -> Option<&'a Bytes> {
        match self.source {
            Source::Borrowed(_) => None,
            Source::Shared(bytes) => Some(bytes),
        }
    }

    pub(crate) fn len(self) -> usize {
        self.as_slice().len()
    }

    pub(crate) fn packets(self) -> usize {
        self.packets
    }
}
