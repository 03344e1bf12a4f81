//! How the packets of one session are written.

/// The parser of a session. Client and server must use the same one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Text with JSON, and a binary message for each attachment.
    #[default]
    Default,
    /// A binary message for each packet.
    Msgpack,
}

impl Codec {
    /// Number of different codecs.
    pub(crate) const COUNT: usize = 2;

    /// Its place among all of them, below [`Codec::COUNT`].
    pub(crate) fn index(&self) -> usize {
        match self {
            Self::Default => 0,
            Self::Msgpack => 1,
        }
    }
}
