//! What an application hooks into one socket: listeners for events, catch-alls, middleware, error handlers.
//!
//! `S` is the socket itself, which the layer above defines. It is the only thing here that knows what a hook does;
//! this module knows who is asked, and in which order.

use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::args::Args;
use crate::error::EventError;
use crate::handlers::{HandlerQueue, Job};
use crate::incoming::Incoming;
use crate::listeners::{self, ByEvent, Changes, ListenerId, MaybeListeners, Registered};
use crate::parser::DecodedArgs;
use crate::reason::DisconnectReason;
use crate::stats::Stats;

/// A socket of either side, as those who hear its events know it. Cheap to clone.
pub(crate) trait Listenable: Clone + Send + Sync + Sized + 'static {
    fn hooks(&self) -> &Hooks<Self>;

    fn queue(&self) -> &Arc<HandlerQueue>;

    fn stats(&self) -> &Arc<Stats>;

    fn namespace(&self) -> &str;

    fn is_connected(&self) -> bool;

    /// Asks for the end of the connection.
    fn close_connection(&self, reason: DisconnectReason);
}

/// A handler for one event name, or for all.
pub(crate) trait Listener<S>: Send + Sync {
    fn call(&self, socket: &S, incoming: Incoming<'_>) -> Called;
}

/// What became of the call of a listener. One that is to run comes with the memory that its event takes: to weigh an event
/// costs a walk through it, which one that has run does not need.
pub(crate) enum Called {
    /// It has run.
    Done,
    /// It runs when those before it have.
    InOrder(Job, usize),
    /// It runs whatever else runs.
    Beside(Job, usize),
}

/// Asked about each event before its listeners are.
pub(crate) trait Middleware<S>: Send + Sync {
    fn ask(&self, socket: &S, incoming: Incoming<'_>) -> Verdict;
}

pub(crate) type Verdict = Pin<Box<dyn Future<Output = Result<(), EventError>> + Send>>;

/// Told which event was not handled as it should be.
pub(crate) type ErrorHandler<S> = dyn Fn(&S, &str, &EventError) + Send + Sync;

pub(crate) struct Hooks<S>(
    // A std lock: held to copy a few references, never while a hook runs.
    RwLock<Tables<S>>,
);

struct Tables<S> {
    by_event: ByEvent<dyn Listener<S>>,
    catch_all: MaybeListeners<dyn Listener<S>>,
    /// They hear what is sent.
    outgoing: MaybeListeners<dyn Listener<S>>,
    middleware: MaybeListeners<dyn Middleware<S>>,
    on_error: MaybeListeners<ErrorHandler<S>>,
    last_id: u64,
    /// The socket is gone: nothing is hooked in any more.
    closed: bool,
}

impl<S> Default for Hooks<S> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<S> Default for Tables<S> {
    fn default() -> Self {
        Self {
            by_event: ByEvent::default(),
            catch_all: None,
            outgoing: None,
            middleware: None,
            on_error: None,
            last_id: 0,
            closed: false,
        }
    }
}

/// Who hears an event.
pub(crate) struct Route<S> {
    /// Before all others.
    pub(crate) catch_all: MaybeListeners<dyn Listener<S>>,
    pub(crate) then: Then<S>,
}

/// Who hears an event behind the catch-alls.
pub(crate) enum Then<S> {
    Listeners(MaybeListeners<dyn Listener<S>>),
    /// Who listens is looked up when it has agreed.
    Middleware(listeners::Listeners<dyn Middleware<S>>),
}

impl<S> Hooks<S> {
    pub(crate) fn route(&self, event: &str) -> Route<S> {
        let (catch_all, listeners) = {
            let tables = self.read();
            let catch_all = tables.catch_all.clone();
            if let Some(middleware) = &tables.middleware {
                return Route {
                    catch_all,
                    then: Then::Middleware(middleware.clone()),
                };
            }
            (catch_all, tables.by_event.peek(event))
        };
        let listeners = listeners.unwrap_or_else(|Changes| self.write().by_event.take_turn(event));
        Route {
            catch_all,
            then: Then::Listeners(listeners),
        }
    }

