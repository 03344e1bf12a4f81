//! What is sent to one socket, and on which terms.

use std::time::Duration;

use crate::adapter::{Delivery, Outbound, Selection};
use crate::args::{Args, ToArgs};
use crate::error::{AckError, EmitError};
use crate::outbox::Emitted;
use crate::parser::Body;
use crate::piece::{Keep, Terms};
use crate::socket::Socket;

impl Socket {
    /// Sends an event, writing from the calling thread. What the kernel does not take waits in the outbox.
    ///
    /// # Errors
    /// When the socket is gone, when the outbox is full (see [`OutboxPolicy`](crate::OutboxPolicy)), or when the arguments cannot be encoded.
    pub fn emit(&self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        self.emission().emit(event, args).map(drop)
    }

    /// Sends an event and waits for the client's answer, for as long as
    /// [`Config::ack_timeout`](crate::Config::ack_timeout) says; [`Socket::timeout`] says otherwise.
    ///
    /// # Errors
    /// When no answer came in time, the socket went away, too many answers are pending, or the event was not sent.
    pub async fn emit_with_ack(&self, event: &str, args: impl ToArgs) -> Result<Args, AckError> {
        self.emission().emit_with_ack(event, args).await
    }

    /// Sends an event once there is room for it in the outbox, see [`Emission::emit_when_room`].
    ///
    /// # Errors
    /// When the socket is gone or goes while this waits, or the arguments cannot be encoded.
    pub async fn emit_when_room(&self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        self.emission().emit_when_room(event, args).await
    }

    /// For events that are worthless when late, see [`Emission::volatile`].
    pub fn volatile(&self) -> Emission<'_> {
        self.emission().volatile()
    }

    /// For events that are worthless once there is a newer one, see [`Emission::latest`].
    pub fn latest<'a>(&'a self, key: &'a str) -> Emission<'a> {
        self.emission().latest(key)
    }

    /// Whether a transport that compresses may compress the event; it may if nothing is said.
    pub fn compress(&self, compress: bool) -> Emission<'_> {
        self.emission().compress(compress)
    }

    /// How long to wait for the client's answer to the event.
    pub fn timeout(&self, timeout: Duration) -> Emission<'_> {
        self.emission().timeout(timeout)
    }

    fn emission(&self) -> Emission<'_> {
        Emission {
            socket: self,
            terms: Terms::default(),
            timeout: self.config().ack_timeout,
        }
    }
}

/// One event to one socket, and how it is delivered. Every method takes it and returns another, so that one may be
/// kept and used again.
#[derive(Clone, Copy)]
#[must_use]
pub struct Emission<'a> {
    socket: &'a Socket,
    terms: Terms<'a>,
    timeout: Duration,
}

impl<'a> Emission<'a> {
    /// The event is worthless when late: it is sent if nothing waits before it and the client is ready for it now, or
    /// not at all. Over polling the client is ready while a poll waits, so one event is taken and the next is dropped.
    /// Under [`OutboxPolicy::DropVolatileFirst`](crate::OutboxPolicy::DropVolatileFirst) it may wait. An event is volatile or has a key, whatever is said last.
    pub fn volatile(mut self) -> Self {
        self.terms.keep = Keep::Volatile;
        self
    }

    /// The event is worthless once there is a newer one of the same `key`: under [`OutboxPolicy::CoalesceLatest`](crate::OutboxPolicy::CoalesceLatest) it
    /// takes the place of one that still waits, and thereby leaves before what was emitted between the two. That the
    /// place is kept is what gives each key its turn on a slow link. Keys belong to the connection, so namespaces
    /// share them.
    pub fn latest(mut self, key: &'a str) -> Self {
        self.terms.keep = Keep::Latest(key);
        self
    }

    /// Whether a transport that compresses may compress the event; it may if nothing is said.
    pub fn compress(mut self, compress: bool) -> Self {
        self.terms.compress = compress;
        self
    }

    /// How long to wait for the client's answer. It only counts where an answer is asked for.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends an event, writing from the calling thread.
    ///
    /// # Errors
    /// As [`Socket::emit`].
    pub fn emit(self, event: &str, args: impl ToArgs) -> Result<Emitted, EmitError> {
        let seat = self.socket.seat();
        if seat.trail.is_some() && self.terms.keep == Keep::Always && self.socket.scope().local.recovers() {
            return self.emit_kept(Outbound { event, args: &args });
        }
        seat.send(Body::Event(event), None, &args, self.terms)
    }

    /// Sends an event that is kept for recovery. That makes it a broadcast to the room of this socket.
    fn emit_kept(self, outbound: Outbound<'_>) -> Result<Emitted, EmitError> {
        if !self.socket.is_connected() {
            return Err(EmitError::Disconnected);
        }
        let packet = outbound.to_packet()?;
        if packet.bytes() > self.socket.config().outbox_bytes_max {
            return Err(EmitError::TooLarge);
        }
        let delivery = Delivery {
            compress: self.terms.compress,
            ..Delivery::default()
        };
        let (adapter, selection) = (&self.socket.scope().adapter, Selection::one(self.socket.id()));
        adapter.broadcast(packet.outbound(), &selection, &delivery);
        Ok(Emitted::Queued)
    }

    /// Sends an event once there is room for it in the outbox, whatever the policy. The arguments are encoded when the
    /// future is polled first. Order is kept among events of which each is awaited before the next. Where recovery is on,
    /// it is not kept for a client that is away.
    ///
    /// # Errors
    /// When the socket is gone or goes while this waits, or the arguments cannot be encoded.
    pub async fn emit_when_room(self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        let seat = self.socket.seat();
        let frames = seat.encode(Body::Event(event), &args)?;
        seat.send_when_room(&frames, self.terms).await
    }

    /// Sends an event and waits for the client's answer. The event is on its way when the future is polled first; a
    /// future that is dropped forgets the question, and a late or second answer is ignored.
    ///
    /// # Errors
    /// When no answer came in time, the socket went away, too many answers are pending, the event was not sent, or it is
    /// volatile and the client was not ready for it.
    pub async fn emit_with_ack(self, event: &str, args: impl ToArgs) -> Result<Args, AckError> {
        let (id, mut pending) = self.socket.expect_ack()?;
        let sent = self
            .socket
            .seat()
            .send(Body::Event(event), Some(id), &args, self.terms)?;
        if sent == Emitted::Dropped {
            return Err(AckError::Dropped);
        }
        match tokio::time::timeout(self.timeout, &mut pending.answer).await {
            Ok(Ok(args)) => Ok(args),
            Ok(Err(_)) => Err(AckError::Disconnected),
            Err(_) => Err(AckError::Timeout),
        }
    }
}
