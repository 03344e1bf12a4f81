//! Namespaces: who is told of a new socket, and what can be sent to all of them.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use crate::adapter::Scope;
use crate::args::ToArgs;
use crate::broadcast::Broadcast;
use crate::engine::config::Config;
use crate::error::ConnectError;
use crate::guard::guarded;
use crate::socket::Socket;
use crate::stats::Stats;

/// A namespace of a [`SocketIo`](crate::SocketIo). Cheap to clone; all clones are the same namespace.
#[derive(Clone)]
pub struct Namespace(Arc<Inner>);

/// What one middleware, or all of them, has to say.
pub(crate) type Verdict = Pin<Box<dyn Future<Output = Result<(), ConnectError>> + Send>>;

/// Asked about each client that wants to enter, see [`Namespace::use_middleware`].
pub(crate) type Middleware = Arc<dyn Fn(Socket) -> Verdict + Send + Sync>;

type ConnectionHandler = Arc<dyn Fn(&Socket) + Send + Sync>;

struct Inner {
    scope: Arc<Scope>,
    middleware: RwLock<Vec<Middleware>>,
    on_connection: RwLock<Vec<ConnectionHandler>>,
}

impl Namespace {
    /// Its name, starting with a slash.
    pub fn name(&self) -> &str {
        &self.0.scope.name
    }

    /// Asks `f` about each client that wants to enter, after all that were added before; the first refusal is what
    /// the client hears as `connect_error`, and its connection stays open.
    ///
    /// Until all have agreed the socket is not connected: what is emitted to it fails and no handler runs, but it may
    /// enter rooms and be given listeners. If it is refused or the client leaves, it leaves its rooms, its
    /// disconnect handlers run, and a middleware at work is dropped at its next await. A client that sends to
    /// the namespace before it was answered is disconnected. Waiting counts against
    /// [`Config::connect_timeout`](crate::Config::connect_timeout). A panic refuses the client.
    pub fn use_middleware<F, Fut>(&self, f: F)
    where
        F: Fn(Socket) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), ConnectError>> + Send + 'static,
    {
        self.0
            .middleware
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(move |socket| Box::pin(f(socket))));
    }

    /// Calls `f` for each new socket on the read task of its connection. No later packet of that client is read
    /// before `f` has returned, so listeners registered in it miss nothing. What it emits leaves after the answer
    /// to CONNECT. A panic in it disconnects the socket.
    pub fn on_connection(&self, f: impl Fn(&Socket) + Send + Sync + 'static) {
        self.0
            .on_connection
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(f));
    }

    /// The sockets in `room`.
    pub fn to(&self, room: &str) -> Broadcast {
        self.broadcast().to(room)
    }

    /// All sockets that are not in `room`.
    pub fn except(&self, room: &str) -> Broadcast {
        self.broadcast().except(room)
    }

    /// All sockets of the namespace.
    pub fn broadcast(&self) -> Broadcast {
        Broadcast::new(self.0.scope.clone(), None)
    }

    /// Sends an event to all sockets of the namespace, see [`Broadcast::emit`].
    pub fn emit(&self, event: &str, args: impl ToArgs) {
        self.broadcast().emit(event, args);
    }

    /// Number of sockets connected to it.
    pub fn sockets_count(&self) -> usize {
        self.0.scope.adapter.count()
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.0.scope
    }

    pub(crate) fn middleware(&self) -> Vec<Middleware> {
        self.0
            .middleware
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Tells the application of a new socket.
    pub(crate) fn announce(&self, socket: &Socket) {
        let handlers = self
            .0
            .on_connection
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for handler in handlers {
            if !guarded(&self.0.scope.stats, || handler(socket)) {
                return socket.disconnect(false);
            }
        }
    }
}

/// All namespaces by name.
pub(crate) struct Namespaces {
    by_name: RwLock<HashMap<String, Namespace>>,
    config: Arc<Config>,
    stats: Arc<Stats>,
}

impl Namespaces {
    pub(crate) fn new(config: Arc<Config>, stats: Arc<Stats>) -> Self {
        Self {
            by_name: RwLock::default(),
            config,
            stats,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Namespace> {
        self.by_name
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    pub(crate) fn get_or_create(&self, name: &str) -> Namespace {
        let name = if name.starts_with('/') {
            name.to_owned()
        } else {
            format!("/{name}")
        };
        let mut by_name = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        let create = || {
            let scope = Scope::new(&name, self.config.clone(), self.stats.clone());
            Namespace(Arc::new(Inner {
                scope: Arc::new(scope),
                middleware: RwLock::default(),
                on_connection: RwLock::default(),
            }))
        };
        by_name.entry(name.clone()).or_insert_with(create).clone()
    }
}
