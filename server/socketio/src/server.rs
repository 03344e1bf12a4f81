//! The entry: builds a server, finds its namespaces, closes it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::endpoint::Endpoint;
use crate::engine::application::{Application, Client};
use crate::engine::bundle::ClientBundle;
use crate::engine::config::Config;
use crate::engine::http::{AllowRequest, Engine};
use crate::engine::sessions::{SessionHandle, Sessions};
use crate::error::ConfigError;
use crate::namespace::{Namespace, Namespaces};
use crate::stats::Stats;

/// A Socket.IO server. Cheap to clone; all clones are the same server.
#[derive(Clone)]
pub struct SocketIo(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    namespaces: Arc<Namespaces>,
}

/// Opens the Socket.IO side of each session.
struct Clients {
    namespaces: Arc<Namespaces>,
    config: Arc<Config>,
    stats: Arc<Stats>,
}

impl Application for Clients {
    fn open(&self, session: Arc<SessionHandle>, now: Instant) -> Box<dyn Client> {
        Box::new(Connection::new(
            session,
            self.namespaces.clone(),
            self.config.clone(),
            self.stats.clone(),
            now,
        ))
    }
}

/// Collects what a [`SocketIo`] is made of.
#[derive(Default)]
pub struct SocketIoBuilder {
    config: Config,
    bundle: ClientBundle,
    allow_request: Option<AllowRequest>,
}

impl SocketIoBuilder {
    /// Replaces the default settings.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Offers the files of a client.
    #[must_use]
    pub fn client_bundle(mut self, bundle: ClientBundle) -> Self {
        self.bundle = bundle;
        self
    }

    /// Asks `f` about each request that wants to open a session, with the peer's address as far as the accept loop
    /// knows it; later requests of a session are not asked about. Refused are polling clients with status 403, code 4
    /// and the text as message, WebSocket clients with status 400 and the bare text; an empty text becomes
    /// `Forbidden`. It runs on the accept path and must not block. A panic refuses.
    #[must_use]
    pub fn allow_request(
        mut self,
        f: impl Fn(&http::request::Parts, Option<SocketAddr>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        self.allow_request = Some(Arc::new(f));
        self
    }

    /// Builds the server; it has the namespace `/` and listens nowhere yet.
    ///
    /// # Panics
    /// When a setting is out of its range; [`SocketIoBuilder::try_build`] tells instead.
    pub fn build(self) -> SocketIo {
        match self.try_build() {
            Ok(io) => io,
            Err(error) => panic!("invalid configuration: {error}"),
        }
    }

    /// Builds the server.
    ///
    /// # Errors
    /// When a setting is out of its range.
    pub fn try_build(self) -> Result<SocketIo, ConfigError> {
        self.config.validate()?;
        let config = Arc::new(self.config);
        let stats = Arc::new(Stats::default());
        let namespaces = Arc::new(Namespaces::new(config.clone(), stats.clone()));
        namespaces.get_or_create("/");
        let clients = Clients {
            namespaces: namespaces.clone(),
            config: config.clone(),
            stats: stats.clone(),
        };
        let sessions = Arc::new(Sessions::new(stats.clone()));
        let engine = Engine {
            config,
            stats,
            sessions,
            application: Arc::new(clients),
            bundle: self.bundle,
            allow_request: self.allow_request,
        };
        Ok(SocketIo(Arc::new(Inner {
            engine: Arc::new(engine),
            namespaces,
        })))
    }
}

impl SocketIo {
    /// Starts with the default settings.
    pub fn builder() -> SocketIoBuilder {
        SocketIoBuilder::default()
    }

    /// The namespace `name`, created if there is none. A missing slash at the start is added.
    pub fn of(&self, name: &str) -> Namespace {
        self.0.namespaces.get_or_create(name)
    }

    /// Everything that is counted.
    pub fn stats(&self) -> &Stats {
        &self.0.engine.stats
    }

    /// The settings it was built with.
    pub fn config(&self) -> &Config {
        &self.0.engine.config
    }

    /// Lets no session in any more, tells all sockets `server shutting down`, flushes, and returns when all are gone
    /// or `grace` has passed; what is left then is cut off.
    pub async fn close(&self, grace: Duration) {
        self.0.engine.close(grace).await;
    }
}

impl From<SocketIo> for Endpoint {
    fn from(io: SocketIo) -> Self {
        Self::new(io.0.engine.clone())
    }
}
