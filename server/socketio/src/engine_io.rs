//! Engine.IO alone: messages over polling and WebSocket with heartbeats and upgrade, but without namespaces, events and
//! acknowledgements. For programs that bring a protocol of their own, and for clients that speak Engine.IO only.
//!
//! ```
//! use socketio::Config;
//! use socketio::engine_io::{Application, Client, EngineIo, Message, Session};
//!
//! struct Echo;
//!
//! impl Application for Echo {
//!     fn open(&self, session: Session) -> Box<dyn Client> {
//!         Box::new(EchoClient(session))
//!     }
//! }
//!
//! struct EchoClient(Session);
//!
//! impl Client for EchoClient {
//!     fn on_message(&mut self, message: Message<'_>) {
//!         // A session that is gone tells `on_close`.
//!         let _ = self.0.send(message);
//!     }
//! }
//!
//! let config = Config { path: "/engine.io".to_owned(), ..Config::default() };
//! let engine = EngineIo::builder(Echo).config(config).build();
//! # drop(engine);
//! ```

use std::sync::Arc;
use std::task::Context;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tower_layer::Layer;

use crate::endpoint::Endpoint;
use crate::engine::application;
use crate::engine::config::{Config, Transport};
use crate::engine::conversation::now;
use crate::engine::door::Door;
use crate::engine::frame::{self, Opcode};
use crate::engine::frames::settled;
use crate::engine::hooks::Hooks;
use crate::engine::http::Engine;
use crate::engine::request::RequestHead;
use crate::engine::sessions::{SessionHandle, Sessions};
use crate::engine::timers::Timers;
use crate::error::{ConfigError, EmitError};
use crate::guard::guarded;
use crate::listen::NotFound;
use crate::mount::{MountLayer, Mounted};
use crate::outbox::{Class, Gathering};
use crate::piece::Piece;
use crate::reason::DisconnectReason;
use crate::stats::Stats;

/// What is done with sessions.
pub trait Application: Send + Sync + 'static {
    /// A client has opened a session. Returns this side of it; until then no message is delivered.
    /// Called by the session's task, so it must not block. A panic closes the session.
    fn open(&self, session: Session) -> Box<dyn Client>;
}

/// This side of one session. It is dropped when the session is over.
pub trait Client: Send + 'static {
    /// A message arrived. Messages are given in order of arrival, by the session's task, so this must not block. A
    /// panic is counted and ends there.
    fn on_message(&mut self, message: Message<'_>);

    /// The session is over; nothing can be sent any more.
    fn on_close(&mut self, _reason: DisconnectReason) {}
}

/// A message of either kind, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A string.
    Text(&'a str),
    /// Bytes.
    Binary(Bytes),
}

/// One client, whatever transport it is on. Cheap to clone; all clones are the same session.
#[derive(Clone)]
pub struct Session(Arc<SessionHandle>);

impl Session {
    /// The session id. It is a secret between the client and this server: whoever knows it may speak for the client by
    /// polling. Neither log it nor show it to other clients.
    pub fn id(&self) -> &str {
        &self.0.sid
    }

    /// How the client is connected now.
    pub fn transport(&self) -> Transport {
        self.0.transport()
    }

    /// The HTTP request that opened the session, with what middleware has left in its extensions.
    pub fn request(&self) -> &RequestHead {
        &self.0.request
    }

    /// Sends a message now, or as soon as the client takes it; in order with all others.
    ///
    /// # Errors
    /// [`EmitError::Disconnected`] when the session is over, or has just ended because too much waits for its client;
    /// [`EmitError::TooLarge`] when the message alone is larger than the outbox may be.
    pub fn send(&self, message: Message<'_>) -> Result<(), EmitError> {
        let mut out = Vec::new();
        match message {
            Message::Text(text) => {
                out.reserve_exact(frame::HEADER_BYTES_MAX + 1 + text.len());
                frame::push_header(&mut out, Opcode::Text, 1 + text.len());
                out.push(b'4');
                out.extend_from_slice(text.as_bytes());
            }
            Message::Binary(data) => {
                out.reserve_exact(frame::HEADER_BYTES_MAX + data.len());
                frame::push_header(&mut out, Opcode::Binary, data.len());
                out.extend_from_slice(&data);
            }
        }
        let frame = Bytes::from(out);
        self.0.outbox.send(Piece::shared(&frame, 1), Class::Data)?;
        Ok(())
    }

    /// Whether a message sent now would leave at once.
    pub fn writable(&self) -> bool {
        self.0.outbox.is_writable()
    }

    /// Bytes that wait for the client, bounded by [`Config::outbox_bytes_max`].
    pub fn buffered_bytes(&self) -> usize {
        self.0.outbox.queued().0
    }

    /// Ends the session; what was sent before still leaves.
    pub fn close(&self) {
        self.0.outbox.request_close(DisconnectReason::ForcedClose);
    }
}

/// An Engine.IO server. Cheap to clone; all clones are the same server. It is served as a
/// [`SocketIo`](crate::SocketIo) is, e.g. by [`listen::serve`](crate::listen::serve).
#[derive(Clone)]
pub struct EngineIo(Arc<Engine>);

