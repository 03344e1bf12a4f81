//! What is emitted while a socket waits for its connection, in order, bounded.

use std::collections::VecDeque;

use super::config::{OfflineBuffer, WhenFull};

/// The buffer of one socket.
#[derive(Debug, Default)]
pub(super) struct Offline {
    packets: VecDeque<Kept>,
    bytes: usize,
}

/// One packet, encoded.
#[derive(Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) frames: Box<[u8]>,
    /// Number of the frames.
    pub(super) count: usize,
    /// The acknowledgement that somebody waits for.
    pub(super) ack: Option<u64>,
}

/// The packet was not kept.
#[derive(Debug, PartialEq)]
pub(super) enum NotKept {
    Full,
    /// It alone is larger than the buffer.
    TooLarge,
}

impl Offline {
    /// Keeps a packet. What had to make room for it comes back.
    pub(super) fn push(&mut self, packet: Kept, limits: &OfflineBuffer) -> Result<Vec<Kept>, NotKept> {
        let bytes = packet.frames.len();
        if bytes > limits.bytes_max {
            return Err(NotKept::TooLarge);
        }
        let mut dropped = Vec::new();
        while self.packets.len() >= limits.packets_max || self.bytes + bytes > limits.bytes_max {
            match (limits.when_full, self.packets.pop_front()) {
                (WhenFull::DropOldest, Some(oldest)) => {
                    self.bytes -= oldest.frames.len();
                    dropped.push(oldest);
                }
                (WhenFull::Refuse, Some(oldest)) => {
                    self.packets.push_front(oldest);
                    return Err(NotKept::Full);
                }
                (_, None) => return Err(NotKept::Full),
            }
        }
        self.bytes += bytes;
        self.packets.push_back(packet);
        Ok(dropped)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes everything.
    pub(super) fn take(&mut self) -> VecDeque<Kept> {
        self.bytes = 0;
        std::mem::take(&mut self.packets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: u64, bytes: usize) -> Kept {
        Kept {
            frames: vec![0; bytes].into(),
            count: 1,
            ack: Some(id),
        }
    }

    /// Pushes packets of these sizes; which of them were refused, which made room, and which are left.
    fn check(limits: OfflineBuffer, sizes: &[usize], refused: &[u64], dropped: &[u64], left: &[u64]) {
        let mut offline = Offline::default();
        let (mut found_refused, mut found_dropped) = (Vec::new(), Vec::new());
        for (id, bytes) in sizes.iter().enumerate() {
            match offline.push(kept(id as u64, *bytes), &limits) {
                Ok(dropped) => found_dropped.extend(dropped.iter().filter_map(|packet| packet.ack)),
                Err(_) => found_refused.push(id as u64),
            }
        }
        assert_eq!((&found_refused[..], &found_dropped[..]), (refused, dropped));
        let bytes: usize = offline.packets.iter().map(|packet| packet.frames.len()).sum();
        assert_eq!(offline.bytes, bytes);
        let found_left: Vec<_> = offline.take().iter().filter_map(|packet| packet.ack).collect();
        assert_eq!(found_left, left);
        assert_eq!(offline.bytes, 0);
    }

    #[test]
    fn a_full_buffer_refuses_or_forgets_the_oldest() {
        let refuse = OfflineBuffer {
            packets_max: 3,
            bytes_max: 10,
            when_full: WhenFull::Refuse,
        };
        check(refuse, &[4, 4, 4, 2, 0], &[2, 4], &[], &[0, 1, 3]);
        check(refuse, &[11, 1], &[0], &[], &[1]);
        let drop_oldest = OfflineBuffer {
            when_full: WhenFull::DropOldest,
            ..refuse
        };
        check(drop_oldest, &[4, 4, 4, 2, 9], &[], &[0, 1, 2, 3], &[4]);
        check(drop_oldest, &[1, 1, 1, 1, 11], &[4], &[0], &[1, 2, 3]);
        let nothing = OfflineBuffer {
            packets_max: 0,
            ..drop_oldest
        };
        check(nothing, &[1], &[0], &[], &[]);
    }
}
