//! Frames as a client writes them: masked.
//!
//! ```text
//! [0x80 | opcode] [0x80 | length, as a server writes it] [mask: 4 bytes] [payload, xor mask]
//! ```
//!
//! Packets are encoded once, into frames as a server writes them, whatever becomes of them: they wait for a connection,
//! travel in a POST, or leave as frames of a WebSocket, and only then are masked.

use std::cell::Cell;

use crate::engine::frame::{self, Opcode};

/// Masks whole frames and hands them to `send`. The buffer is reused by the next packet of this thread.
pub(super) fn with_masked<R>(frames: &[u8], send: impl FnOnce(&[u8]) -> R) -> R {
    let mut masked = MASKED.take();
    push_masked(&mut masked, frames);
    let result = send(&masked);
    masked.clear();
    masked.shrink_to(KEPT_BYTES_MAX);
    MASKED.set(masked);
    result
}

/// Appends whole frames, masked.
fn push_masked(out: &mut Vec<u8>, mut frames: &[u8]) {
    while !frames.is_empty() {
        let (opcode, payload, frame_bytes) = frame::first(frames);
        // RFC 6455 wants masks that nobody can guess; the thread's generator is seeded by the operating system.
        push_frame(out, opcode, payload, rand::random());
        frames = &frames[frame_bytes..];
    }
}

fn push_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    out.reserve(payload.len() + HEADER_BYTES_MAX);
    let header = out.len();
    frame::push_header(out, opcode, payload.len());
    // The bit that announces a mask shares its byte with the length.
    out[header + 1] |= 0x80;
    out.extend_from_slice(&mask);
    let start = out.len();
    out.extend_from_slice(payload);
    for chunk in out[start..].chunks_mut(mask.len()) {
        for (byte, key) in chunk.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
}

thread_local! {
    static MASKED: Cell<Vec<u8>> = Cell::default();
}

/// A header as a server writes it, and the mask.
const HEADER_BYTES_MAX: usize = frame::HEADER_BYTES_MAX + 4;

/// Capacity a thread keeps for its next packet.
const KEPT_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Takes frames apart again, as a server does: the first byte of each, and its payload.
    pub(in crate::client) fn unmask(mut frames: &[u8]) -> Vec<(u8, Vec<u8>)> {
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

    #[test]
    fn every_frame_is_masked_and_says_the_same() {
        let (mut frames, mut expected) = (Vec::new(), Vec::new());
        for (opcode, first, bytes) in [
            (Opcode::Text, 0x81, 0_usize),
            (Opcode::Text, 0x81, 7),
            (Opcode::Binary, 0x82, 200),
            (Opcode::Binary, 0x82, 70_000),
            (Opcode::Close, 0x88, 2),
        ] {
            let payload: Vec<u8> = (0..bytes).map(|index| index as u8).collect();
            frame::push_header(&mut frames, opcode, bytes);
            frames.extend_from_slice(&payload);
            expected.push((first, payload));
        }
        assert_eq!(with_masked(&frames, unmask), expected);
        // The buffer is empty for the next packet.
        assert_eq!(with_masked(&frames, unmask), expected);
    }

    #[test]
    fn the_mask_covers_the_payload_only() {
        let mut out = vec![9];
        push_frame(&mut out, Opcode::Binary, &[0, 0, 0, 0, 0xff], [1, 2, 3, 4]);
        assert_eq!(out, [9, 0x82, 0x85, 1, 2, 3, 4, 1, 2, 3, 4, 0xfe]);
    }
}