    pub(crate) fn listeners(&self, event: &str) -> MaybeListeners<dyn Listener<S>> {
        self.write().by_event.take_turn(event)
    }

    pub(crate) fn listen(&self, event: &str, once: bool, listener: Arc<dyn Listener<S>>) -> ListenerId {
        self.hook(once, listener, |tables, new| tables.by_event.insert(event, new))
    }

    pub(crate) fn catch_all(&self, listener: Arc<dyn Listener<S>>, first: bool) -> ListenerId {
        self.hook(false, listener, |tables, new| {
            listeners::insert(&mut tables.catch_all, new, first);
        })
    }

    pub(crate) fn catch_outgoing(&self, listener: Arc<dyn Listener<S>>, first: bool) -> ListenerId {
        self.hook(false, listener, |tables, new| {
            listeners::insert(&mut tables.outgoing, new, first);
        })
    }

    /// Lets the catch-alls for what is sent hear an event.
    pub(crate) fn overhear(&self, socket: &S, event: &str, args: &Args) {
        let listeners = self.outgoing();
        for registered in listeners.iter().flat_map(listeners::Listeners::as_slice) {
            let incoming = Incoming {
                name: event,
                args: DecodedArgs::Many(args.clone()),
                ack: None,
            };
            registered.listener.call(socket, incoming);
        }
    }

    pub(crate) fn outgoing(&self) -> MaybeListeners<dyn Listener<S>> {
        self.read().outgoing.clone()
    }

    pub(crate) fn use_middleware(&self, middleware: Arc<dyn Middleware<S>>) {
        self.hook(false, middleware, |tables, new| {
            listeners::insert(&mut tables.middleware, new, false);
        });
    }

    pub(crate) fn on_error(&self, handler: Arc<ErrorHandler<S>>) -> ListenerId {
        self.hook(false, handler, |tables, new| {
            listeners::insert(&mut tables.on_error, new, false);
        })
    }

    pub(crate) fn error_handlers(&self) -> MaybeListeners<ErrorHandler<S>> {
        self.read().on_error.clone()
    }

    /// Takes one out, whatever it listens for; whether it was there.
    pub(crate) fn remove(&self, id: ListenerId) -> bool {
        let removed = {
            let mut tables = self.write();
            (
                tables.by_event.remove(id),
                listeners::extract(&mut tables.catch_all, |registered| registered.id == id),
                listeners::extract(&mut tables.outgoing, |registered| registered.id == id),
                listeners::extract(&mut tables.on_error, |registered| registered.id == id),
            )
        };
        let (events, incoming, outgoing, errors) = &removed;
        !(events.is_empty() && incoming.is_empty() && outgoing.is_empty() && errors.is_empty())
    }

    pub(crate) fn remove_event(&self, event: &str) {
        let removed = self.write().by_event.remove_all(event);
        // Outside the lock, since dropping a hook runs code of the application.
        drop(removed);
    }

    pub(crate) fn remove_catch_all(&self) {
        let removed = self.write().catch_all.take();
        drop(removed);
    }

    pub(crate) fn remove_outgoing(&self) {
        let removed = self.write().outgoing.take();
        drop(removed);
    }

    /// Lets go of everything: hooks usually hold a clone of their socket, which would keep itself alive.
    pub(crate) fn close(&self) {
        let closed = Tables {
            closed: true,
            ..Tables::default()
        };
        let removed = std::mem::replace(&mut *self.write(), closed);
        drop(removed);
    }

    fn hook<L: ?Sized>(
        &self,
        once: bool,
        listener: Arc<L>,
        insert: impl FnOnce(&mut Tables<S>, Registered<L>),
    ) -> ListenerId {
        let mut tables = self.write();
        let id = ListenerId::next(&mut tables.last_id);
        if tables.closed {
            drop(tables);
            drop(listener);
        } else {
            insert(&mut tables, Registered { id, once, listener });
        }
        id
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables<S>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables<S>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
