//! The place of one client in one namespace: what rooms hold and what acknowledgements answer to.
//!
//! A seat is the small part of a socket that sending needs. It refers to no handler, so whoever keeps one keeps
//! no application state alive.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::Serialize;
use serde_json::Value;

use crate::ack::Answers;
use crate::args::{Args, ToArgs};
use crate::engine::sessions::SessionHandle;
use crate::error::EmitError;
use crate::handshake::Handshake;
use crate::kept::{Missed, Pid};
use crate::outbox::{Class, Emitted, Outbox, SendError};
use crate::packet::PacketType;
use crate::parser::{Body, Codec, Encodings, Frames, Head, Outgoing, control, event_args, with_frames};
use crate::piece::{Piece, Terms};
use crate::reason::DisconnectReason;

/// What a broadcast looks at lies together and first, as in [`Outbox`].
#[repr(C)]
pub(crate) struct Seat {
    pub(crate) phase: AtomicPhase,
    /// Whether its socket wants to hear of what is sent to it.
    pub(crate) watched: AtomicBool,
    /// Unique within its namespace; rooms are indexed by it.
    pub(crate) key: u64,
    /// How its packets are written.
    pub(crate) codec: Codec,
    /// That of its session.
    pub(crate) outbox: Arc<Outbox>,
    /// The public id of the socket.
    pub(crate) id: String,
    pub(crate) namespace: Arc<str>,
    pub(crate) session: Arc<SessionHandle>,
    /// What recovery needs to know; `None` where it is off.
    pub(crate) trail: Option<Trail>,
    /// The socket that sits here. It is alive while it is connected.
    pub(crate) occupant: Weak<dyn Occupant>,
}

/// The private side of a seat that can be recovered.
pub(crate) struct Trail {
    pub(crate) pid: Pid,
    // A std mutex: held to put or take two references.
    sent: Mutex<Option<(Arc<str>, Arc<str>)>>,
}

impl Trail {
    pub(crate) fn new(pid: Pid) -> Self {
        Self {
            pid,
            sent: Mutex::default(),
        }
    }

    /// An event with this offset is sent; whether it arrives, the client knows.
    fn note(&self, offset: &Arc<str>) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *sent {
            Some((_, last)) => *last = offset.clone(),
            None => *sent = Some((offset.clone(), offset.clone())),
        }
    }

    /// Offset of the first event that was sent, and of the last.
    pub(crate) fn sent(&self) -> Option<(String, String)> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.as_ref()
            .map(|(first, last)| (first.to_string(), last.to_string()))
    }
}

/// What a seat may ask of its socket, which stands above it.
pub(crate) trait Occupant: Send + Sync {
    fn handshake(&self) -> Handshake;

    /// What the application keeps with the socket, as it is now.
    fn data(&self) -> Value;

    fn disconnect(self: Arc<Self>, close: bool);

    /// Ends the socket and its connection: the client has come back by another one.
    fn evict(self: Arc<Self>);

    /// An event is on its way to the client.
    fn hear_outgoing(self: Arc<Self>, event: &str, args: &Args);

    /// The socket itself, for those who know its type.
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// How far a seat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its client has asked to connect and was not answered.
    Expected,
    Connected,
    Gone,
}

/// A phase which any thread may read; it only moves forward.
pub(crate) struct AtomicPhase(AtomicU8);

impl AtomicPhase {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(Phase::Expected as u8))
    }

    pub(crate) fn get(&self) -> Phase {
        Self::phase(self.0.load(Ordering::Acquire))
    }

    /// Connects one that is expected; `false` if it has gone meanwhile.
    pub(crate) fn connect(&self) -> bool {
        let (from, to) = (Phase::Expected as u8, Phase::Connected as u8);
        self.0
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Ends it; what it was before.
    pub(crate) fn end(&self) -> Phase {
        Self::phase(self.0.swap(Phase::Gone as u8, Ordering::AcqRel))
    }

    fn phase(number: u8) -> Phase {
        match number {
            0 => Phase::Expected,
            1 => Phase::Connected,
            _ => Phase::Gone,
        }
    }
}

