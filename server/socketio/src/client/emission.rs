//! What a client sends, and on which terms. The names, and what they mean, are those of the server's.

use std::pin::pin;
use std::time::Duration;

use super::socket::ClientSocket;
use crate::args::{Args, ToArgs};
use crate::error::{AckError, EmitError};
use crate::outbox::Emitted;
use crate::piece::{Keep, Terms};

impl ClientSocket {
    /// Sends an event, writing from the calling thread. While the socket is connecting or reconnecting the event is kept
    /// and leaves later, see [`ClientConfig::offline`](super::ClientConfig::offline).
    ///
    /// # Errors
    /// When the socket is not wanted connected, the outbox or the buffer is full, the packet is too large for us or for the
    /// server, or it cannot be encoded. Nothing of it was sent then.
    pub fn emit(&self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        self.emission().emit(event, args).map(drop)
    }

    /// Sends an event and waits for the server's answer, for as long as
    /// [`ClientConfig::ack_timeout`](super::ClientConfig::ack_timeout) says; [`ClientSocket::timeout`] says otherwise. The
    /// time counts from now, also while the event is kept for a connection.
    ///
    /// # Errors
    /// When no answer came in time, the connection was lost, too many answers are pending, or the event was not sent.
    pub async fn emit_with_ack(&self, event: &str, args: impl ToArgs) -> Result<Args, AckError> {
        self.emission().emit_with_ack(event, args).await
    }

    /// Sends an event once there is room for it, see [`Emission::emit_when_room`].
    ///
    /// # Errors
    /// When the socket is not wanted connected, the packet is too large, or it cannot be encoded.
    pub async fn emit_when_room(&self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        self.emission().emit_when_room(event, args).await
    }

    /// For events that are worthless when late, see [`Emission::volatile`].
    ///
    /// ```no_run
    /// # fn example(socket: socketio::client::ClientSocket) -> Result<(), socketio::EmitError> {
    /// let emitted = socket.volatile().emit("pose", (1.0, 2.0))?;
    /// if emitted == socketio::Emitted::Dropped {
    ///     // The server does not keep up, or is away.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn volatile(&self) -> Emission<'_> {
        self.emission().volatile()
    }

    /// How long to wait for the server's answer to the event.
    ///
    /// ```no_run
    /// # async fn example(socket: socketio::client::ClientSocket) -> Result<(), socketio::AckError> {
    /// let patience = std::time::Duration::from_secs(60);
    /// let answer = socket.timeout(patience).emit_with_ack("think", "hard").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn timeout(&self, timeout: Duration) -> Emission<'_> {
        self.emission().timeout(timeout)
    }

    /// Whether what is sent now leaves now, as far as is known: the socket is connected, and nothing waits before it.
    pub fn writable(&self) -> bool {
        self.seat.outbox().is_some_and(|outbox| outbox.is_writable())
    }

    /// Bytes that were sent and have not left: those that wait for the connection of this socket, and those of the session,
    /// which all sockets of the client share.
    pub fn buffered_bytes(&self) -> usize {
        self.seat.kept_bytes() + self.seat.outbox().map_or(0, |outbox| outbox.queued_bytes())
    }

    /// Returns when nothing that was sent waits any more: it is with the kernel, or over polling with the server.
    ///
    /// # Errors
    /// When the socket is not wanted connected, or no longer.
    pub async fn drained(&self) -> Result<(), EmitError> {
        let room = &self.seat.link.room;
        loop {
            let mut changed = pin!(room.notified());
            // Something may leave between the look and the wait.
            changed.as_mut().enable();
            if !self.is_active() {
                return Err(EmitError::Disconnected);
            }
            let outbox = self.seat.outbox();
            if outbox.is_some_and(|outbox| outbox.is_drained()) && self.seat.kept_bytes() == 0 {
                return Ok(());
            }
            changed.await;
        }
    }

    fn emission(&self) -> Emission<'_> {
        Emission {
            socket: self,
            terms: Terms::default(),
            timeout: self.seat.link.config.ack_timeout,
        }
    }
}

/// One event to the server, and how it is delivered. Every method takes it and returns another, so that one may be
/// kept and used again.
#[derive(Clone, Copy)]
#[must_use]
pub struct Emission<'a> {
    socket: &'a ClientSocket,
    terms: Terms<'a>,
    timeout: Duration,
}

impl Emission<'_> {
    /// The event is worthless when late: it is sent if the socket is connected and nothing waits before it, or not at all.
    pub fn volatile(mut self) -> Self {
        self.terms.keep = Keep::Volatile;
        self
    }

    /// How long to wait for the server's answer. It only counts where an answer is asked for.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends an event, writing from the calling thread.
    ///
    /// # Errors
    /// As [`ClientSocket::emit`].
    pub fn emit(self, event: &str, args: impl ToArgs) -> Result<Emitted, EmitError> {
        self.socket.seat.emit(event, None, &args, self.terms)
    }

    /// Sends an event once there is room for it: in the outbox, or while the socket waits for its connection in the
    /// buffer. Order is kept among events of which each is awaited before the next.
    ///
    /// # Errors
    /// When the socket is not wanted connected, or no longer, the packet is too large, or it cannot be encoded.
    pub async fn emit_when_room(self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        let room = &self.socket.seat.link.room;
        loop {
            let mut changed = pin!(room.notified());
            // Something may leave between the attempt and the wait.
            changed.as_mut().enable();
            match self.socket.seat.emit(event, None, &args, self.terms) {
                Err(EmitError::Full) => changed.await,
                outcome => return outcome.map(drop),
            }
        }
    }

    /// Sends an event and waits for the server's answer. The event is on its way when the future is polled first; a
    /// future that is dropped forgets the question, and a late or second answer is ignored.
    ///
    /// # Errors
    /// When no answer came in time, the connection was lost, too many answers are pending, the event was not sent, or it is
    /// volatile and the server was not ready for it.
    pub async fn emit_with_ack(self, event: &str, args: impl ToArgs) -> Result<Args, AckError> {
        let seat = &self.socket.seat;
        let id = seat.next_ack_id();
        let mut pending = seat.acks.expect(id)?;
        match seat.emit(event, Some(id), &args, self.terms) {
            Ok(Emitted::Dropped) => return Err(AckError::Dropped),
            Ok(Emitted::Taken | Emitted::Queued) => {}
            Err(EmitError::Disconnected) => return Err(AckError::Disconnected),
            Err(error) => return Err(error.into()),
        }
        match tokio::time::timeout(self.timeout, &mut pending.answer).await {
            Ok(Ok(args)) => Ok(args),
            Ok(Err(_)) => Err(AckError::Disconnected),
            Err(_) => Err(AckError::Timeout),
        }
    }
}
