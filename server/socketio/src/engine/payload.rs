//! Payloads of HTTP polling: packets with a separator between them.
//!
//! ```text
//! <packet> [0x1e <packet>] …          a binary message is "b" and its base64
//! ```
//!
//! The outbox holds WebSocket frames, whatever the transport, so that a broadcast is encoded once and a session can
//! move from polling to WebSocket with all that waits. Here those frames become a payload.

use data_encoding::BASE64;

use super::frame::{self, Opcode};
use crate::byte_queue::ByteQueue;

/// Between two packets.
pub(crate) const SEPARATOR: char = '\u{1e}';

/// The body of an answer to a poll.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) body: Vec<u8>,
    /// Whether all packets in it may be compressed.
    pub(crate) compress: bool,
}

impl Payload {
    /// Packets of the transport itself.
    pub(crate) fn plain(packets: &[u8]) -> Self {
        Self {
            body: packets.to_vec(),
            compress: true,
        }
    }
}

/// The first packet of a payload that a client has sent, and where the next one begins, if one follows.
pub(crate) fn first(payload: &str) -> (&str, Option<usize>) {
    match payload.find(SEPARATOR) {
        Some(end) => (&payload[..end], Some(end + SEPARATOR.len_utf8())),
        None => (payload, None),
    }
}

/// Takes the oldest packets out of `queue`: at most `packets_max`, and no more once the payload is long.
pub(crate) fn take(queue: &mut ByteQueue, packets_max: usize) -> Payload {
    let mut out = Vec::new();
    let mut packets = 0;
    let mut all_compress = true;
    while let Some((chunk, compress)) = queue.front() {
        let (mut taken_bytes, mut taken_packets) = (0, 0);
        while taken_bytes < chunk.len() && packets < packets_max && out.len() < PAYLOAD_BYTES {
            let (opcode, data, frame_bytes) = frame::first(&chunk[taken_bytes..]);
            push_packet(&mut out, opcode, data);
            taken_bytes += frame_bytes;
            taken_packets += 1;
            packets += 1;
        }
        if taken_bytes == 0 {
            break;
        }
        all_compress &= compress;
        queue.take_front(taken_bytes, taken_packets);
    }
    Payload {
        body: out,
        compress: all_compress,
    }
}

/// Appends the packet of one frame.
pub(crate) fn push_packet(out: &mut Vec<u8>, opcode: Opcode, data: &[u8]) {
    if !out.is_empty() {
        out.push(SEPARATOR as u8);
    }
    if opcode == Opcode::Binary {
        out.push(b'b');
        out.extend_from_slice(BASE64.encode(data).as_bytes());
    } else {
        out.extend_from_slice(data);
    }
}

/// A payload that is as long gets no further packet: the client has to hold it whole before it sees the first.
const PAYLOAD_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piece::{Piece, Terms};
    use bytes::Bytes;
    use proptest::prelude::*;

    fn push(queue: &mut ByteQueue, opcode: Opcode, data: &[u8], shared: bool) {
        let mut frame = Vec::new();
        frame::push_header(&mut frame, opcode, data.len());
        frame.extend_from_slice(data);
        let frame = Bytes::from(frame);
        let piece = if shared {
            Piece::shared(&frame, 1)
        } else {
            Piece::borrowed(&frame, 1)
        };
        queue.push(piece, 0);
    }

    #[test]
    fn frames_become_packets() {
        let mut queue = ByteQueue::default();
        assert_eq!(take(&mut queue, 9).body, b"");
        push(&mut queue, Opcode::Text, b"4hello", false);
        push(&mut queue, Opcode::Binary, &[1, 2, 3, 4], false);
        push(&mut queue, Opcode::Text, "4\u{20ac}".as_bytes(), true);
        assert_eq!(take(&mut queue, 2).body, b"4hello\x1ebAQIDBA==");
        assert_eq!(queue.packets(), 1);
        assert_eq!(take(&mut queue, 2).body, "4\u{20ac}".as_bytes());
        assert!(queue.is_empty());
    }

    #[test]
    fn a_long_payload_ends_behind_the_packet_that_made_it_long() {
        let mut queue = ByteQueue::default();
        for _ in 0..3 {
            push(&mut queue, Opcode::Text, &[b'4'; PAYLOAD_BYTES - 1], true);
        }
        assert_eq!(take(&mut queue, usize::MAX).body.len(), 2 * PAYLOAD_BYTES - 1);
        assert_eq!(take(&mut queue, usize::MAX).body.len(), PAYLOAD_BYTES - 1);
    }

    #[test]
    fn a_payload_may_be_compressed_if_all_its_packets_may() {
        let mut queue = ByteQueue::default();
        // Two to a poll.
        for compress in [true, true, true, false, false, true, false] {
            let terms = Terms {
                compress,
                ..Terms::default()
            };
            queue.push(Piece::borrowed(&[0x81, 1, b'4'], 1).on(terms), 0);
        }
        let taken = std::iter::from_fn(|| (!queue.is_empty()).then(|| take(&mut queue, 2).compress));
        assert_eq!(taken.collect::<Vec<_>>(), [true, false, false, false]);
    }

    proptest! {
        #[test]
        fn every_packet_leaves_once_and_in_order(
            sizes in proptest::collection::vec((1_usize..70_000, any::<bool>()), 0..40),
            packets_max in 1_usize..20,
        ) {
            let (mut queue, mut expected, mut left) = (ByteQueue::default(), Vec::new(), Vec::new());
            for (index, (bytes, shared)) in sizes.into_iter().enumerate() {
                let data = vec![b'a' + (index % 26) as u8; bytes];
                push(&mut queue, Opcode::Text, &data, shared);
                expected.push(data);
            }
            while !queue.is_empty() {
                let payload = take(&mut queue, packets_max).body;
                let packets: Vec<_> = payload.split(|byte| *byte == SEPARATOR as u8).map(<[u8]>::to_vec).collect();
                prop_assert!(packets.len() <= packets_max);
                left.extend(packets);
            }
            prop_assert_eq!(queue.packets(), 0);
            prop_assert_eq!(left, expected);
        }
    }
}
