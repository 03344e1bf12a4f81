//! What all handles of one client share, over all of its sessions, and what its task acts on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde_json::Value;
use tokio::sync::{Notify, oneshot, watch};

use super::config::ClientConfig;
use super::error::ClientError;
use super::http::Http;
use super::lifetime;
use super::observer::{ConnectionEvent, Observer};
use super::outbox::Outbox;
use super::seat::Seat;
use crate::guard::guarded;
use crate::outbox::Corked;
use crate::parser::Codec;
use crate::reason::DisconnectReason;
use crate::stats::Stats;

pub(super) struct Link {
    pub(super) http: Arc<Http>,
    pub(super) config: ClientConfig,
    pub(super) codec: Codec,
    pub(super) stats: Arc<Stats>,
    /// The handles; none are left when it cannot be upgraded.
    pub(super) handle: Weak<Handle>,
    /// Why the client is at rest; `None` before its first connection and while it is at work.
    pub(super) rest: watch::Sender<Option<DisconnectReason>>,
    /// The client is no longer wanted connected.
    pub(super) unwanted: Notify,
    /// Told whenever there may be more room for what is sent, or none any more.
    pub(super) room: Arc<Notify>,
    /// Nothing is read from the session, whichever is open.
    reading_paused: AtomicBool,
    // A std mutex: held for a look into short lists.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// One for each namespace.
    seats: Vec<Arc<Seat>>,
    observers: Vec<Arc<Observer>>,
    /// Way out of the session that is open.
    session: Option<Arc<Outbox>>,
    /// Somebody wants to be connected.
    is_wanted: bool,
    /// The task of the client runs.
    is_at_work: bool,
    /// Those who wait for a session.
    waiters: Vec<oneshot::Sender<Result<(), ClientError>>>,
}

