//! The way out of a seat: to the session it is connected in, or into the buffer for the next one.

use std::sync::Arc;

use super::offline::{Kept, NotKept, Offline};
use super::outbox::Outbox;
use super::seat::{Phase, Seat, State};
use super::socket::ClientSocket;
use crate::ack::Answers;
use crate::args::ToArgs;
use crate::error::EmitError;
use crate::outbox::{Class, Emitted};
use crate::parser::{Body, Head, Outgoing, event_args, with_frames};
use crate::piece::{Keep, Piece, Terms};
use crate::stats;

impl Seat {
    /// Encodes an event and sends it from the calling thread, or keeps it for the next session.
    pub(super) fn emit(
        self: &Arc<Self>,
        event: &str,
        id: Option<u64>,
        args: &dyn ToArgs,
        terms: Terms<'_>,
    ) -> Result<Emitted, EmitError> {
        let outgoing = self.outgoing(Body::Event(event), id, args);
        // What cannot leave is not worth encoding.
        let is_connected = match &self.lock().phase {
            Phase::Idle | Phase::Abandoned { .. } => return Err(EmitError::Disconnected),
            Phase::Connected(_) => true,
            Phase::Waiting | Phase::Authorizing | Phase::Connecting(_) => false,
        };
        self.show(&outgoing);
        if !is_connected && terms.keep == Keep::Volatile {
            stats::increment(&self.link.stats.volatile_dropped);
            return Ok(Emitted::Dropped);
        }
        with_frames(&self.link.codec, &outgoing, |frames, count| {
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
        })?
    }

    /// Where events leave now.
    pub(super) fn outbox(&self) -> Option<Arc<Outbox>> {
        match &self.lock().phase {
            Phase::Connected(outbox) => Some(outbox.clone()),
            _ => None,
        }
    }

    /// Bytes that are kept for the next session.
    pub(super) fn kept_bytes(&self) -> usize {
        self.lock().offline.bytes()
    }

    /// Lets catch-alls for what is sent hear an event. What cannot be encoded is not sent either.
    fn show(self: &Arc<Self>, outgoing: &Outgoing<'_>) {
        if self.hooks.outgoing().is_some()
            && let Some((event, args)) = event_args(outgoing)
            && let Some(socket) = ClientSocket::of(self)
        {
            self.hooks.overhear(&socket, &event, &args);
        }
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

    fn outgoing<'a>(&'a self, body: Body<'a>, id: Option<u64>, args: &'a dyn ToArgs) -> Outgoing<'a> {
        Outgoing {
            head: Head {
                body,
                namespace: &self.namespace,
                id,
            },
            args,
            offset: None,
        }
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
        let outgoing = self.seat.outgoing(Body::Ack, Some(id), args);
        with_frames(&self.seat.link.codec, &outgoing, |frames, count| {
            let state = self.seat.lock();
            match &state.phase {
                Phase::Connected(outbox) if state.join == self.join => {
                    outbox.send(Piece::borrowed(frames, count), Class::Data).map(drop)
                }
                _ => Err(EmitError::Disconnected),
            }
        })?
    }
}
