//! Namespaces: who is told of a new socket, and what can be sent to all of them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::adapter::Scope;
use crate::args::IntoArgs;
use crate::broadcast::Broadcast;
use crate::engine::config::Config;
use crate::handlers::guarded;
use crate::socket::Socket;
use crate::stats::Stats;

/// A namespace of a [`SocketIo`](crate::SocketIo). Cheap to clone; all clones are the same namespace.
#[derive(Clone)]
pub struct Namespace(Arc<Inner>);

type ConnectionHandler = Arc<dyn Fn(&Socket) + Send + Sync>;

struct Inner {
    scope: Arc<Scope>,
    on_connection: RwLock<Vec<ConnectionHandler>>,
}

impl Namespace {
    /// Its name, starting with a slash.
    pub fn name(&self) -> &str {
        &self.0.scope.name
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
    pub fn emit(&self, event: &str, args: impl IntoArgs) {
        self.broadcast().emit(event, args);
    }

    /// Number of sockets connected to it.
    pub fn sockets_count(&self) -> usize {
        self.0.scope.adapter.count()
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.0.scope
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
                on_connection: RwLock::default(),
            }))
        };
        by_name.entry(name.clone()).or_insert_with(create).clone()
    }
}
