//! What the layer above gives to a transport driver. The driver calls, the application never calls back into it:
//! whatever it wants to send goes to the outbox of the session.

use std::sync::Arc;
use std::task::Context;
use std::time::Instant;

use bytes::Bytes;

use super::handshake::Query;
use super::sessions::SessionHandle;
use crate::reason::DisconnectReason;

/// The layer above Engine.IO. A trait object: a call per message through a table costs nothing beside the reading of
/// the message, and no driver has to be generic.
pub(crate) trait Application: Send + Sync + 'static {
    /// Whether a handshake with this query may open a session.
    fn speaks(&self, _query: &Query) -> bool {
        true
    }

    /// A session has opened; its open packet is on the way. Returns the application's side of it.
    fn open(&self, session: Arc<SessionHandle>, now: Instant) -> Box<dyn Client>;
}

/// The application's side of one session. All calls come from the one driver task, in order of arrival.
/// An error closes the session with that reason.
pub(crate) trait Client: Send + 'static {
    /// A text message arrived.
    fn on_text(&mut self, now: Instant, text: &str) -> Result<(), DisconnectReason>;

    /// A binary message arrived.
    fn on_binary(&mut self, now: Instant, data: Bytes) -> Result<(), DisconnectReason>;

    /// Goes on with what waits for something other than the peer. Called in every turn of the driver, behind its reads;
    /// the waker brings the next turn.
    fn poll(&mut self, cx: &mut Context<'_>) -> Result<(), DisconnectReason>;

    /// When [`Client::handle_timeout`] wants to be called.
    fn poll_timeout(&self) -> Option<Instant>;

    /// A deadline of [`Client::poll_timeout`] may have passed.
    fn handle_timeout(&mut self, now: Instant) -> Result<(), DisconnectReason>;

    /// The session ends. Control frames sent here still leave, unless the stream is broken.
    fn on_close(&mut self, reason: DisconnectReason);
}