impl Seat {
    pub(crate) fn is_connected(&self) -> bool {
        self.phase.get() == Phase::Connected
    }

    /// Encodes a packet and sends it from the calling thread.
    pub(crate) fn send(
        &self,
        body: Body<'_>,
        id: Option<u64>,
        args: &dyn ToArgs,
        terms: Terms<'_>,
    ) -> Result<Emitted, EmitError> {
        self.check_connected()?;
        let outgoing = self.outgoing(body, id, args);
        if self.is_watched() {
            self.show(&event_args(&outgoing));
        }
        let outbox = &self.session.outbox;
        if !outbox.accepts(terms.keep) {
            // Not worth encoding.
            return Ok(outbox.drop_volatile());
        }
        with_frames(&self.codec, &outgoing, |frames, count| {
            outbox.send(Piece::borrowed(frames, count).on(terms), Class::Data)
        })?
        .map_err(EmitError::from)
    }

    /// Encodes an event and hands it to `post`, which sends it or not.
    pub(crate) fn with_event<R>(
        &self,
        event: &str,
        args: &dyn ToArgs,
        post: impl FnOnce(Piece<'_>) -> R,
    ) -> Result<R, EmitError> {
        self.check_connected()?;
        let outgoing = self.outgoing(Body::Event(event), None, args);
        with_frames(&self.codec, &outgoing, |frames, count| {
            post(Piece::borrowed(frames, count))
        })
    }

    /// Lets the socket hear of an event that was sent, if it wants to.
    pub(crate) fn show_event(&self, event: &str, args: &dyn ToArgs) {
        if self.is_watched() {
            self.show(&event_args(&self.outgoing(Body::Event(event), None, args)));
        }
    }

    /// Encodes a packet that is sent later.
    pub(crate) fn encode(&self, body: Body<'_>, args: &dyn ToArgs) -> Result<Frames, EmitError> {
        self.check_connected()?;
        let outgoing = self.outgoing(body, None, args);
        if self.is_watched() {
            self.show(&event_args(&outgoing));
        }
        with_frames(&self.codec, &outgoing, Frames::copy)
    }

    /// Sends a packet once there is room for it.
    pub(crate) async fn send_when_room(&self, frames: &Frames, terms: Terms<'_>) -> Result<(), EmitError> {
        let piece = Piece::shared(&frames.bytes, frames.count).on(terms);
        Ok(self.session.outbox.send_when_room(piece).await?)
    }

    /// Sends what is encoded once for many; whether the outbox has taken it. A failure has closed the connection, and
    /// its disconnect handlers tell the application.
    pub(crate) fn send_shared(&self, encodings: &mut Encodings<'_>, terms: Terms<'_>) -> bool {
        if self.is_connected() && self.is_watched() {
            self.show(encodings.event_args());
        }
        self.send_encoded(encodings, terms)
    }

    /// Looks at the first of what sending will need of it, see [`Outbox::look`]; whether it is there to be sent to.
    pub(crate) fn look(&self) -> bool {
        self.is_connected() | self.outbox.look()
    }

    /// Looks at the rest of it, see [`Outbox::look_deeper`].
    pub(crate) fn look_deeper(&self) -> bool {
        self.outbox.look_deeper()
    }

    /// The same without code of the application: no catch-all hears of it.
    pub(crate) fn send_encoded(&self, encodings: &mut Encodings<'_>, terms: Terms<'_>) -> bool {
        if !self.is_connected() {
            return false;
        }
        let outbox = &self.outbox;
        if !outbox.accepts(terms.keep) {
            outbox.drop_volatile();
            return false;
        }
        let Some((frames, tally)) = encodings.get(&self.codec) else {
            return false;
        };
        let piece = Piece::shared(&frames.bytes, frames.count).on(terms);
        matches!(
            outbox.send_tallied(piece, Class::Data, tally),
            Ok(Emitted::Taken | Emitted::Queued)
        )
    }

    /// Sends what is encoded once for many and kept for recovery. No code of the application runs.
    pub(crate) fn send_kept(
        &self,
        encodings: &mut Encodings<'_>,
        terms: Terms,
        trail: &Trail,
        offset: &Arc<str>,
    ) {
        // One that is about to leave counts: it has missed what comes now.
        if self.phase.get() != Phase::Expected {
            trail.note(offset);
            let is_sent = self.send_encoded(encodings, terms);
            if !is_sent && self.is_connected() && encodings.failure().is_none() {
                self.break_off();
            }
        }
    }

    /// Sends what a client has missed, before it is connected.
    pub(crate) fn send_missed(&self, missed: &[Missed]) {
        for Missed { packet, offset } in missed {
            if let Some(trail) = &self.trail {
                trail.note(offset);
            }
            let outgoing = packet.outbound().outgoing(&self.namespace, None, Some(offset));
            let sent = with_frames(&self.codec, &outgoing, |frames, count| {
                self.session
                    .outbox
                    .send(Piece::borrowed(frames, count), Class::Data)
            });
            match sent {
                Ok(Ok(_)) => {}
                Ok(Err(_)) => return self.break_off(),
                Err(error) => {
                    tracing::error!(event = packet.event(), %error, "a missed event cannot be encoded");
                }
            }
        }
    }

    /// An event that is kept was refused: what comes behind it must not hide that. The client comes back for it, since
    /// this reason keeps its session. A connection that is closing already goes on as it does.
    fn break_off(&self) {
        self.session
            .outbox
            .request_close(DisconnectReason::ForcedServerClose);
    }

    /// Sends the answer to CONNECT, with the headroom of control frames.
    pub(crate) fn send_connect(&self) {
        let welcome = Welcome {
            sid: &self.id,
            pid: self.trail.as_ref().map(|trail| trail.pid.expose()),
            compact: self.codec.compact_names(),
        };
        let message = control(&self.codec, PacketType::Connect, &self.namespace, Some(&welcome));
        // A closed outbox is noticed by the driver.
        let _ = self
            .session
            .outbox
            .send(Piece::borrowed(&message.to_frame(), 1), Class::Control);
    }

    /// Sends DISCONNECT, with the headroom of control frames.
    pub(crate) fn send_disconnect(&self) {
        let message = control::<()>(&self.codec, PacketType::Disconnect, &self.namespace, None);
        let frame = message.to_frame();
        let _ = self
            .session
            .outbox
            .send(Piece::borrowed(&frame, 1), Class::Control);
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

    pub(crate) fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed)
    }

    /// Lets its socket hear of an event; what cannot be encoded is not sent either.
    pub(crate) fn show(&self, event: &Option<(String, Args)>) {
        if let (Some((name, args)), Some(occupant)) = (event, self.occupant.upgrade()) {
            occupant.hear_outgoing(name, args);
        }
    }

    fn check_connected(&self) -> Result<(), EmitError> {
        if self.is_connected() {
            Ok(())
        } else {
            Err(EmitError::Disconnected)
        }
    }
}

/// The data of a CONNECT that we answer with.
#[derive(Serialize)]
struct Welcome<'a> {
    sid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<&'a str>,
    /// Names of the compact events, where that is the parser.
    #[serde(skip_serializing_if = "Option::is_none")]
    compact: Option<&'a [String]>,
}

impl Answers for Seat {
    fn answer(&self, id: u64, args: &dyn ToArgs) -> Result<(), EmitError> {
        self.send(Body::Ack, Some(id), args, Terms::default()).map(drop)
    }
}

impl From<SendError> for EmitError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Closed => Self::Disconnected,
            SendError::TooLarge => Self::TooLarge,
            SendError::Full => Self::Full,
        }
    }
}