/// Collects what an [`EngineIo`] is made of.
pub struct EngineIoBuilder {
    config: Config,
    hooks: Hooks,
    application: Arc<dyn Application>,
}

impl EngineIoBuilder {
    /// Replaces the default settings. The path of Engine.IO clients is `/engine.io`, unless they are told otherwise.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets what the application has to say about requests.
    #[must_use]
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = hooks;
        self
    }

    /// Builds the server; it listens nowhere yet.
    ///
    /// # Panics
    /// When a setting is out of its range; [`EngineIoBuilder::try_build`] tells instead.
    pub fn build(self) -> EngineIo {
        match self.try_build() {
            Ok(io) => io,
            Err(error) => panic!("invalid configuration: {error}"),
        }
    }

    /// Builds the server.
    ///
    /// # Errors
    /// When a setting is out of its range.
    pub fn try_build(self) -> Result<EngineIo, ConfigError> {
        self.config.validate()?;
        let stats = Arc::new(Stats::default());
        let opener = Opener {
            application: self.application,
            stats: stats.clone(),
        };
        Ok(EngineIo(Arc::new(Engine {
            timers: Timers::new(self.config.ping_interval, self.config.ping_timeout).into(),
            door: Door::new(self.config.handshakes_per_s_max, now()),
            gathering: Gathering::new(self.config.pressure, stats.clone()).into(),
            config: Arc::new(self.config),
            sessions: Arc::new(Sessions::new(stats.clone())),
            stats,
            application: Arc::new(opener),
            bundle: Default::default(),
            hooks: self.hooks,
        })))
    }
}

impl EngineIo {
    /// Starts with the default settings, the path `/engine.io`.
    pub fn builder(application: impl Application) -> EngineIoBuilder {
        EngineIoBuilder {
            config: Config {
                path: "/engine.io".to_owned(),
                ..Config::default()
            },
            hooks: Hooks::default(),
            application: Arc::new(application),
        }
    }

    /// Everything that is counted; what concerns Socket.IO stays zero.
    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    /// The settings it was built with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Puts this server in front of the routes of an application, as a tower layer: on any server that hyper drives,
    /// such as `axum::serve`. [`listen::serve`](crate::listen::serve) does the same with bounds of its own.
    pub fn layer(&self) -> MountLayer {
        MountLayer::new(self.clone())
    }

    /// This server alone as a tower service; other paths than its own are unknown.
    pub fn into_service(self) -> Mounted<NotFound> {
        MountLayer::new(self).layer(NotFound)
    }

    /// Lets no session in any more, closes all, flushes, and returns when all are gone or `grace` has passed; what is
    /// left then is cut off.
    pub async fn close(&self, grace: Duration) {
        self.0.close(grace).await;
    }
}

impl From<EngineIo> for Endpoint {
    fn from(io: EngineIo) -> Self {
        Self::new(io.0)
    }
}

/// Between the drivers of sessions and the application.
struct Opener {
    application: Arc<dyn Application>,
    stats: Arc<Stats>,
}

impl application::Application for Opener {
    fn open(&self, session: Arc<SessionHandle>, _now: Instant) -> Box<dyn application::Client> {
        let mut client = None;
        guarded(&self.stats, || {
            client = Some(self.application.open(Session(session.clone())));
        });
        if client.is_none() {
            session.outbox.request_close(DisconnectReason::ForcedClose);
        }
        Box::new(Guarded {
            client,
            session,
            stats: self.stats.clone(),
        })
    }
}

/// The application's side of a session behind the border of panics; `None` where there is none or it is over.
struct Guarded {
    client: Option<Box<dyn Client>>,
    session: Arc<SessionHandle>,
    stats: Arc<Stats>,
}

impl Guarded {
    fn deliver(&mut self, message: Message<'_>) -> Result<(), DisconnectReason> {
        if let Some(client) = &mut self.client {
            guarded(&self.stats, || client.on_message(message));
        }
        Ok(())
    }
}

impl application::Client for Guarded {
    fn on_text(&mut self, _now: Instant, text: &str) -> Result<(), DisconnectReason> {
        self.deliver(Message::Text(text))
    }

    fn on_binary(&mut self, _now: Instant, data: Bytes) -> Result<(), DisconnectReason> {
        self.deliver(Message::Binary(settled(data)))
    }

    fn poll(&mut self, _cx: &mut Context<'_>) -> Result<(), DisconnectReason> {
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    fn handle_timeout(&mut self, _now: Instant) -> Result<(), DisconnectReason> {
        Ok(())
    }

    fn on_close(&mut self, reason: DisconnectReason) {
        if let Some(mut client) = self.client.take() {
            guarded(&self.stats, move || client.on_close(reason));
        }
    }
}

impl Drop for Guarded {
    /// Also when the driver is dropped in the middle, e.g. with its runtime.
    fn drop(&mut self) {
        self.session.outbox.request_close(DisconnectReason::ForcedClose);
        application::Client::on_close(self, DisconnectReason::ForcedClose);
    }
}
