//! The handle of one joined namespace.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::event::EventRef;
use super::link::Handle;
use super::seat::Seat;
use crate::args::{Args, ToArgs};
use crate::error::{AckError, EmitError};
use crate::parser::Body;
use crate::reason::DisconnectReason;

/// One namespace of a [`Client`](super::Client). Cheap to clone; all clones are the same socket.
///
/// A listener that holds a clone keeps the connection open until [`Client::close`](super::Client::close), or until the
/// server ends it; [`EventRef::emit`] answers without one.
#[derive(Clone)]
pub struct ClientSocket {
    seat: Arc<Seat>,
    _handle: Arc<Handle>,
}

impl ClientSocket {
    pub(super) fn new(seat: Arc<Seat>, handle: Arc<Handle>) -> Self {
        Self {
            seat,
            _handle: handle,
        }
    }

    /// The id the server gave: 20 characters, the same as on the server. Empty before the namespace is joined.
    pub fn id(&self) -> String {
        self.seat.id()
    }

    /// Name of its namespace, starting with a slash.
    pub fn namespace(&self) -> &str {
        &self.seat.namespace
    }

    /// Whether the namespace is joined and neither side has left it.
    pub fn is_connected(&self) -> bool {
        self.seat.is_connected()
    }

    /// Calls `f` for each `event`, in order of arrival, in place on the task of the connection with borrowed arguments.
    /// It must not block, and a panic ends at the listener. A second listener for the same event replaces the first.
    pub fn on(&self, event: &str, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) {
        self.seat.listen(event, Arc::new(f));
    }

    /// Calls `f` once when the socket is disconnected, at once if it is already. A socket that never was connected,
    /// because the server refused it, calls nothing: its join has failed.
    pub fn on_disconnect(&self, f: impl Fn(DisconnectReason) + Send + Sync + 'static) {
        self.seat.on_disconnect(Box::new(f));
    }

    /// Sends an event, writing from the calling thread.
    ///
    /// # Errors
    /// When the socket is not connected, the outbox is full, the packet is too large for us or for the server, or it
    /// cannot be encoded. Nothing of it was sent then.
    pub fn emit(&self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        self.seat.send(Body::Event(event), None, &args)
    }

    /// Sends an event and waits for the server's answer.
    ///
    /// # Errors
    /// When no answer came in time, the socket went away, too many answers are pending, or the event was not sent.
    pub async fn emit_with_ack(
        &self,
        event: &str,
        args: impl ToArgs,
        timeout: Duration,
    ) -> Result<Args, AckError> {
        let id = self.seat.next_ack_id();
        let mut pending = self.seat.acks.expect(id)?;
        self.seat.send(Body::Event(event), Some(id), &args)?;
        match tokio::time::timeout(timeout, &mut pending.answer).await {
            Ok(Ok(args)) => Ok(args),
            Ok(Err(_)) => Err(AckError::Disconnected),
            Err(_) => Err(AckError::Timeout),
        }
    }

    /// Leaves the namespace; the connection stays open. Before the server has answered, it gives up joining.
    pub fn disconnect(&self) {
        self.seat.leave();
    }
}

impl fmt::Debug for ClientSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSocket")
            .field("namespace", &self.namespace())
            .field("is_connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}
