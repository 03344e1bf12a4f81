//! Namespaces that come to be when a client asks for one: who decides about their names, and what they share.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::adapter::{Delivery, Outbound, Selection};
use crate::args::ToArgs;
use crate::entrance::Entrance;
use crate::error::ConnectError;
use crate::namespace::Namespace;
use crate::namespace_pattern::NamespacePattern;
use crate::selection::RoomList;
use crate::socket::Socket;

/// Who decides whether a namespace comes to be.
pub(crate) enum Matcher {
    Pattern(NamespacePattern),
    Function(Box<Decide>),
    Asynchronous(Box<DecideLater>),
}

type Decide = dyn Fn(&str, &Value) -> bool + Send + Sync;

type DecideLater = dyn Fn(String, Value) -> Decision + Send + Sync;

pub(crate) type Decision = Pin<Box<dyn Future<Output = bool> + Send>>;

/// What the namespaces of one decider share.
pub(crate) struct Parent {
    matcher: Matcher,
    entrance: Arc<Entrance>,
    // A std mutex: entered when a namespace comes or goes, and to copy the list.
    children: Mutex<Vec<Namespace>>,
}

impl Parent {
    pub(crate) fn new(matcher: Matcher) -> Self {
        Self {
            matcher,
            entrance: Arc::default(),
            children: Mutex::default(),
        }
    }

    /// Whether a namespace that the program makes itself is one of its own. Functions are only asked about clients.
    pub(crate) fn claims(&self, name: &str) -> bool {
        matches!(&self.matcher, Matcher::Pattern(pattern) if pattern.matches(name))
    }

    /// Whether a client may have a namespace made. It runs code of the application.
    pub(crate) async fn accepts(&self, name: &str, auth: &Value) -> bool {
        match &self.matcher {
            Matcher::Pattern(pattern) => pattern.matches(name),
            Matcher::Function(f) => f(name, auth),
            Matcher::Asynchronous(f) => f(name.to_owned(), auth.clone()).await,
        }
    }

    pub(crate) fn entrance(&self) -> &Arc<Entrance> {
        &self.entrance
    }

    pub(crate) fn add(&self, child: Namespace) {
        self.lock().push(child);
    }

    pub(crate) fn remove(&self, child: &Namespace) {
        self.lock().retain(|other| other != child);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Namespace>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Namespaces that clients call into being, see [`SocketIo::of_dynamic`](crate::SocketIo::of_dynamic). What is said
/// here holds for all of them, those that are there and those to come; each is a [`Namespace`] of its own besides.
///
/// There is no `fetch_sockets` here: which namespaces there are differs from node to node, so that the answer would
/// be wrong. Ask a [`Namespace`]:
///
/// ```compile_fail
/// # async fn ask(io: socketio::SocketIo) {
/// io.of_dynamic(|name, _| name == "/a").fetch_sockets().await;
/// # }
/// ```
#[derive(Clone)]
pub struct DynamicNamespace(Arc<Parent>);

impl DynamicNamespace {
    pub(crate) fn new(parent: Arc<Parent>) -> Self {
        Self(parent)
    }

    /// Asks `f` about each client that wants to enter one of them, before the middleware of that namespace; see
    /// [`Namespace::use_middleware`].
    pub fn use_middleware<F, Fut>(&self, f: F)
    where
        F: Fn(Socket) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), ConnectError>> + Send + 'static,
    {
        self.0.entrance.use_middleware(f);
    }

    /// Calls `f` for each new socket in one of them, before the handlers of that namespace; see
    /// [`Namespace::on_connection`].
    pub fn on_connection(&self, f: impl Fn(&Socket) + Send + Sync + 'static) {
        self.0.entrance.on_connection(f);
    }

    /// Those that are there now, oldest first.
    pub fn children(&self) -> Vec<Namespace> {
        self.0.lock().clone()
    }

    /// All their sockets.
    pub fn broadcast(&self) -> DynamicBroadcast {
        DynamicBroadcast {
            parent: self.0.clone(),
            selection: Selection::default(),
            delivery: Delivery::default(),
        }
    }

    /// Sends an event to all their sockets, see [`DynamicBroadcast::emit`].
    pub fn emit(&self, event: &str, args: impl ToArgs) {
        self.broadcast().emit(event, args);
    }

    /// Their sockets in `rooms`, one room or several.
    pub fn to(&self, rooms: impl RoomList) -> DynamicBroadcast {
        self.broadcast().to(rooms)
    }

    /// Their sockets that are not in `rooms`, one room or several.
    pub fn except(&self, rooms: impl RoomList) -> DynamicBroadcast {
        self.broadcast().except(rooms)
    }
}

/// A choice of sockets in all namespaces of one [`DynamicNamespace`], and how events are delivered to them. Every
/// method takes a choice and returns another.
#[derive(Clone)]
#[must_use]
pub struct DynamicBroadcast {
    parent: Arc<Parent>,
    selection: Selection,
    delivery: Delivery,
}

impl DynamicBroadcast {
    /// Also the sockets in `rooms`, one room or several; the same name is another room in another namespace.
    pub fn to(mut self, rooms: impl RoomList) -> Self {
        rooms.append_to(&mut self.selection.rooms);
        self
    }

    /// Not the sockets in `rooms`, one room or several, whatever other room they are in.
    pub fn except(mut self, rooms: impl RoomList) -> Self {
        rooms.append_to(&mut self.selection.except);
        self
    }

    /// Only sockets of this node.
    pub fn local(mut self) -> Self {
        self.selection.local = true;
        self
    }

    /// Only to sockets that are ready for it; the others miss the event.
    pub fn volatile(mut self) -> Self {
        self.delivery.volatile = true;
        self
    }

    /// Whether transports that compress may compress the event; they may if nothing is said.
    pub fn compress(mut self, compress: bool) -> Self {
        self.delivery.compress = compress;
        self
    }

    /// Sends an event to all chosen sockets of the namespaces that are on this node. The namespace stands in the
    /// packet, so that it is encoded for each namespace.
    pub fn emit(&self, event: &str, args: impl ToArgs) {
        let outbound = Outbound { event, args: &args };
        let children = self.parent.lock().clone();
        for child in children {
            child
                .adapter()
                .broadcast(outbound, &self.selection, &self.delivery);
        }
    }
}
