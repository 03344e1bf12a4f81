//! WebSocket frames as a server writes them: whole messages, unmasked.
//!
//! ```text
//! length < 126:      [0x80 | opcode] [length]
//! length < 65 536:   [0x80 | opcode] [126] [length: u16, big endian]
//! otherwise:         [0x80 | opcode] [127] [length: u64, big endian]
//! ```

use data_encoding::BASE64;

/// What the payload of a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Pong = 0xa,
}

/// Largest header: two bytes and a 64-bit length.
pub(crate) const HEADER_BYTES_MAX: usize = 10;

/// A ping packet of Engine.IO (not of WebSocket), ready to send.
pub(crate) const ENGINE_PING: &[u8] = &[0x81, 1, b'2'];

/// Appends the header of a frame with `payload_bytes` of payload.
pub(crate) fn push_header(out: &mut Vec<u8>, opcode: Opcode, payload_bytes: usize) {
    out.push(0x80 | opcode as u8);
    if payload_bytes < 126 {
        out.push(payload_bytes as u8);
    } else if let Ok(length) = u16::try_from(payload_bytes) {
        out.push(126);
        out.extend_from_slice(&length.to_be_bytes());
    } else {
        out.push(127);
        out.extend_from_slice(&(payload_bytes as u64).to_be_bytes());
    }
}

/// The first frame of `bytes`, which are frames as this module writes them: what it carries, and its whole length.
pub(crate) fn first(bytes: &[u8]) -> (Opcode, &[u8], usize) {
    let opcode = match bytes[0] & 0x0f {
        0x1 => Opcode::Text,
        0x2 => Opcode::Binary,
        _ => Opcode::Close,
    };
    let (header, payload_bytes) = match bytes[1] {
        126 => (4, usize::from(u16::from_be_bytes([bytes[2], bytes[3]]))),
        127 => {
            let length: [u8; 8] = bytes[2..10].try_into().expect("the slice has eight bytes");
            (10, u64::from_be_bytes(length) as usize)
        }
        length => (2, usize::from(length)),
    };
    let end = header + payload_bytes;
    (opcode, &bytes[header..end], end)
}

/// The same frames for a client that takes only text: a binary frame becomes `b` and base64.
pub(crate) fn spell_out(mut frames: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(frames.len() * 4 / 3 + HEADER_BYTES_MAX);
    while !frames.is_empty() {
        let (opcode, payload, end) = first(frames);
        if opcode == Opcode::Binary {
            push_header(&mut out, Opcode::Text, 1 + BASE64.encode_len(payload.len()));
            out.push(b'b');
            out.extend_from_slice(BASE64.encode(payload).as_bytes());
        } else {
            out.extend_from_slice(&frames[..end]);
        }
        frames = &frames[end..];
    }
    out
}

/// A text frame with one packet.
pub(crate) fn text_frame(packet: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(packet.len() + HEADER_BYTES_MAX);
    push_header(&mut out, Opcode::Text, packet.len());
    out.extend_from_slice(packet.as_bytes());
    out
}

/// A close frame: a code, and why in words, cut to what a control frame holds.
pub(crate) fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let reason = &reason[..reason.floor_char_boundary(CLOSE_REASON_BYTES_MAX)];
    let mut out = Vec::with_capacity(4 + reason.len());
    push_header(&mut out, Opcode::Close, 2 + reason.len());
    out.extend_from_slice(&code.to_be_bytes());
    out.extend_from_slice(reason.as_bytes());
    out
}

/// A close frame that says nothing.
pub(crate) fn empty_close_frame() -> Vec<u8> {
    let mut out = Vec::with_capacity(2);
    push_header(&mut out, Opcode::Close, 0);
    out
}

/// A control frame holds 125 bytes, two of them are the code.
const CLOSE_REASON_BYTES_MAX: usize = 123;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_the_shortest_length_form() {
        let cases: [(usize, &[u8]); 6] = [
            (0, &[0x82, 0]),
            (125, &[0x82, 125]),
            (126, &[0x82, 126, 0, 126]),
            (65_535, &[0x82, 126, 0xff, 0xff]),
            (65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
            (1 << 40, &[0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0]),
        ];
        for (payload_bytes, expected) in cases {
            let mut out = Vec::new();
            push_header(&mut out, Opcode::Binary, payload_bytes);
            assert_eq!(out, expected);
            if payload_bytes <= 65_536 {
                out.resize(out.len() + payload_bytes + 1, 7);
                let (opcode, payload, end) = first(&out);
                assert_eq!((opcode, payload.len()), (Opcode::Binary, payload_bytes));
                assert_eq!(end, out.len() - 1);
                out.truncate(expected.len());
            }
            assert!(out.len() <= HEADER_BYTES_MAX);
        }
    }

    #[test]
    fn only_binary_frames_are_spelled_out() {
        let frames = [
            &[0x81, 2, b'4', b'x'][..],
            &[0x82, 4, 1, 2, 3, 4],
            &[0x82, 0],
            &[0x8a, 1, 7],
        ]
        .concat();
        let text = [
            &[0x81, 2, b'4', b'x'][..],
            b"\x81\x09bAQIDBA==",
            &[0x81, 1, b'b'],
            &[0x8a, 1, 7],
        ]
        .concat();
        assert_eq!(spell_out(&frames), text);
    }

    #[test]
    fn a_close_frame_carries_its_code_and_reason() {
        assert_eq!(close_frame(1009, ""), [0x88, 2, 0x03, 0xf1]);
        assert_eq!(close_frame(1000, "bye"), [0x88, 5, 0x03, 0xe8, b'b', b'y', b'e']);
        assert_eq!(empty_close_frame(), [0x88, 0]);
        assert_eq!(text_frame("3"), [0x81, 1, b'3']);
        let long = close_frame(1008, &"é".repeat(100));
        assert_eq!(long.len(), 2 + 2 + 122);
        assert!(std::str::from_utf8(&long[4..]).is_ok());
    }
}
