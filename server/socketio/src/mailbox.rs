//! A place for one value on its way to one client, where a newer value replaces an older one that has not left.
//!
//! ```text
//!         put, the client is ready             taken
//! [empty] ────────────────────────────────────────────► [empty]
//!    │ put, it is not                                      ▲
//!    ▼            all that waits before it has left        │
//! [waits] ─────────────────────────────────────────────────┘
//!    ▲ │ put: replaced
//!    └─┘
//! ```
//!
//! A value is encoded when nothing waits before it, by whoever puts it or by the driver, and never under a lock: a
//! value is numbered, and whoever has encoded one posts it only if it is still the newest. So whoever puts the next
//! one knows what became of it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Context;

use crate::args::ToArgs;
use crate::error::{EmitError, MailboxError};
use crate::guard::guarded;
use crate::outbox::SendError;
use crate::piece::Piece;
use crate::seat::Seat;
use crate::stats::{self, Stats};

/// A mailbox of one socket for one event, see [`Socket::mailbox`](crate::Socket::mailbox). Cheap to clone; all clones
/// are the same mailbox.
#[derive(Clone)]
pub struct Mailbox {
    slot: Arc<Slot>,
    seat: Arc<Seat>,
    stats: Arc<Stats>,
}

/// What became of the value that was put before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Previous {
    /// There was none: this is the first value of this mailbox.
    Nothing,
    /// It was taken: the kernel, or a poll, has accepted its first byte. The rest leaves, or the connection ends.
    Taken,
    /// It was not, and never will be.
    Replaced,
}

impl Mailbox {
    /// Puts a value, which is sent as the arguments of the event: now, if nothing waits before it and the client is
    /// ready, or as soon as that is so, unless a newer one has come. It never waits in the outbox and does not count
    /// there. Tells what became of the value before.
    ///
    /// A value that waits is encoded by the task of the connection, so it is kept as it is. Catch-alls for what is sent
    /// hear of a value when it has been taken.
    ///
    /// # Errors
    /// When the socket is gone, or the value cannot be encoded or is larger than the outbox may be. Then it is lost,
    /// and counts as replaced.
    pub fn put(&self, value: impl ToArgs + Send + 'static) -> Result<Previous, EmitError> {
        if !self.seat.is_connected() {
            return Err(EmitError::Disconnected);
        }
        let (number, previous, replaced) = self.slot.lock().replace();
        if previous == Previous::Replaced {
            stats::increment(&self.stats.mailbox_replaced);
        }
        // Outside the lock, since dropping a value runs code of the application.
        drop(replaced);
        let outbox = &self.seat.session.outbox;
        if !outbox.takes_post() || self.slot.post(&self.seat, number, &value, None)? == Posted::Later {
            self.slot.keep(number, Box::new(value));
            outbox.knock();
        }
        Ok(previous)
    }

    /// Whether the value that was put last has not been taken. Another thread may send it at any moment.
    pub fn is_waiting(&self) -> bool {
        let slot = self.slot.lock();
        slot.put_count > 0 && !slot.taken
    }

    /// The name of its event.
    pub fn event(&self) -> &str {
        &self.slot.event
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("event", &self.event())
            .finish_non_exhaustive()
    }
}

/// The mailboxes of one socket.
#[derive(Default)]
pub(crate) struct Mailboxes(Mutex<VecDeque<Arc<Slot>>>);

impl Mailboxes {
    /// The mailbox for an event, new if there is none.
    pub(crate) fn open(
        &self,
        event: &str,
        seat: &Arc<Seat>,
        stats: &Arc<Stats>,
        count_max: usize,
    ) -> Result<Mailbox, MailboxError> {
        let mut slots = self.lock();
        let found = slots.iter().find(|slot| *slot.event == *event).cloned();
        let slot = match found {
            Some(slot) => slot,
            None if slots.len() >= count_max => return Err(MailboxError::TooMany),
            None => {
                let slot = Arc::new(Slot::new(event));
                slots.push_back(slot.clone());
                slot
            }
        };
        Ok(Mailbox {
            slot,
            seat: seat.clone(),
            stats: stats.clone(),
        })
    }

