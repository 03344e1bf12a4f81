//! What a client meets on its way into a namespace: middleware, and those who are told when it is in.

use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::ConnectError;
use crate::socket::Socket;

/// What one middleware, or all of them, has to say.
pub(crate) type Verdict = Pin<Box<dyn Future<Output = Result<(), ConnectError>> + Send>>;

/// Asked about each client that wants to enter.
pub(crate) type Middleware = Arc<dyn Fn(Socket) -> Verdict + Send + Sync>;

/// Told of each client that has entered.
pub(crate) type ConnectionHandler = Arc<dyn Fn(&Socket) + Send + Sync>;

/// Both in the order in which they were added, each only ever growing.
#[derive(Default)]
pub(crate) struct Entrance {
    middleware: RwLock<Vec<Middleware>>,
    on_connection: RwLock<Vec<ConnectionHandler>>,
}

impl Entrance {
    pub(crate) fn use_middleware<F, Fut>(&self, f: F)
    where
        F: Fn(Socket) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), ConnectError>> + Send + 'static,
    {
        let mut middleware = self.middleware.write().unwrap_or_else(PoisonError::into_inner);
        middleware.push(Arc::new(move |socket| Box::pin(f(socket))));
    }

    pub(crate) fn on_connection(&self, f: impl Fn(&Socket) + Send + Sync + 'static) {
        let mut handlers = self.on_connection.write().unwrap_or_else(PoisonError::into_inner);
        handlers.push(Arc::new(f));
    }

    pub(crate) fn middleware(&self) -> Vec<Middleware> {
        let middleware = self.middleware.read().unwrap_or_else(PoisonError::into_inner);
        middleware.clone()
    }

    pub(crate) fn connection_handlers(&self) -> Vec<ConnectionHandler> {
        let handlers = self.on_connection.read().unwrap_or_else(PoisonError::into_inner);
        handlers.clone()
    }
}