impl Link {
    pub(super) fn new(http: Http, config: ClientConfig, codec: Codec, handle: Weak<Handle>) -> Self {
        Self {
            http: Arc::new(http),
            config,
            codec,
            stats: Arc::default(),
            handle,
            rest: watch::Sender::new(None),
            unwanted: Notify::new(),
            room: Arc::default(),
            reading_paused: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Whether a server that has named these compact events understands ours. One that names none has none.
    pub(super) fn agrees(&self, compact: Option<&Value>) -> bool {
        let theirs: Vec<&str> = match compact {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        theirs == self.codec.compact_names().unwrap_or_default()
    }

    /// The seat of a namespace, made if there is none.
    pub(super) fn seat_or_new(self: &Arc<Self>, namespace: &str) -> Arc<Seat> {
        if let Some(seat) = self.seat(namespace) {
            return seat;
        }
        // Outside the lock; if two threads are here, one seat is not used.
        let new = Arc::new(Seat::new(namespace.to_owned(), self.clone()));
        let mut state = self.lock();
        if let Some(seat) = state.seat(namespace) {
            return seat;
        }
        state.seats.push(new.clone());
        new
    }

    pub(super) fn seat(&self, namespace: &str) -> Option<Arc<Seat>> {
        self.lock().seat(namespace)
    }

    pub(super) fn seats(&self) -> Vec<Arc<Seat>> {
        self.lock().seats.clone()
    }

    /// Wants to be connected. Starts the task of the client if it is at rest.
    pub(super) fn want(self: &Arc<Self>) {
        self.want_with(None);
    }

    /// The same, and tells when a session is open, or why none is.
    pub(super) fn want_session(self: &Arc<Self>) -> oneshot::Receiver<Result<(), ClientError>> {
        let (sender, receiver) = oneshot::channel();
        self.want_with(Some(sender));
        receiver
    }

    fn want_with(self: &Arc<Self>, waiter: Option<oneshot::Sender<Result<(), ClientError>>>) {
        let starts = {
            let mut state = self.lock();
            state.is_wanted = true;
            match (waiter, &state.session) {
                (Some(waiter), Some(_)) => {
                    let _ = waiter.send(Ok(()));
                }
                (Some(waiter), None) => state.waiters.push(waiter),
                (None, _) => {}
            }
            !std::mem::replace(&mut state.is_at_work, true)
        };
        if starts {
            self.rest.send_replace(None);
            tokio::spawn(lifetime::run(self.clone()));
        }
    }

    /// Wants to be connected no longer.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_wanted = false;
        if let Some(outbox) = &state.session {
            outbox.request_close(DisconnectReason::ForcedClose);
        }
        if state.is_at_work {
            self.unwanted.notify_one();
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.lock().is_wanted
    }

    pub(super) fn pause_reading(&self, pause: bool) {
        self.reading_paused.store(pause, Ordering::Relaxed);
        if let Some(outbox) = self.session() {
            outbox.wake_driver();
        }
    }

    pub(super) fn is_reading_paused(&self) -> bool {
        self.reading_paused.load(Ordering::Relaxed)
    }

    pub(super) fn session(&self) -> Option<Arc<Outbox>> {
        self.lock().session.clone()
    }

    /// A session is open: whoever waits is told, and namespaces are joined.
    pub(super) fn begin_session(&self, outbox: &Arc<Outbox>) {
        let (waiters, seats) = {
            let mut state = self.lock();
            state.session = Some(outbox.clone());
            if !state.is_wanted {
                outbox.request_close(DisconnectReason::ForcedClose);
            }
            (std::mem::take(&mut state.waiters), state.seats.clone())
        };
        for waiter in waiters {
            let _ = waiter.send(Ok(()));
        }
        for seat in seats {
            seat.join(outbox);
        }
    }

    /// The session is over; whether the client wants another. Its sockets are told.
    pub(super) fn end_session(&self, reason: DisconnectReason) -> bool {
        let (is_wanted, seats) = {
            let mut state = self.lock();
            state.session = None;
            (state.is_wanted, state.seats.clone())
        };
        // A server that has disconnected every socket wants us gone.
        let again = is_wanted
            && self.config.reconnection.is_some()
            && (seats.is_empty() || seats.iter().any(|seat| seat.is_active()));
        if !again {
            self.lock().is_wanted = false;
        }
        let event = ConnectionEvent::Closed {
            reason,
            reconnects: again,
        };
        for seat in seats {
            seat.lose(reason, again);
        }
        self.tell(&event);
        again
    }

    /// No session, and no further attempt.
    pub(super) fn give_up(&self, error: &ClientError) {
        let (waiters, seats) = {
            let mut state = self.lock();
            state.is_wanted = false;
            (std::mem::take(&mut state.waiters), state.seats.clone())
        };
        for waiter in waiters {
            let _ = waiter.send(Err(error.clone()));
        }
        for seat in seats {
            seat.give_up(error);
        }
    }

    /// The task wants to end; it must not if the client is wanted again meanwhile.
    pub(super) fn come_to_rest(&self, reason: DisconnectReason) -> bool {
        let (waiters, seats) = {
            let mut state = self.lock();
            if state.is_wanted {
                return false;
            }
            state.is_at_work = false;
            state.session = None;
            (std::mem::take(&mut state.waiters), state.seats.clone())
        };
        let error = ClientError::Disconnected(reason);
        for waiter in waiters {
            let _ = waiter.send(Err(error.clone()));
        }
        for seat in seats {
            seat.give_up(&error);
        }
        self.rest.send_replace(Some(reason));
        if self.handle.strong_count() == 0 {
            self.release();
        }
        true
    }

    pub(super) fn observe(&self, observer: Arc<Observer>) {
        self.lock().observers.push(observer);
    }

    pub(super) fn tell(&self, event: &ConnectionEvent) {
        let observers = self.lock().observers.clone();
        for observer in observers {
            guarded(&self.stats, || observer(event));
        }
    }

    /// Nobody holds the client any more: closes it, and lets go of what would keep itself alive.
    fn abandon(&self) {
        self.close();
        if !self.lock().is_at_work {
            self.release();
        }
    }

    fn release(&self) {
        let (seats, observers) = {
            let mut state = self.lock();
            (
                std::mem::take(&mut state.seats),
                std::mem::take(&mut state.observers),
            )
        };
        // Outside the lock, since dropping a listener runs code of the application.
        drop(observers);
        for seat in seats {
            seat.release();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn seat(&self, namespace: &str) -> Option<Arc<Seat>> {
        let seat = self.seats.iter().find(|seat| seat.namespace == namespace);
        seat.cloned()
    }
}

/// Handlers of all sockets hold back whatever session is open.
impl Corked for Link {
    fn cork(&self) {
        if let Some(outbox) = self.session() {
            outbox.cork();
        }
    }

    fn uncork(&self) {
        if let Some(outbox) = self.session() {
            outbox.uncork();
        }
    }
}

/// What [`Client`](super::Client) and [`ClientSocket`](super::ClientSocket) hold: when the last of them is gone,
/// the client closes, since nobody could close it any more.
pub(super) struct Handle(pub(super) Arc<Link>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
