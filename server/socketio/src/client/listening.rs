//! How an application listens to a client's socket. The names, and what they mean, are those of the server's.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ClientError;
use super::socket::ClientSocket;
use crate::callbacks::{asking, beside, in_order, in_order_once, in_place};
use crate::error::EventError;
use crate::event::{Event, EventRef};
use crate::handlers::HandlerQueue;
use crate::hooks::{Hooks, Listenable};
use crate::listeners::ListenerId;
use crate::reason::DisconnectReason;
use crate::stats::Stats;
use crate::typed::{answering, typed};

impl ClientSocket {
    /// Calls `f` for each `event`, one after another in order of arrival with all other handlers of this kind. Several
    /// listeners for one event hear it in the order in which they were added, each when the one before has finished.
    ///
    /// The first poll happens on the task of the connection, so work of milliseconds belongs elsewhere. When more packets
    /// wait than the configuration allows, the connection is closed with `handler backlog`.
    ///
    /// ```no_run
    /// # fn example(socket: socketio::client::ClientSocket) {
    /// socket.on("ask", |event| async move {
    ///     if let Some(ack) = event.ack {
    ///         let _ = ack.send("answer");
    ///     }
    /// });
    /// # }
    /// ```
    pub fn on<F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        F: Fn(Event<Self>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        self.seat.hooks.listen(event, false, in_order(event, f))
    }

    /// Calls `f` for the next `event` only, in order like [`ClientSocket::on`].
    pub fn once<F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        F: FnOnce(Event<Self>) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send,
    {
        self.seat.hooks.listen(event, true, in_order_once(event, f))
    }

    /// Calls `f` for each `event`, in place on the task of the connection with borrowed arguments: the way that allocates
    /// least. It overtakes events that wait for asynchronous handlers, and it must not block. Behind a middleware of the
    /// socket it runs when that has agreed.
    ///
    /// ```no_run
    /// # fn example(socket: socketio::client::ClientSocket) {
    /// socket.on_sync("snapshot", |event| {
    ///     let bytes = event.binary(0).map_or(0, <[u8]>::len);
    ///     let _ = event.socket().emit("seen", bytes as u64);
    /// });
    /// # }
    /// ```
    pub fn on_sync(&self, event: &str, f: impl Fn(EventRef<'_, Self>) + Send + Sync + 'static) -> ListenerId {
        self.seat.hooks.listen(event, false, in_place(f))
    }

    /// Calls `f` for each `event` at once, whatever other handlers are doing: events are handled beside each other
    /// and finish in any order. Those at work count against the bounds of the handler queue, as in [`ClientSocket::on`].
    pub fn on_concurrent<F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        F: Fn(Event<Self>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        self.seat.hooks.listen(event, false, beside(event, f))
    }

    /// Calls `f` for each `event` with its arguments as a `T`, in order like [`ClientSocket::on`]: a tuple stands for several
    /// arguments, any other type for one, see [`Args::parse`](crate::Args::parse).
    ///
    /// Arguments of another shape are counted, logged at debug level and told to the error handlers as
    /// [`EventError::Arguments`]; `f` is not called.
    ///
    /// ```no_run
    /// # fn example(socket: socketio::client::ClientSocket) {
    /// socket.on_typed("said", |_socket, (name, text): (String, String)| async move {
    ///     println!("{name}: {text}");
    /// });
    /// # }
    /// ```
    pub fn on_typed<T, F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        T: DeserializeOwned + Send,
        F: Fn(Self, T) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        self.seat.hooks.listen(event, false, typed(event, f))
    }

    /// The same for events that ask for an answer: what `f` returns is the acknowledgement, as one argument. Without
    /// a question it is dropped. A `Result` is an answer like any other, see
    /// [`Socket::on_request`](crate::Socket::on_request).
    ///
    /// ```no_run
    /// # fn example(socket: socketio::client::ClientSocket) {
    /// socket.on_request("double", |_socket, number: u32| async move { number * 2 });
    /// # }
    /// ```
    pub fn on_request<T, R, F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        T: DeserializeOwned + Send,
        R: Serialize + Send,
        F: Fn(Self, T) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send,
    {
        self.seat.hooks.listen(event, false, answering(event, f))
    }

    /// Removes one listener of any kind, catch-alls and error handlers too. Events that it has heard of already it
    /// still handles. Returns whether it was there.
    pub fn off(&self, id: ListenerId) -> bool {
        self.seat.hooks.remove(id)
    }

    /// Removes all listeners of `event`.
    pub fn off_all(&self, event: &str) {
        self.seat.hooks.remove_event(event);
    }

