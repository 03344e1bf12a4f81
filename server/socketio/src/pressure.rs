//! How far a client is behind with taking what is sent to it.

use std::sync::Arc;
use std::task::Context;

use crate::error::{EmitError, MailboxError};
use crate::mailbox::Mailbox;
use crate::outbox::{Outbox, OutboxPolicy};
use crate::socket::Socket;

impl Socket {
    /// Holds back what is sent to this client until the guard is dropped, so that it leaves in one write.
    pub fn cork(&self) -> Cork<'_> {
        self.outbox().cork();
        Cork { socket: self }
    }

    /// Whether the kernel takes what is sent now, as far as is known.
    pub fn writable(&self) -> bool {
        self.is_connected() && self.outbox().is_writable()
    }

    /// Bytes sent to this client that the kernel has not taken yet, bounded by
    /// [`Config::outbox_bytes_max`](crate::Config::outbox_bytes_max). As all sockets of a connection share its outbox,
    /// they share this number.
    pub fn buffered_bytes(&self) -> usize {
        self.outbox().queued().0
    }

    /// The same in packets, bounded by [`Config::outbox_packets_max`](crate::Config::outbox_packets_max); an
    /// attachment is a packet.
    pub fn buffered_packets(&self) -> usize {
        self.outbox().queued().1
    }

    /// Returns when nothing waits for this client any more and it can be written to again. Over polling that is when a
    /// poll has taken everything.
    ///
    /// # Errors
    /// When the connection ends first.
    pub async fn drained(&self) -> Result<(), EmitError> {
        Ok(self.outbox().drained().await?)
    }

    /// Changes what happens when the outbox of this client is full, for all sockets of its connection. At first it is
    /// [`Config::outbox_policy`](crate::Config::outbox_policy).
    pub fn set_outbox_policy(&self, policy: OutboxPolicy) {
        self.outbox().set_policy(policy);
    }

    /// The mailbox of this socket for `event`: the place for values of which only the newest counts, such as snapshots.
    /// The same event has the same mailbox. A client that comes back is a new socket with new mailboxes, also when
    /// its session is recovered: what it has not acknowledged itself it may not have.
    ///
    /// # Errors
    /// When the socket is not connected, or has too many mailboxes.
    pub fn mailbox(&self, event: &str) -> Result<Mailbox, MailboxError> {
        if !self.is_connected() {
            return Err(MailboxError::Disconnected);
        }
        let count_max = self.config().mailboxes_max;
        self.mailboxes().open(event, self.seat(), self.stats(), count_max)
    }

    /// Sends what waits in mailboxes, as long as the client is ready. Called by the driver.
    pub(crate) fn deliver_mail(&self, cx: &mut Context<'_>) {
        self.mailboxes().deliver(self.seat(), self.stats(), cx);
    }

    fn outbox(&self) -> &Arc<Outbox> {
        &self.seat().session.outbox
    }
}

/// Holds a client's outbox back while it lives, see [`Socket::cork`].
pub struct Cork<'a> {
    socket: &'a Socket,
}

impl Drop for Cork<'_> {
    fn drop(&mut self) {
        self.socket.outbox().uncork();
    }
}
