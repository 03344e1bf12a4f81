//! Where the bytes of a recording go.

/// Whoever keeps recordings. Called on the shard's thread, so it must hand over and return.
///
/// Dropping it before [`finish`](RecordingSink::finish) means that the recording is not whole and worth nothing.
pub trait RecordingSink: Send {
    /// Takes the next bytes; an error gives the recording up.
    fn write(&mut self, bytes: Vec<u8>) -> Result<(), Lost>;

    /// All bytes have come.
    fn finish(self: Box<Self>);
}

/// The sink cannot take more: a recording with a hole would be none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recording cannot be kept")]
pub struct Lost;

/// How a match is recorded.
pub struct Recording {
    /// Where the bytes go.
    pub sink: Box<dyn RecordingSink>,
    /// Bytes after which the recording ends, whole, while the match goes on. 16 fighting people fill about 5 MB in an
    /// hour. More keeps longer matches, less keeps more of them on the same disk.
    pub bytes_max: u64,
}
