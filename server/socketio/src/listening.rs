//! How an application listens to a socket: in order, in place, beside each other, once, to everything.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;

use crate::error::EventError;
use crate::event::{Event, EventRef};
use crate::guard::{guarded, report_event_panic};
use crate::handlers::Job;
use crate::hooks::{Called, Listener, Middleware, Verdict};
use crate::incoming::Incoming;
use crate::listeners::ListenerId;
use crate::socket::Socket;

impl Socket {
    /// Calls `f` for each `event`, one after another in order of arrival with all other handlers of this kind. Several
    /// listeners for one event hear it in the order in which they were added, each when the one before has finished.
    ///
    /// The first poll happens on the read task, so work of milliseconds belongs elsewhere. When more packets wait
    /// than the configuration allows, the connection is closed with `handler backlog`.
    pub fn on<F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        let listener = Asynchronous::new(event, f, Called::InOrder);
        self.hooks().listen(event, false, listener)
    }

    /// Calls `f` for the next `event` only, in order like [`Socket::on`].
    pub fn once<F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send,
    {
        // Two events that arrive at once on two threads both find it; the first takes it.
        let f = Arc::new(Mutex::new(Some(f)));
        let call = move |event: Event| {
            let f = f.lock().unwrap_or_else(PoisonError::into_inner).take();
            async move {
                if let Some(f) = f {
                    f(event).await;
                }
            }
        };
        let listener = Asynchronous::new(event, call, Called::InOrder);
        self.hooks().listen(event, true, listener)
    }

    /// Calls `f` for each `event`, in place on the read task with borrowed arguments: the way that allocates
    /// nothing, as long as it is the only listener of its event. It overtakes events that wait for asynchronous handlers,
    /// and it must not block. Behind a middleware of the socket it runs when that has agreed.
    pub fn on_sync(&self, event: &str, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) -> ListenerId {
        self.hooks().listen(event, false, Arc::new(InPlace(f)))
    }

    /// Calls `f` for each `event` at once, whatever other handlers are doing: events are handled beside each other
    /// and finish in any order. Those at work count against the bounds of the handler queue, as in [`Socket::on`].
    pub fn on_concurrent<F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        let listener = Asynchronous::new(event, f, Called::Beside);
        self.hooks().listen(event, false, listener)
    }

    /// Removes one listener of any kind, catch-alls and error handlers too. Events that it has heard of already it
    /// still handles. Returns whether it was there.
    pub fn off(&self, id: ListenerId) -> bool {
        self.hooks().remove(id)
    }

    /// Removes all listeners of `event`.
    pub fn off_all(&self, event: &str) {
        self.hooks().remove_event(event);
    }

    /// Calls `f` for each event of the client, on the read task before middleware and listeners, also for events
    /// that nobody listens for. It must not block. If it takes the acknowledgement and answers, listeners cannot.
    pub fn on_any(&self, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) -> ListenerId {
        self.hooks().catch_all(Arc::new(InPlace(f)), false)
    }

    /// The same, before the catch-alls that are there.
    pub fn prepend_any(&self, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) -> ListenerId {
        self.hooks().catch_all(Arc::new(InPlace(f)), true)
    }

    /// Removes all catch-alls for events of the client; [`Socket::off`] removes one.
    pub fn off_any(&self) {
        self.hooks().remove_catch_all();
    }

    /// Asks `f` about each event of the client, after all that were added before and before any listener hears it. The
    /// first error drops the event and goes to the error handlers; the connection stays, and the client hears nothing.
    ///
    /// Events pass one after another in order of arrival. Handlers in place run behind them then, no longer at once.
    pub fn use_middleware<F, Fut>(&self, f: F)
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), EventError>> + Send,
    {
        self.hooks().use_middleware(Arc::new(Asking(Arc::new(f))));
    }

    /// Calls `f` with the name of each event that was not handled as it should be, and why. Without any such handler
    /// the error is logged at debug level; a panic is always logged.
    pub fn on_error(&self, f: impl Fn(&Socket, &str, &EventError) + Send + Sync + 'static) -> ListenerId {
        self.hooks().on_error(Arc::new(f))
    }

    /// Tells the error handlers.
    pub(crate) fn raise(&self, event: &str, error: &EventError) {
        tracing::debug!(namespace = self.namespace(), event, %error, "an event was not handled");
        let handlers = self.hooks().error_handlers();
        for handler in handlers.iter().flat_map(|handlers| handlers.as_slice()) {
            guarded(self.stats(), || (handler.listener)(self, event, error));
        }
    }

    /// Counts and reports a panic in the handling of an event.
    fn raise_panic(&self, event: &str) {
        report_event_panic(self.stats(), self.namespace(), event);
        self.raise(event, &EventError::Panicked);
    }

    fn event(&self, name: Arc<str>, incoming: Incoming<'_>) -> Event {
        Event {
            socket: self.clone(),
            name,
            args: incoming.args.into_args(),
            ack: incoming.ack,
        }
    }
}

/// Runs as a job, in order or beside others.
struct Asynchronous<F> {
    event: Arc<str>,
    f: Arc<F>,
    how: fn(Job) -> Called,
}

impl<F> Asynchronous<F> {
    fn new(event: &str, f: F, how: fn(Job) -> Called) -> Arc<Self> {
        Arc::new(Self {
            event: event.into(),
            f: Arc::new(f),
            how,
        })
    }
}

impl<F, Fut> Listener<Socket> for Asynchronous<F>
where
    F: Fn(Event) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    fn call(&self, socket: &Socket, incoming: Incoming<'_>) -> Called {
        let event = socket.event(self.event.clone(), incoming);
        let (socket, name, f) = (socket.clone(), self.event.clone(), self.f.clone());
        (self.how)(Box::pin(async move {
            // The closure itself runs when it is its turn, not now.
            let run = async move { f(event).await };
            if AssertUnwindSafe(run).catch_unwind().await.is_err() {
                socket.raise_panic(&name);
            }
        }))
    }
}

/// Runs where the event is dispatched, usually on the read task before the next packet is read.
struct InPlace<F>(F);

impl<F: Fn(EventRef<'_>) + Send + Sync> Listener<Socket> for InPlace<F> {
    fn call(&self, socket: &Socket, incoming: Incoming<'_>) -> Called {
        let event = EventRef {
            socket,
            name: incoming.name,
            args: incoming.args.borrow(),
            ack: incoming.ack,
        };
        // Whatever the closure leaves half done belongs to the application.
        let run = AssertUnwindSafe(|| (self.0)(event));
        if std::panic::catch_unwind(run).is_err() {
            socket.raise_panic(incoming.name);
        }
        Called::Done
    }
}

/// A middleware.
struct Asking<F>(Arc<F>);

impl<F, Fut> Middleware<Socket> for Asking<F>
where
    F: Fn(Event) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), EventError>> + Send,
{
    fn ask(&self, socket: &Socket, incoming: Incoming<'_>) -> Verdict {
        let (name, f) = (Arc::<str>::from(incoming.name), self.0.clone());
        let event = socket.event(name.clone(), incoming);
        let (stats, namespace) = (socket.stats().clone(), socket.namespace().to_owned());
        Box::pin(async move {
            let run = async move { f(event).await };
            let verdict = AssertUnwindSafe(run).catch_unwind().await;
            verdict.unwrap_or_else(|_| {
                report_event_panic(&stats, &namespace, &name);
                Err(EventError::Panicked)
            })
        })
    }
}
