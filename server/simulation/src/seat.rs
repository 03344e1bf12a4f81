//! A person's seat in a match: the inputs that come from there, and what its client has seen.
//!
//! Events and the note of a slipped clock ride in the snapshots. A client has them for certain when it has taken the
//! snapshot that carried them, and a superseded snapshot was not taken; so for each client two points of progress are
//! kept, that of the last taken snapshot and that of the one in the mailbox:
//!
//! ```text
//! events of the match   0 1 2 3 4 5 6 7 8 9
//!                             ^       ^     ^
//!                         taken    sent     end of the log
//! next snapshot, if the one in the mailbox was taken:       7 8 9
//! next snapshot, if it is superseded:               3 4 5 6 7 8 9
//! ```

use bytes::BytesMut;
use shared::ids::{EntityId, PlayerId};

use crate::event_log::EventSeq;
use crate::input_buffer::InputBuffer;
use crate::mailbox::{MailboxWriter, Previous};
use crate::places::Place;
use crate::view_age::view_age_max;

/// A person in a match.
#[derive(Debug)]
pub(crate) struct Seat<I> {
    pub(crate) player: PlayerId,
    pub(crate) entity: EntityId,
    pub(crate) name: String,
    pub(crate) inputs: InputBuffer<I>,
    pub(crate) view: ClientView,
    /// Given back when the seat is dropped.
    pub(crate) _place: Place,
}

impl<I> Seat<I> {
    /// The oldest view that is believed of this person, quarters of a tick.
    pub(crate) const fn view_age_max(&self) -> u8 {
        view_age_max(None)
    }
}

/// How much of what happened a snapshot covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The first event that it does not carry.
    pub(crate) events: EventSeq,
    /// How often the clock of the match had slipped.
    pub(crate) slips: u32,
}

/// What one client has seen, and the way to it.
#[derive(Debug)]
pub(crate) struct ClientView {
    mailbox: MailboxWriter,
    taken: Progress,
    sent: Progress,
    /// Owns the memory of the snapshot in the mailbox and uses it again when the client is done with it. Each client
    /// has its own: one shared by all would be kept alive as a whole by the slowest of them.
    buffer: BytesMut,
}

impl ClientView {
    /// A client that sees what happens after `now`.
    pub(crate) fn new(mailbox: MailboxWriter, now: Progress) -> Self {
        Self {
            mailbox,
            taken: now,
            sent: now,
            buffer: BytesMut::new(),
        }
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.mailbox.is_abandoned()
    }

    /// Takes the last snapshot back if nobody took it. To be called before the next one is made.
    pub(crate) fn settle(&mut self) -> Previous {
        let previous = self.mailbox.take_back();
        if previous == Previous::Taken {
            self.taken = self.sent;
        }
        previous
    }

    /// How much the client has for certain.
    pub(crate) const fn taken(&self) -> Progress {
        self.taken
    }

    /// Gives up events that are not kept any longer.
    pub(crate) const fn lose_events(&mut self, lost: u64) {
        self.taken.events.skip(lost);
    }

    /// Puts a snapshot in that covers what happened until `progress`.
    pub(crate) fn put(&mut self, header: &[u8], body: &[u8], progress: Progress) {
        self.buffer.reserve(header.len() + body.len());
        self.buffer.extend_from_slice(header);
        self.buffer.extend_from_slice(body);
        self.mailbox.put(self.buffer.split().freeze());
        self.sent = progress;
    }
}
