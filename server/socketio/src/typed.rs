//! Handlers whose arguments and answers are types of the application.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::args::Json;
use crate::callbacks::{in_order, raise};
use crate::error::{EmitError, EventError};
use crate::event::Event;
use crate::hooks::{Listenable, Listener};
use crate::listeners::ListenerId;
use crate::socket::Socket;
use crate::stats;

impl Socket {
    /// Calls `f` for each `event` with its arguments as a `T`, in order like [`Socket::on`]: a tuple stands for several
    /// arguments, any other type for one, see [`Args::parse`](crate::Args::parse).
    ///
    /// Arguments of another shape are counted, logged at debug level and told to the error handlers as
    /// [`EventError::Arguments`]; `f` is not called.
    pub fn on_typed<T, F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        T: DeserializeOwned + Send,
        F: Fn(Socket, T) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        self.hooks().listen(event, false, typed(event, f))
    }

    /// The same for events that ask for an answer: what `f` returns is the acknowledgement, as one argument. Without
    /// a question it is dropped.
    ///
    /// A `Result` is an answer like any other; on the wire it is what serde makes of it, `{"Ok":…}` or `{"Err":…}`,
    /// and another Rust program reads it as a `Result` again. Whoever sends arguments of another shape, or meets
    /// a panic, hears nothing and runs into its timeout.
    pub fn on_request<T, R, F, Fut>(&self, event: &str, f: F) -> ListenerId
    where
        T: DeserializeOwned + Send,
        R: Serialize + Send,
        F: Fn(Socket, T) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send,
    {
        self.hooks().listen(event, false, answering(event, f))
    }
}

/// A listener that is given its arguments as a `T`.
pub(crate) fn typed<S, T, F, Fut>(event: &str, f: F) -> Arc<dyn Listener<S>>
where
    S: Listenable,
    T: DeserializeOwned + Send,
    F: Fn(S, T) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let f = Arc::new(f);
    in_order(event, move |event: Event<S>| {
        let f = f.clone();
        async move {
            if let Some(args) = parse(&event) {
                f(event.socket, args).await;
            }
        }
    })
}

/// The same for events that ask for an answer.
pub(crate) fn answering<S, T, R, F, Fut>(event: &str, f: F) -> Arc<dyn Listener<S>>
where
    S: Listenable,
    T: DeserializeOwned + Send,
    R: Serialize + Send,
    F: Fn(S, T) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = R> + Send,
{
    let f = Arc::new(f);
    in_order(event, move |mut event: Event<S>| {
        let f = f.clone();
        async move {
            let Some(args) = parse(&event) else {
                return;
            };
            let ack = event.ack.take();
            let answer = f(event.socket, args).await;
            // Whether the peer is still there to hear it is not our business; what it cannot hear is.
            if let Some(Err(EmitError::Encode(problem))) = ack.map(|ack| ack.send(Json(answer))) {
                tracing::error!(event = &*event.name, problem, "an answer cannot be encoded");
            }
        }
    })
}

/// The arguments of an event, if they are what its handler wants.
fn parse<S: Listenable, T: DeserializeOwned>(event: &Event<S>) -> Option<T> {
    let error = match event.parse() {
        Ok(args) => return Some(args),
        Err(error) => error,
    };
    stats::increment(&event.socket.stats().arguments_refused);
    raise(&event.socket, &event.name, &EventError::Arguments(error));
    None
}
