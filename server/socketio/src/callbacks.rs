//! Closures of the application as hooks: in order, beside each other, in place, once, as middleware. A panic in one of
//! them ends there, and the error handlers hear of it.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;

use crate::error::EventError;
use crate::event::{Event, EventRef};
use crate::guard::{guarded, report_event_panic};
use crate::handlers::Job;
use crate::hooks::{Called, Listenable, Listener, Middleware, Verdict};
use crate::incoming::Incoming;

/// A listener that runs behind the handlers of earlier events.
pub(crate) fn in_order<S, F, Fut>(event: &str, f: F) -> Arc<dyn Listener<S>>
where
    S: Listenable,
    F: Fn(Event<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    Asynchronous::new(event, f, Called::InOrder)
}

/// The same for one event.
pub(crate) fn in_order_once<S, F, Fut>(event: &str, f: F) -> Arc<dyn Listener<S>>
where
    S: Listenable,
    F: FnOnce(Event<S>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    // Two events that arrive at once on two threads both find it; the first takes it.
    let f = Arc::new(Mutex::new(Some(f)));
    let call = move |event: Event<S>| {
        let f = f.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            if let Some(f) = f {
                f(event).await;
            }
        }
    };
    Asynchronous::new(event, call, Called::InOrder)
}

/// A listener that runs whatever else runs.
pub(crate) fn beside<S, F, Fut>(event: &str, f: F) -> Arc<dyn Listener<S>>
where
    S: Listenable,
    F: Fn(Event<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    Asynchronous::new(event, f, Called::Beside)
}

/// A listener that runs where the event is dispatched, usually on the read task before the next packet is read.
pub(crate) fn in_place<S: Listenable>(
    f: impl Fn(EventRef<'_, S>) + Send + Sync + 'static,
) -> Arc<dyn Listener<S>> {
    Arc::new(InPlace(f))
}

/// A middleware.
pub(crate) fn asking<S, F, Fut>(f: F) -> Arc<dyn Middleware<S>>
where
    S: Listenable,
    F: Fn(Event<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), EventError>> + Send,
{
    Arc::new(Asking(Arc::new(f)))
}

/// Tells the error handlers.
pub(crate) fn raise<S: Listenable>(socket: &S, event: &str, error: &EventError) {
    tracing::debug!(namespace = socket.namespace(), event, %error, "an event was not handled");
    let handlers = socket.hooks().error_handlers();
    for handler in handlers.iter().flat_map(|handlers| handlers.as_slice()) {
        guarded(socket.stats(), || (handler.listener)(socket, event, error));
    }
}

/// Counts and reports a panic in the handling of an event.
fn raise_panic<S: Listenable>(socket: &S, event: &str) {
    report_event_panic(socket.stats(), socket.namespace(), event);
    raise(socket, event, &EventError::Panicked);
}

fn event<S: Clone>(socket: &S, name: Arc<str>, incoming: Incoming<'_>) -> Event<S> {
    Event {
        socket: socket.clone(),
        name,
        args: incoming.args.into_args(),
        ack: incoming.ack,
    }
}

/// Runs as a job, in order or beside others.
struct Asynchronous<F> {
    event: Arc<str>,
    f: Arc<F>,
    how: fn(Job, usize) -> Called,
}

impl<F> Asynchronous<F> {
    fn new(event: &str, f: F, how: fn(Job, usize) -> Called) -> Arc<Self> {
        Arc::new(Self {
            event: event.into(),
            f: Arc::new(f),
            how,
        })
    }
}

impl<S, F, Fut> Listener<S> for Asynchronous<F>
where
    S: Listenable,
    F: Fn(Event<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    fn call(&self, socket: &S, incoming: Incoming<'_>) -> Called {
        let bytes = incoming.args.weight();
        let event = event(socket, self.event.clone(), incoming);
        let (socket, name, f) = (socket.clone(), self.event.clone(), self.f.clone());
        let job = Box::pin(async move {
            // The closure itself runs when it is its turn, not now.
            let run = async move { f(event).await };
            if AssertUnwindSafe(run).catch_unwind().await.is_err() {
                raise_panic(&socket, &name);
            }
        });
        (self.how)(job, bytes)
    }
}

struct InPlace<F>(F);

impl<S: Listenable, F: Fn(EventRef<'_, S>) + Send + Sync> Listener<S> for InPlace<F> {
    fn call(&self, socket: &S, incoming: Incoming<'_>) -> Called {
        let event = EventRef {
            socket,
            name: incoming.name,
            args: incoming.args.borrow(),
            ack: incoming.ack,
        };
        // Whatever the closure leaves half done belongs to the application.
        let run = AssertUnwindSafe(|| (self.0)(event));
        if std::panic::catch_unwind(run).is_err() {
            raise_panic(socket, incoming.name);
        }
        Called::Done
    }
}

struct Asking<F>(Arc<F>);

impl<S, F, Fut> Middleware<S> for Asking<F>
where
    S: Listenable,
    F: Fn(Event<S>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), EventError>> + Send,
{
    fn ask(&self, socket: &S, incoming: Incoming<'_>) -> Verdict {
        let (name, f) = (Arc::<str>::from(incoming.name), self.0.clone());
        let event = event(socket, name.clone(), incoming);
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
