//! How the packets of one session are written.

use std::sync::Arc;

use super::compact::CompactEvents;

/// The parser of a session. Client and server must use the same one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Text with JSON, and a binary message for each attachment.
    #[default]
    Default,
    /// A binary message for each packet.
    Msgpack,
    /// The default, with short forms for the events of a list. All sessions of a server have the same list.
    Compact(Arc<CompactEvents>),
}

impl Codec {
    /// Number of different codecs.
    pub(crate) const COUNT: usize = 3;

    /// Its place among all of them, below [`Codec::COUNT`].
    pub(crate) fn index(&self) -> usize {
        match self {
            Self::Default => 0,
            Self::Msgpack => 1,
            Self::Compact(_) => 2,
        }
    }

    /// What the server tells of its compact events.
    pub(crate) fn compact_names(&self) -> Option<&[String]> {
        match self {
            Self::Compact(events) => Some(events.names()),
            Self::Default | Self::Msgpack => None,
        }
    }
}
