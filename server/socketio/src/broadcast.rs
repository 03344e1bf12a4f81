//! One event to many sockets: encoded and framed once, its bytes shared by all.

use std::sync::Arc;

use crate::adapter::{Scope, Selection};
use crate::args::ToArgs;
use crate::byte_queue::Terms;
use crate::parser::{Body, Encodings, Head, Outgoing};

/// A choice of sockets in one namespace. Every method returns a new choice, so that one may be kept and narrowed.
#[derive(Clone)]
pub struct Broadcast {
    scope: Arc<Scope>,
    selection: Selection,
    terms: Terms,
}

impl Broadcast {
    pub(crate) fn new(scope: Arc<Scope>, except_key: Option<u64>) -> Self {
        Self {
            scope,
            selection: Selection {
                except_key,
                ..Selection::default()
            },
            terms: Terms::default(),
        }
    }

    /// Also the sockets in `room`. Rooms add up, and a socket in several of them hears an event once.
    #[must_use]
    pub fn to(mut self, room: &str) -> Self {
        self.selection.rooms.push(room.to_owned());
        self
    }

    /// Not the sockets in `room`, whatever other room they are in.
    #[must_use]
    pub fn except(mut self, room: &str) -> Self {
        self.selection.except.push(room.to_owned());
        self
    }

    /// Only to sockets that are ready for it; the others miss the event.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.terms.volatile = true;
        self
    }

    /// Whether a transport that compresses may compress the event; it may if nothing is said.
    #[must_use]
    pub fn compress(mut self, compress: bool) -> Self {
        self.terms.compress = compress;
        self
    }

    /// Sends an event to all chosen sockets, writing from the calling thread. With no recipient nothing is encoded.
    ///
    /// Arguments that cannot be encoded are a mistake of the program; it is logged as an error.
    pub fn emit(&self, event: &str, args: impl ToArgs) {
        let targets = self.scope.adapter.select(&self.selection);
        let outgoing = Outgoing {
            head: Head {
                body: Body::Event(event),
                namespace: &self.scope.name,
                id: None,
            },
            args: &args,
            offset: None,
        };
        let mut encodings = Encodings::new(outgoing, &self.scope.stats);
        for seat in targets.iter() {
            seat.send_shared(&mut encodings, self.terms);
        }
    }
}
