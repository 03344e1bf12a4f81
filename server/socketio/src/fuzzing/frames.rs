//! What a WebSocket brings before anything else looks at it.

use bytes::BytesMut;

use crate::engine::messages::{Message, Messages, Next};

/// Reads the messages of a client. They are the same, and end the same way, however their bytes are cut: the first byte says
/// into how long pieces.
pub fn frames(data: &[u8]) {
    let Some((length, data)) = data.split_first() else {
        return;
    };
    let pieces = data.chunks(1 + usize::from(*length));
    assert_eq!(read(pieces), read([data].into_iter()), "cuts do not matter");
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut messages = Messages::new(PAYLOAD_BYTES_MAX);
    let (mut bytes, mut read) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        bytes.extend_from_slice(piece);
        loop {
            match messages.next(&mut bytes) {
                Ok(Next::Whole(message)) => {
                    let is_last = matches!(message, Message::Close(_));
                    read.push(format!("{message:?}"));
                    if is_last {
                        return read;
                    }
                }
                Ok(Next::Needs(frame_bytes)) => {
                    assert!(frame_bytes > bytes.len(), "what is whole is taken");
                    break;
                }
                Err(error) => {
                    read.push(format!("{error:?}"));
                    return read;
                }
            }
        }
    }
    read
}

const PAYLOAD_BYTES_MAX: usize = 1000;
