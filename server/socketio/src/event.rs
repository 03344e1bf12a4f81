//! Handlers of events and what they are given: the event itself for asynchronous ones, borrowed for those on the
//! read task.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ack::Ack;
use crate::args::{Args, ArgsRef};
use crate::attachments::DecodedArgs;
use crate::guard::guarded;
use crate::reason::DisconnectReason;
use crate::socket::{Incoming, Listener, Socket};
use crate::stats;

/// An event for an asynchronous handler, see [`Socket::on`].
pub struct Event {
    /// The socket it came from.
    pub socket: Socket,
    /// Its name.
    pub name: String,
    /// Its arguments, without the acknowledgement.
    pub args: Args,
    /// Answers the client, if it asked for an answer.
    pub ack: Option<Ack>,
}

/// An event for a handler on the read task, see [`Socket::on_sync`].
pub struct EventRef<'a> {
    pub(crate) socket: &'a Socket,
    pub(crate) name: &'a str,
    pub(crate) args: ArgsRef<'a>,
    pub(crate) ack: Option<Ack>,
}

impl<'a> EventRef<'a> {
    /// The socket it came from.
    pub fn socket(&self) -> &'a Socket {
        self.socket
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its arguments, without the acknowledgement.
    pub fn args(&self) -> ArgsRef<'a> {
        self.args
    }

    /// Argument `index`, if there is one and it is JSON.
    pub fn json(&self, index: usize) -> Option<&'a Value> {
        self.args.json(index)
    }

    /// Argument `index`, if there is one and it is binary.
    pub fn binary(&self, index: usize) -> Option<&'a [u8]> {
        self.args.binary(index)
    }

    /// Argument `index` as a `T`; `None` if it is missing, binary, or of another shape.
    pub fn deserialize<T: DeserializeOwned>(&self, index: usize) -> Option<T> {
        self.args.deserialize(index)
    }

    /// Takes what answers the client, if it asked for an answer; `None` the second time.
    pub fn ack(&mut self) -> Option<Ack> {
        self.ack.take()
    }
}

impl Socket {
    /// Calls `f` for each `event`, one after another in order of arrival with all other handlers of this kind.
    /// A second handler for the same event replaces the first.
    ///
    /// The first poll happens on the read task, so work of milliseconds belongs elsewhere. When more packets wait
    /// than the configuration allows, the connection is closed with `handler backlog`.
    pub fn on<F, Fut>(&self, event: &str, f: F)
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send,
    {
        self.listen(event, Arc::new(Queued(Arc::new(f))));
    }

    /// Calls `f` for each `event`, in place on the read task with borrowed arguments: the way that allocates
    /// nothing. It overtakes events that wait for asynchronous handlers, and it must not block.
    pub fn on_sync(&self, event: &str, f: impl Fn(EventRef<'_>) + Send + Sync + 'static) {
        self.listen(event, Arc::new(InPlace(f)));
    }
}

/// Runs in order of arrival, behind the handlers of earlier packets.
struct Queued<F>(Arc<F>);

impl<F, Fut> Listener for Queued<F>
where
    F: Fn(Event) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    fn call(&self, socket: &Socket, incoming: Incoming<'_>) -> Result<(), DisconnectReason> {
        let args = match incoming.args {
            DecodedArgs::OneBinary(data) => Args::one_binary(data),
            DecodedArgs::Many(args) => args,
        };
        let event = Event {
            socket: socket.clone(),
            name: incoming.name.to_owned(),
            args,
            ack: incoming.ack,
        };
        let f = self.0.clone();
        // The closure itself runs when it is its turn, not now.
        let job = Box::pin(async move { f(event).await });
        socket.queue().push(job, incoming.bytes).map_err(|_| {
            stats::increment(&socket.stats().handler_backlogs);
            DisconnectReason::HandlerBacklog
        })
    }
}

/// Runs on the read task, before the next packet is read.
struct InPlace<F>(F);

impl<F: Fn(EventRef<'_>) + Send + Sync> Listener for InPlace<F> {
    fn call(&self, socket: &Socket, incoming: Incoming<'_>) -> Result<(), DisconnectReason> {
        let args = match &incoming.args {
            DecodedArgs::OneBinary(data) => ArgsRef::OneBinary(data),
            DecodedArgs::Many(args) => ArgsRef::Many(args),
        };
        let event = EventRef {
            socket,
            name: incoming.name,
            args,
            ack: incoming.ack,
        };
        guarded(socket.stats(), || (self.0)(event));
        Ok(())
    }
}
