//! What an accept loop serves: Socket.IO or Engine.IO alone, which differ only in the application above the sessions.

use std::sync::Arc;

use crate::engine::http::Engine;

/// A server as an accept loop sees it: it claims the requests below its path. Made out of a
/// [`SocketIo`](crate::SocketIo) or an [`EngineIo`](crate::engine_io::EngineIo).
#[derive(Clone)]
pub struct Endpoint(Arc<Engine>);

impl Endpoint {
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self(engine)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0
    }
}
