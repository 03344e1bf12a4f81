//! WebSocket frames, as much as both ends of a benchmark need: whole messages, no extensions.
//!
//! ```text
//! 0          1             2 (or 4, or 10)     +4 when masked
//! +----------+-------------+-------------------+---------+
//! | FIN | op | MASK | len7 | u16 or u64 length | payload |
//! +----------+-------------+-------------------+---------+
//! ```

/// A text message.
pub const TEXT: u8 = 0x1;
/// A binary message.
pub const BINARY: u8 = 0x2;
/// The end.
pub const CLOSE: u8 = 0x8;
/// A ping of WebSocket's own.
pub const PING: u8 = 0x9;

/// Masks need to be there; nobody looks at what they are.
const MASK: [u8; 4] = [0x1a, 0x2b, 0x3c, 0x4d];

/// One frame at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its kind.
    pub opcode: u8,
    /// Where its payload starts.
    pub start: usize,
    /// Where it ends, and the next frame starts.
    pub end: usize,
    /// How its payload is masked.
    pub mask: Option<[u8; 4]>,
}

impl Frame {
    /// The first frame of `bytes`; `None` when it is not whole yet.
    pub fn first(bytes: &[u8]) -> Option<Self> {
        let (&[head, second], rest) = bytes.split_first_chunk::<2>()?;
        let (length, length_bytes) = match second & 0x7f {
            126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
            127 => (usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?, 8),
            short => (usize::from(short), 0),
        };
        let mut start = 2 + length_bytes;
        let mut mask = None;
        if second & 0x80 != 0 {
            mask = Some(*bytes.get(start..)?.first_chunk()?);
            start += 4;
        }
        let end = start.checked_add(length)?;
        (end <= bytes.len()).then_some(Self {
            opcode: head & 0x0f,
            start,
            end,
            mask,
        })
    }

    /// Its payload, unmasked in place.
    pub fn payload<'a>(&self, bytes: &'a mut [u8]) -> &'a mut [u8] {
        let payload = &mut bytes[self.start..self.end];
        if let Some(mask) = self.mask {
            apply_mask(payload, mask);
        }
        payload
    }
}

fn apply_mask(payload: &mut [u8], mask: [u8; 4]) {
    for (at, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[at % 4];
    }
}

/// Appends a message as a server sends it.
pub fn write(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    write_head(opcode, payload.len(), 0, out);
    out.extend_from_slice(payload);
}

/// Appends a message as a client sends it.
pub fn write_masked(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    write_head(opcode, payload.len(), 0x80, out);
    out.extend_from_slice(&MASK);
    let start = out.len();
    out.extend_from_slice(payload);
    apply_mask(&mut out[start..], MASK);
}

fn write_head(opcode: u8, length: usize, mask_bit: u8, out: &mut Vec<u8>) {
    out.push(0x80 | opcode);
    if length < 126 {
        out.push(mask_bit | length as u8);
    } else if let Ok(length) = u16::try_from(length) {
        out.push(mask_bit | 126);
        out.extend_from_slice(&length.to_be_bytes());
    } else {
        out.push(mask_bit | 127);
        out.extend_from_slice(&(length as u64).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![7; length];
            for written in [write, write_masked] {
                let mut bytes = Vec::new();
                written(BINARY, &payload, &mut bytes);
                assert_eq!(Frame::first(&bytes[..bytes.len() - 1]), None, "{length}");
                bytes.push(1);
                let frame = Frame::first(&bytes).expect("it is whole");
                assert_eq!((frame.opcode, frame.end), (BINARY, bytes.len() - 1));
                assert_eq!(frame.payload(&mut bytes), payload);
            }
        }
    }
}
