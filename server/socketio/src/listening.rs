//! How an application listens to a socket: in order, in place, beside each other, once, to everything.

use std::sync::Arc;

use crate::callbacks::{asking, beside, in_order, in_order_once, in_place};
use crate::error::EventError;
use crate::event::{Event, EventRef};
use crate::handlers::HandlerQueue;
use crate::hooks::{Hooks, Listenable, Listener};
use crate::listeners::ListenerId;
use crate::reason::DisconnectReason;
use crate::socket::Socket;
use crate::stats::Stats;

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
        self.hooks().listen(event, false, in_order(event, f))
    }

    /// Calls `f` for the next `event` only, in order like [`Socket::on`].
    pub fn once<F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send,
    {
        self.hooks().listen(event, true, in_order_once(event, f))
    }

    /// Calls `f` for each `event`, in place on the read task with borrowed arguments: the way that allocates
    /// nothing, as long as it is the only listener of its event. It overtakes events that wait for asynchronous handlers,
    /// and it must not block. Behind a middleware of the socket it runs when that has agreed.
    pub fn on_sync(&self, event: &str, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) -> ListenerId {
        self.hooks().listen(event, false, in_place(f))
    }

    /// Calls `f` for each `event` at once, whatever other handlers are doing: events are handled beside each other
    /// and finish in any order. Those at work count against the bounds of the handler queue, as in [`Socket::on`].
    pub fn on_concurrent<F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        self.hooks().listen(event, false, beside(event, f))
    }

    /// Removes one listener of any kind, catch-alls and error handlers too. Events that it has heard of already it
    /// still handles. Returns whether it was there.
    pub fn off(&self, id: ListenerId) -> bool {
        let removed = self.hooks().remove(id);
        if self.hooks().outgoing().is_none() {
            self.set_watched(false);
        }
        removed
    }

    /// Removes all listeners of `event`.
    pub fn off_all(&self, event: &str) {
        self.hooks().remove_event(event);
    }

    /// Calls `f` for each event of the client, on the read task before middleware and listeners, also for events
    /// that nobody listens for. It must not block. If it takes the acknowledgement and answers, listeners cannot.
    pub fn on_any(&self, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) -> ListenerId {
        self.hooks().catch_all(in_place(f), false)
    }

    /// The same, before the catch-alls that are there.
    pub fn prepend_any(&self, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) -> ListenerId {
        self.hooks().catch_all(in_place(f), true)
    }

    /// Removes all catch-alls for events of the client; [`Socket::off`] removes one.
    pub fn off_any(&self) {
        self.hooks().remove_catch_all();
    }

    /// Calls `f` for each event that is sent to this client, by itself or with others, on the thread that emits it and
    /// before it leaves; also for one that is dropped because it is volatile. Acknowledgements are no events. `f` sees the
    /// arguments as the client would, which costs a copy. It must not block, nor emit to the same socket.
    pub fn on_any_outgoing(&self, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) -> ListenerId {
        self.watch(in_place(f), false)
    }

    /// The same, before the catch-alls that are there.
    pub fn prepend_any_outgoing(&self, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) -> ListenerId {
        self.watch(in_place(f), true)
    }

    /// Removes all catch-alls for events that are sent; [`Socket::off`] removes one.
    pub fn off_any_outgoing(&self) {
        self.hooks().remove_outgoing();
        self.set_watched(false);
    }

    fn watch(&self, listener: Arc<dyn Listener<Self>>, first: bool) -> ListenerId {
        let id = self.hooks().catch_outgoing(listener, first);
        self.set_watched(true);
        id
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
        self.hooks().use_middleware(asking(f));
    }

    /// Calls `f` with the name of each event that was not handled as it should be, and why. Without any such handler
    /// the error is logged at debug level; a panic is always logged.
    pub fn on_error(&self, f: impl Fn(&Socket, &str, &EventError) + Send + Sync + 'static) -> ListenerId {
        self.hooks().on_error(Arc::new(f))
    }
}

impl Listenable for Socket {
    fn hooks(&self) -> &Hooks<Self> {
        Self::hooks(self)
    }

    fn queue(&self) -> &Arc<HandlerQueue> {
        Self::queue(self)
    }

    fn stats(&self) -> &Arc<Stats> {
        Self::stats(self)
    }

    fn namespace(&self) -> &str {
        Self::namespace(self)
    }

    fn is_connected(&self) -> bool {
        Self::is_connected(self)
    }

    fn close_connection(&self, reason: DisconnectReason) {
        self.seat().session.outbox.request_close(reason);
    }
}
