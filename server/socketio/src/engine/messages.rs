//! From the bytes of a client to whole messages (RFC 6455, section 5), without I/O.
//!
//! ```text
//! [fin | rsv1 rsv2 rsv3 | opcode: 4 bits] [1 | length: 7 bits] [length: 0, 2 or 8 bytes] [mask: 4 bytes] [payload]
//! ```
//!
//! Payloads are unmasked where they lie and handed out without a copy, so that an input costs no allocation. What fragments
//! bring is put together. A mask is required and an extension is not: anything else ends the connection, as does a
//! text that is not UTF-8. Pings and the close frame come out as what must be answered.

use bytes::{Buf, Bytes, BytesMut};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::half::ReadError;

/// What a client has said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Text(Utf8Bytes),
    Binary(Bytes),
    /// To be answered with a pong of the same payload.
    Ping(Bytes),
    Pong,
    /// To be answered with a close frame of the same payload. Nothing follows.
    Close(Bytes),
}

/// The messages of one client.
pub(crate) struct Messages {
    payload_bytes_max: usize,
    /// What has come of a message in fragments.
    fragments: Option<Box<Fragments>>,
}

struct Fragments {
    is_text: bool,
    payload: Vec<u8>,
}

/// A frame whose header is there.
struct Frame {
    is_final: bool,
    opcode: u8,
    mask: [u8; 4],
    header_bytes: usize,
    payload_bytes: usize,
}

/// How far the bytes reach.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Whole(Message),
    /// The next frame is so long, as far as is known, which is more than there is.
    Needs(usize),
}

impl Messages {
    pub(crate) fn new(payload_bytes_max: usize) -> Self {
        Self {
            payload_bytes_max,
            fragments: None,
        }
    }

    /// Takes the next message out of `bytes`.
    pub(crate) fn next(&mut self, bytes: &mut BytesMut) -> Result<Next, ReadError> {
        loop {
            let Some(frame) = Frame::parse(bytes)? else {
                return Ok(Next::Needs((bytes.len() + 1).max(HEADER_BYTES_MIN)));
            };
            self.check(&frame)?;
            let frame_bytes = frame.header_bytes + frame.payload_bytes;
            if bytes.len() < frame_bytes {
                return Ok(Next::Needs(frame_bytes));
            }
            bytes.advance(frame.header_bytes);
            let mut payload = bytes.split_to(frame.payload_bytes);
            unmask(&mut payload, frame.mask);
            if let Some(message) = self.take(&frame, payload.freeze())? {
                return Ok(Next::Whole(message));
            }
        }
    }

    /// Refuses a frame as soon as its header is there, whatever is in it.
    fn check(&self, frame: &Frame) -> Result<(), ReadError> {
        if frame.payload_bytes > self.payload_bytes_max {
            return Err(ReadError::TooLarge);
        }
        let is_legal = match frame.opcode {
            CONTINUATION => self.fragments.is_some(),
            TEXT | BINARY => self.fragments.is_none(),
            CLOSE | PING | PONG => frame.is_final && frame.payload_bytes <= CONTROL_BYTES_MAX,
            _ => false,
        };
        if is_legal {
            Ok(())
        } else {
            Err(ReadError::Protocol)
        }
    }

    fn take(&mut self, frame: &Frame, payload: Bytes) -> Result<Option<Message>, ReadError> {
        match frame.opcode {
            PING => return Ok(Some(Message::Ping(payload))),
            PONG => return Ok(Some(Message::Pong)),
            CLOSE => return close(payload).map(|reply| Some(Message::Close(reply))),
            _ => {}
        }
        if frame.is_final && self.fragments.is_none() {
            return whole(frame.opcode == TEXT, payload).map(Some);
        }
        let fragments = self.fragments.get_or_insert_with(|| {
            Box::new(Fragments {
                is_text: frame.opcode == TEXT,
                payload: Vec::new(),
            })
        });
        if fragments.payload.len() + payload.len() > self.payload_bytes_max {
            return Err(ReadError::TooLarge);
        }
        fragments.payload.extend_from_slice(&payload);
        if !frame.is_final {
            return Ok(None);
        }
        let whole_message = self.fragments.take().map(|fragments| {
            let Fragments { is_text, payload } = *fragments;
            whole(is_text, payload.into())
        });
        whole_message.transpose()
    }
}

fn whole(is_text: bool, payload: Bytes) -> Result<Message, ReadError> {
    if is_text {
        let text = Utf8Bytes::try_from(payload).map_err(|_| ReadError::NotUtf8)?;
        return Ok(Message::Text(text));
    }
    Ok(Message::Binary(payload))
}

/// What a close frame is answered with: itself, unless its code may not be sent.
fn close(payload: Bytes) -> Result<Bytes, ReadError> {
    let [high, low, reason @ ..] = &payload[..] else {
        let is_empty = payload.is_empty();
        return if is_empty {
            Ok(payload)
        } else {
            Err(ReadError::Protocol)
        };
    };
    if std::str::from_utf8(reason).is_err() {
        return Err(ReadError::NotUtf8);
    }
    if CloseCode::from(u16::from_be_bytes([*high, *low])).is_allowed() {
        return Ok(payload);
    }
    Ok(Bytes::from_static(PROTOCOL_VIOLATION))
}

impl Frame {
    /// Reads a header, if it is all there.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, ReadError> {
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        let is_plain = first & RESERVED_BITS == 0 && second & MASKED != 0;
        if !is_plain {
            return Err(ReadError::Protocol);
        }
        let (length, rest) = match second & !MASKED {
            126 => match rest.split_first_chunk() {
                Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), rest),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk() {
                Some((length, rest)) => (u64::from_be_bytes(*length), rest),
                None => return Ok(None),
            },
            length => (u64::from(length), rest),
        };
        let Some((mask, payload)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        Ok(Some(Self {
            is_final: first & FINAL != 0,
            opcode: first & OPCODE,
            mask: *mask,
            header_bytes: bytes.len() - payload.len(),
            payload_bytes: usize::try_from(length).map_err(|_| ReadError::TooLarge)?,
        }))
    }
}

/// Eight bytes at a time, which is what makes a long one cheap.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

const FINAL: u8 = 0x80;
const RESERVED_BITS: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;

/// What is in front of an empty payload.
const HEADER_BYTES_MIN: usize = 6;

const CONTROL_BYTES_MAX: usize = 125;

/// 1002 and why.
const PROTOCOL_VIOLATION: &[u8] = b"\x03\xeaProtocol violation";

#[cfg(test)]
mod tests;