    /// Sends what waits, as long as the client is ready. Called by the driver.
    pub(crate) fn deliver(&self, seat: &Seat, stats: &Stats, cx: &mut Context<'_>) {
        let waiting: Vec<_> = self
            .lock()
            .iter()
            .filter(|slot| slot.lock().value.is_some())
            .cloned()
            .collect();
        for slot in waiting {
            if !seat.session.outbox.is_writable() {
                // The others have their turn later, and first then.
                self.begin_with(&slot);
                seat.session.outbox.knock();
                return;
            }
            // A panic in the value ends there; it is lost.
            guarded(stats, || slot.deliver(seat, cx));
        }
    }

    /// Forgets what waits.
    pub(crate) fn close(&self) {
        let slots = std::mem::take(&mut *self.lock());
        for slot in slots {
            let value = slot.lock().close();
            drop(value);
        }
    }

    fn begin_with(&self, first: &Arc<Slot>) {
        let mut slots = self.lock();
        if let Some(place) = slots.iter().position(|slot| Arc::ptr_eq(slot, first)) {
            slots.rotate_left(place);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Slot>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Value = Box<dyn ToArgs + Send>;

struct Slot {
    event: Box<str>,
    // A std mutex: a few words, or one non-blocking write; never while a value is encoded or dropped.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The number of the newest value; 0 while there was none.
    put_count: u64,
    /// That one was taken.
    taken: bool,
    /// That one, while it waits and nobody encodes it.
    value: Option<Value>,
    /// The socket has ended: nothing is kept any more.
    closed: bool,
}

/// What became of a value that was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Posted {
    Taken,
    /// The client was not ready.
    Later,
    /// A newer one has come meanwhile.
    Outdated,
}

impl Slot {
    fn new(event: &str) -> Self {
        Self {
            event: event.into(),
            state: Mutex::default(),
        }
    }

    /// Encodes a value and sends it, if it is still the newest and its first byte leaves at once.
    fn post(
        &self,
        seat: &Seat,
        number: u64,
        value: &dyn ToArgs,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Posted, EmitError> {
        let post = |piece: Piece<'_>| {
            let mut state = self.lock();
            if state.put_count != number {
                return Ok(Posted::Outdated);
            }
            state.taken = seat.session.outbox.post(piece, cx)?;
            Ok(if state.taken { Posted::Taken } else { Posted::Later })
        };
        let posted: Result<_, SendError> = seat.with_event(&self.event, value, post)?;
        let posted = posted?;
        if posted == Posted::Taken {
            seat.show_event(&self.event, value);
        }
        Ok(posted)
    }

    /// Keeps a value that could not be sent, if it is still the newest.
    fn keep(&self, number: u64, value: Value) {
        let mut state = self.lock();
        if state.put_count == number && !state.closed {
            state.value = Some(value);
        } else {
            // Dropping runs code of the application.
            drop(state);
            drop(value);
        }
    }

    fn deliver(&self, seat: &Seat, cx: &mut Context<'_>) {
        let (number, value) = {
            let mut state = self.lock();
            match state.value.take() {
                Some(value) => (state.put_count, value),
                None => return,
            }
        };
        match self.post(seat, number, &*value, Some(cx)) {
            Ok(Posted::Later) => {
                self.keep(number, value);
                seat.session.outbox.knock();
            }
            Ok(Posted::Taken | Posted::Outdated) | Err(EmitError::Disconnected) => {}
            Err(error) => tracing::error!(event = &*self.event, %error, "a mailbox value cannot be sent"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes room for a newer value: its number, what became of the one before, and that one if it still waits.
    fn replace(&mut self) -> (u64, Previous, Option<Value>) {
        let previous = match (self.put_count, self.taken) {
            (0, _) => Previous::Nothing,
            (_, true) => Previous::Taken,
            (_, false) => Previous::Replaced,
        };
        self.put_count += 1;
        self.taken = false;
        (self.put_count, previous, self.value.take())
    }

    fn close(&mut self) -> Option<Value> {
        self.closed = true;
        self.value.take()
    }
}
