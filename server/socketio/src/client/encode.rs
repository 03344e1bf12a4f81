//! Packets as a client writes them: whole WebSocket frames, masked.
//!
//! ```text
//! [0x80 | opcode] [0x80 | length, as a server writes it] [mask: 4 bytes] [payload, xor mask]
//! ```
//!
//! The frames of one packet are contiguous, so that header and attachments leave in one write.

use std::cell::Cell;

use crate::engine::frame::{self, Opcode};
use crate::error::EmitError;
use crate::parser::{Codec, DRAFT_BYTES_MAX, Message, Outgoing, with_draft};

/// Encodes a packet and hands its frames to `send`. No message of it is larger than `payload_bytes_max`. The buffer is
/// reused by the next packet of this thread.
pub(super) fn with_frames<R>(
    outgoing: &Outgoing<'_>,
    payload_bytes_max: usize,
    send: impl FnOnce(&[u8]) -> R,
) -> Result<R, EmitError> {
    with_draft(&Codec::Default, outgoing, |draft| {
        let sizes = draft
            .messages()
            .map(|(_, [first, second])| first.len() + second.len());
        if sizes.max().unwrap_or(0) > payload_bytes_max {
            return Err(EmitError::TooLarge);
        }
        let mut frames = FRAMES.take();
        for (opcode, parts) in draft.messages() {
            push_frame(&mut frames, opcode, &parts);
        }
        let result = send(&frames);
        frames.clear();
        frames.shrink_to(DRAFT_BYTES_MAX);
        FRAMES.set(frames);
        Ok(result)
    })?
}

/// The frame of one message.
pub(super) fn message_frame(message: &Message) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.payload.len() + FRAME_HEADER_BYTES_MAX);
    push_frame(&mut out, message.opcode, &[&message.payload]);
    out
}

/// A text frame with the Engine.IO packet `text`.
pub(super) fn text_frame(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + FRAME_HEADER_BYTES_MAX);
    push_frame(&mut out, Opcode::Text, &[text.as_bytes()]);
    out
}

/// A close frame, with a code if there is something to say.
pub(super) fn close_frame(code: Option<u16>) -> Vec<u8> {
    let mut out = Vec::with_capacity(FRAME_HEADER_BYTES_MAX);
    match code {
        Some(code) => push_frame(&mut out, Opcode::Close, &[&code.to_be_bytes()]),
        None => push_frame(&mut out, Opcode::Close, &[]),
    }
    out
}

thread_local! {
    static FRAMES: Cell<Vec<u8>> = Cell::default();
}

fn push_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[&[u8]]) {
    // RFC 6455 wants masks that nobody can guess; the thread's generator is seeded by the operating system.
    push_masked(out, opcode, payload, rand::random());
}

fn push_masked(out: &mut Vec<u8>, opcode: Opcode, payload: &[&[u8]], mask: [u8; 4]) {
    let payload_bytes = payload.iter().map(|part| part.len()).sum();
    out.reserve(payload_bytes + FRAME_HEADER_BYTES_MAX);
    let header = out.len();
    frame::push_header(out, opcode, payload_bytes);
    // The bit that announces a mask shares its byte with the length.
    out[header + 1] |= 0x80;
    out.extend_from_slice(&mask);
    let start = out.len();
    for part in payload {
        out.extend_from_slice(part);
    }
    for chunk in out[start..].chunks_mut(mask.len()) {
        for (byte, key) in chunk.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
}

/// A header as a server writes it, and the mask.
const FRAME_HEADER_BYTES_MAX: usize = frame::HEADER_BYTES_MAX + 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arg, ToArgs};
    use crate::parser::{Body, Head};
    use bytes::Bytes;

    /// Takes frames apart again, as a server does.
    fn unmask(mut frames: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut found = Vec::new();
        while let [first, second, rest @ ..] = frames {
            assert_eq!(second & 0x80, 0x80, "every frame is masked");
            let (length, rest) = match second & 0x7f {
                126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
                127 => {
                    let length = u64::from_be_bytes(rest[..8].try_into().unwrap());
                    (usize::try_from(length).unwrap(), &rest[8..])
                }
                length => (usize::from(length), rest),
            };
            let (mask, rest) = rest.split_at(4);
            let payload = rest[..length]
                .iter()
                .enumerate()
                .map(|(index, byte)| byte ^ mask[index % 4])
                .collect();
            found.push((*first, payload));
            frames = &rest[length..];
        }
        assert!(frames.is_empty());
        found
    }

    fn check(body: Body<'_>, id: Option<u64>, args: impl ToArgs, expected: Result<&[(u8, &str)], EmitError>) {
        let outgoing = Outgoing {
            head: Head {
                body,
                namespace: "/n",
                id,
            },
            args: &args,
            offset: None,
        };
        let encoded = with_frames(&outgoing, 100_000, unmask);
        let expected = expected.map(|frames| {
            frames
                .iter()
                .map(|(first, payload)| (*first, payload.as_bytes().to_vec()))
                .collect::<Vec<_>>()
        });
        assert_eq!(encoded, expected, "{body:?}");
    }

    #[test]
    fn a_packet_is_a_masked_header_and_its_masked_attachments() {
        let event = Body::Event("e");
        check(event, None, (), Ok(&[(0x81, "42/n,[\"e\"]")]));
        check(event, Some(7), "x", Ok(&[(0x81, "42/n,7[\"e\",\"x\"]")]));
        let long = "x".repeat(200);
        let longer = "y".repeat(70_000);
        check(
            Body::Ack,
            Some(7),
            vec![
                Arg::Binary(long.clone().into()),
                Arg::Binary(longer.clone().into()),
            ],
            Ok(&[
                (
                    0x81,
                    "462-/n,7[{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]",
                ),
                (0x82, &long),
                (0x82, &longer),
            ]),
        );
    }

    #[test]
    fn what_no_server_accepts_is_not_encoded() {
        check(Body::Event("connect"), None, (), Err(EmitError::ReservedName));
        let large = "x".repeat(100_000);
        check(Body::Event("e"), None, large.as_str(), Err(EmitError::TooLarge));
        check(
            Body::Event("e"),
            None,
            vec![0_u8; 100_001],
            Err(EmitError::TooLarge),
        );
        let many = vec![Arg::Binary(Bytes::new()); 11];
        check(Body::Event("e"), None, many, Err(EmitError::TooManyAttachments));
    }

    #[test]
    fn the_mask_covers_the_payload_only() {
        let mut out = vec![9];
        push_masked(&mut out, Opcode::Binary, &[&[0, 0], &[0, 0, 0xff]], [1, 2, 3, 4]);
        assert_eq!(out, [9, 0x82, 0x85, 1, 2, 3, 4, 1, 2, 3, 4, 0xfe]);
        assert_eq!(unmask(&close_frame(Some(1009))), [(0x88, vec![0x03, 0xf1])]);
        assert_eq!(unmask(&close_frame(None)), [(0x88, vec![])]);
        assert_eq!(unmask(&text_frame("3")), [(0x81, b"3".to_vec())]);
    }
}
