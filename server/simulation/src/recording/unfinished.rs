//! Makes a recording of the beginning of one: what is still being written can be watched up to there.

use shared::record::DecodeError;
use shared::tick::Tick;

use crate::game::{Game, Intent};
use crate::recording::frame::{End, FrameWriter};
use crate::recording::read::{Frames, ReadError, read_header_of};
use crate::state_hash::StateHash;

/// Leaves out what is behind the last whole frame, and a last one that is an end; then appends that the recording was cut here.
///
/// # Errors
/// As [`look_into`](crate::recording::read::look_into); [`ReadError::CutOff`] when even the header is not there yet.
pub fn cut_here<G: Game>(mut bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    let (header, begin) = read_header_of::<G>(&bytes)?;
    let mut frames = Frames::<&[u8], G>::new(&bytes, begin..bytes.len(), &header);
    let whole_to = loop {
        let at = frames.next_at();
        match frames.next() {
            Ok(frame) if frame.end.is_none() => {}
            Ok(_) | Err(DecodeError::TooShort) => break at,
            Err(error) => return Err(error.into()),
        }
    };
    bytes.truncate(whole_to);
    // An end may come in the tick of the frame before it.
    FrameWriter::<Intent<G::Input>>::new().finish(Tick(0), None, Some(End::Cut), &mut bytes);
    let mut checksum = StateHash::new();
    checksum.bytes(&bytes);
    bytes.extend_from_slice(&checksum.value().to_le_bytes());
    Ok(bytes)
}
