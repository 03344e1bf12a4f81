//! The way out of a seat: to the session it is connected in, or into the buffer for the next one.

use std::sync::Arc;

use super::offline::{Kept, NotKept, Offline};
use super::outbox::Outbox;
use super::seat::{Phase, Seat, State};
use crate::ack::Answers;
use crate::args::ToArgs;
use crate::error::EmitError;
use crate::outbox::{Class, Emitted};
use crate::parser::{Body, Head, Outgoing, with_frames};
use crate::piece::{Keep, Piece, Terms};
use crate::stats;

impl Seat {
    /// Encodes an event and sends it from the calling thread, or keeps it for the next session.
    pub(super) fn emit(
        &self,
        event: &str,
        id: Option<u64>,
        args: &dyn ToArgs,
        terms: Terms<'_>,
    ) -> Result<Emitted, EmitError> {
        // What cannot leave is not worth encoding.
        match &self.lock().phase {
            Phase::Idle | Phase::Abandoned { .. } => return Err(EmitError::Disconnected),
            Phase::Connected(_) => {}
            Phase::Waiting | Phase::Authorizing | Phase::Connecting(_) if terms.keep == Keep::Volatile => {
                stats::increment(&self.link.stats.volatile_dropped);
                return Ok(Emitted::Dropped);
            }
            Phase::Waiting | Phase::Authorizing | Phase::Connecting(_) => {}
        }
        self.encode(Body::Event(event), id, args, |frames, count| {
            let mut state = self.lock();
            match &state.phase {
                Phase::Connected(outbox) => {
                    outbox.send(Piece::borrowed(frames, count).on(terms), Class::Data)
                }
                Phase::Idle | Phase::Abandoned { .. } => Err(EmitError::Disconnected),
                Phase::Waiting | Phase::Authorizing | Phase::Connecting(_) => {
                    let packet = Kept {
                        frames: frames.into(),
                        count,
                        ack: id,
                    };
                    self.keep(&mut state, packet)
                }
            }
        })
    }

    /// Counts packets that will never leave, and lets those know who wait for their answers.
    pub(super) fn forget(&self, packets: impl IntoIterator<Item = Kept>) {
        for packet in packets {
            stats::increment(&self.link.stats.offline_dropped);
            if let Some(id) = packet.ack {
                self.acks.abandon(id);
            }
        }
    }

    fn keep(&self, state: &mut State, packet: Kept) -> Result<Emitted, EmitError> {
        let limits = &self.link.config.offline;
        if limits.packets_max == 0 {
            return Err(EmitError::Disconnected);
        }
        match state.offline.push(packet, limits) {
            Ok(dropped) => {
                self.forget(dropped);
                Ok(Emitted::Queued)
            }
            Err(error) => {
                stats::increment(&self.link.stats.offline_refused);
                Err(match error {
                    NotKept::Full => EmitError::Full,
                    NotKept::TooLarge => EmitError::TooLarge,
                })
            }
        }
    }

    fn encode<T>(
        &self,
        body: Body<'_>,
        id: Option<u64>,
        args: &dyn ToArgs,
        send: impl FnOnce(&[u8], usize) -> Result<T, EmitError>,
    ) -> Result<T, EmitError> {
        let head = Head {
            body,
            namespace: &self.namespace,
            id,
        };
        let outgoing = Outgoing {
            head,
            args,
            offset: None,
        };
        with_frames(&self.link.codec, &outgoing, send)?
    }
}

/// Sends what was kept, in order; what the server does not take comes back. The bound of the outbox does not count:
/// what was kept is bounded, and moves.
pub(super) fn send_kept(offline: &mut Offline, outbox: &Outbox) -> Vec<Kept> {
    let mut lost = Vec::new();
    for packet in offline.take() {
        let piece = Piece::borrowed(&packet.frames, packet.count);
        if outbox.send_kept(piece).is_err() {
            lost.push(packet);
        }
    }
    lost
}

/// Answers an event of the join in which it came, and of no other: there its id may be that of another event.
pub(super) struct Answerer {
    pub(super) seat: Arc<Seat>,
    pub(super) join: u64,
}

impl Answers for Answerer {
    fn answer(&self, id: u64, args: &dyn ToArgs) -> Result<(), EmitError> {
        self.seat.encode(Body::Ack, Some(id), args, |frames, count| {
            let state = self.seat.lock();
            match &state.phase {
                Phase::Connected(outbox) if state.join == self.join => {
                    outbox.send(Piece::borrowed(frames, count), Class::Data).map(drop)
                }
                _ => Err(EmitError::Disconnected),
            }
        })
    }
}