    /// Calls `f` for each event of the server, on the task of the connection before middleware and listeners, also for
    /// events that nobody listens for. It must not block. If it takes the acknowledgement and answers, listeners cannot.
    ///
    /// ```no_run
    /// # fn example(socket: socketio::client::ClientSocket) {
    /// socket.on_any(|event| println!("{} with {} arguments", event.name(), event.args().len()));
    /// # }
    /// ```
    pub fn on_any(&self, f: impl Fn(EventRef<'_, Self>) + Send + Sync + 'static) -> ListenerId {
        self.seat.hooks.catch_all(in_place(f), false)
    }

    /// The same, before the catch-alls that are there.
    pub fn prepend_any(&self, f: impl Fn(EventRef<'_, Self>) + Send + Sync + 'static) -> ListenerId {
        self.seat.hooks.catch_all(in_place(f), true)
    }

    /// Removes all catch-alls; [`ClientSocket::off`] removes one.
    pub fn off_any(&self) {
        self.seat.hooks.remove_catch_all();
    }

    /// Calls `f` for each event that is sent, on the thread that emits it and before it leaves; also for one that is kept
    /// for a connection, and for one that is dropped because it is volatile. Acknowledgements are no events. `f` sees the
    /// arguments as the server would, which costs a copy. It must not block, nor emit to the same socket.
    pub fn on_any_outgoing(&self, f: impl Fn(EventRef<'_, Self>) + Send + Sync + 'static) -> ListenerId {
        self.seat.hooks.catch_outgoing(in_place(f), false)
    }

    /// The same, before the catch-alls that are there.
    pub fn prepend_any_outgoing(&self, f: impl Fn(EventRef<'_, Self>) + Send + Sync + 'static) -> ListenerId {
        self.seat.hooks.catch_outgoing(in_place(f), true)
    }

    /// Removes all catch-alls for events that are sent; [`ClientSocket::off`] removes one.
    pub fn off_any_outgoing(&self) {
        self.seat.hooks.remove_outgoing();
    }

    /// Asks `f` about each event of the server, after all that were added before and before any listener hears it. The
    /// first error drops the event and goes to the error handlers; the connection stays, and the server hears nothing.
    ///
    /// Events pass one after another in order of arrival. Handlers in place run behind them then, no longer at once.
    pub fn use_middleware<F, Fut>(&self, f: F)
    where
        F: Fn(Event<Self>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), EventError>> + Send,
    {
        self.seat.hooks.use_middleware(asking(f));
    }

    /// Calls `f` with the name of each event that was not handled as it should be, and why. Without any such handler
    /// the error is logged at debug level; a panic is always logged.
    pub fn on_error(&self, f: impl Fn(&Self, &str, &EventError) + Send + Sync + 'static) -> ListenerId {
        self.seat.hooks.on_error(Arc::new(f))
    }

    /// Calls `f` each time the namespace is joined, the first time and after reconnections. It must not block.
    pub fn on_connect(&self, f: impl Fn(&Self) + Send + Sync + 'static) {
        self.seat
            .add_handler(|handlers| handlers.connect.push(Arc::new(f)));
    }

    /// Calls `f` each time the socket is disconnected. It is not called for one that never was connected, because the
    /// server refused it. It must not block.
    pub fn on_disconnect(&self, f: impl Fn(&Self, DisconnectReason) + Send + Sync + 'static) {
        self.seat
            .add_handler(|handlers| handlers.disconnect.push(Arc::new(f)));
    }

    /// Calls `f` each time the namespace could not be joined: the server refused it, or could not be reached. After a
    /// refusal the socket is at rest, and [`ClientSocket::connect`] asks again; otherwise [`ClientSocket::is_active`]
    /// tells whether another attempt follows. It must not block.
    pub fn on_connect_error(&self, f: impl Fn(&Self, &ClientError) + Send + Sync + 'static) {
        self.seat
            .add_handler(|handlers| handlers.connect_error.push(Arc::new(f)));
    }
}

impl Listenable for ClientSocket {
    fn hooks(&self) -> &Hooks<Self> {
        &self.seat.hooks
    }

    fn queue(&self) -> &Arc<HandlerQueue> {
        &self.seat.queue
    }

    fn stats(&self) -> &Arc<Stats> {
        &self.seat.link.stats
    }

    fn namespace(&self) -> &str {
        &self.seat.namespace
    }

    fn is_connected(&self) -> bool {
        self.seat.hears()
    }

    fn close_connection(&self, reason: DisconnectReason) {
        if let Some(outbox) = self.seat.link.session() {
            outbox.request_close(reason);
        }
    }
}
