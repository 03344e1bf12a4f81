//! The entry: builds a server, finds its namespaces, closes it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tower_layer::Layer;

use crate::adapter::memory::Memory;
use crate::adapter::{Adapter, Local};
use crate::connection::Connection;
use crate::dynamic::{Decision, DynamicNamespace, Matcher};
use crate::endpoint::Endpoint;
use crate::engine::application::{Application, Client};
use crate::engine::bundle::ClientBundle;
use crate::engine::config::{Config, Parser};
use crate::engine::conversation::now;
use crate::engine::door::Door;
use crate::engine::handshake::Query;
use crate::engine::hooks::Hooks;
use crate::engine::http::Engine;
use crate::engine::sessions::{SessionHandle, Sessions};
use crate::engine::timers::Timers;
use crate::error::ConfigError;
use crate::listen::NotFound;
use crate::mount::{MountLayer, Mounted};
use crate::namespace::Namespace;
use crate::namespace_pattern::NamespacePattern;
use crate::namespaces::Namespaces;
use crate::outbox::Gathering;
use crate::parser::{Codec, CompactEvents};
use crate::scope::AdapterFactory;
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
    compact_events: Arc<CompactEvents>,
    stats: Arc<Stats>,
}

impl Application for Clients {
    fn speaks(&self, query: &Query) -> bool {
        self.config.parser_for(query.get("parser")).is_some()
    }

    fn open(&self, session: Arc<SessionHandle>, now: Instant) -> Box<dyn Client> {
        let asked_for = session.request.query.get("parser");
        let codec = match self.config.parser_for(asked_for).unwrap_or_default() {
            Parser::Default => Codec::Default,
            Parser::Msgpack => Codec::Msgpack,
            Parser::Compact => Codec::Compact(self.compact_events.clone()),
        };
        Box::new(Connection::new(
            session,
            codec,
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
    hooks: Hooks,
    adapter: Option<AdapterFactory>,
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

    /// Sets what the application has to say about requests.
    #[must_use]
    pub fn hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = hooks;
        self
    }

    /// Connects the namespaces with those of other nodes: `make` is called once for each namespace, with the sockets that
    /// it has on this node. Without it the server is alone, see [`Memory`].
    #[must_use]
    pub fn adapter<A: Adapter>(mut self, make: impl Fn(Local) -> A + Send + Sync + 'static) -> Self {
        self.adapter = Some(Arc::new(move |local| Box::new(make(local))));
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
        let compact_events = CompactEvents::new(&self.config.compact_events)?;
        let config = Arc::new(self.config);
        let stats = Arc::new(Stats::default());
        let alone: AdapterFactory = Arc::new(|local| Box::new(Memory::new(local)));
        let adapter = self.adapter.unwrap_or(alone);
        let namespaces = Arc::new(Namespaces::new(config.clone(), stats.clone(), adapter));
        namespaces.get_or_create("/");
        let clients = Clients {
            namespaces: namespaces.clone(),
            compact_events: Arc::new(compact_events),
            config: config.clone(),
            stats: stats.clone(),
        };
        let sessions = Arc::new(Sessions::new(stats.clone()));
        let engine = Engine {
            timers: Timers::new(config.ping_interval, config.ping_timeout).into(),
            door: Door::new(config.handshakes_per_s_max, now()),
            gathering: Gathering::new(config.pressure, stats.clone()).into(),
            config,
            stats,
            sessions,
            application: Arc::new(clients),
            bundle: self.bundle.into(),
            hooks: self.hooks,
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

    /// Namespaces that come to be when a client asks for a name that `f` agrees to. `f` gets the name and the payload of
    /// the CONNECT; it runs on the read task of that client and must not block. Those who decide are asked in the order
    /// in which they were added, the first that agrees makes the namespace.
    ///
    /// `f` decides whether a namespace comes to be, not who may enter: once it is there it is not asked again. That is
    /// for [`DynamicNamespace::use_middleware`]. With the crate `regex` it may be `move |name, _| regex.is_match(name)`.
    ///
    /// Clients make no more than [`Config::dynamic_namespaces_max`] of them; whoever asks for one more hears
    /// `Too many namespaces`. They stay, unless [`Config::cleanup_empty_child_namespaces`] is set.
    pub fn of_dynamic(&self, f: impl Fn(&str, &Value) -> bool + Send + Sync + 'static) -> DynamicNamespace {
        self.add_dynamic(Matcher::Function(Box::new(f)))
    }

    /// The same for a decision that takes a while. Meanwhile the client waits, which counts against
    /// [`Config::connect_timeout`].
    pub fn of_dynamic_async<F, Fut>(&self, f: F) -> DynamicNamespace
    where
        F: Fn(String, Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        let decide = move |name, auth| -> Decision { Box::pin(f(name, auth)) };
        self.add_dynamic(Matcher::Asynchronous(Box::new(decide)))
    }

    /// The same for names of one pattern. A namespace that [`SocketIo::of`] makes belongs to it as well, if its name
    /// matches and it is made later.
    pub fn of_pattern(&self, pattern: NamespacePattern) -> DynamicNamespace {
        self.add_dynamic(Matcher::Pattern(pattern))
    }

    /// Calls `f` for each namespace that is made from now on, by the program or for a client, before any client enters
    /// it. A client waits for `f`, so it must not block; it must not wait for a client either.
    pub fn on_new_namespace(&self, f: impl Fn(&Namespace) + Send + Sync + 'static) {
        self.0.namespaces.on_new(f);
    }

    fn add_dynamic(&self, matcher: Matcher) -> DynamicNamespace {
        DynamicNamespace::new(self.0.namespaces.add_parent(matcher))
    }

    /// Everything that is counted.
    pub fn stats(&self) -> &Stats {
        &self.0.engine.stats
    }

    /// The settings it was built with.
    pub fn config(&self) -> &Config {
        &self.0.engine.config
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

    /// Lets no session in any more, tells all sockets `server shutting down`, flushes, and returns when all are gone
    /// or `grace` has passed; what is left then is cut off. Then the adapters are closed.
    pub async fn close(&self, grace: Duration) {
        self.0.engine.close(grace).await;
        self.0.namespaces.close_adapters().await;
    }
}

impl From<SocketIo> for Endpoint {
    fn from(io: SocketIo) -> Self {
        Self::new(io.0.engine.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::{SinkExt, StreamExt};
    use hyper::service::service_fn;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio_tungstenite::tungstenite::{Error, Message};
    use tokio_tungstenite::{WebSocketStream, client_async};

    use super::*;

    /// A connection that somebody else has accepted; its stream holds few bytes.
    fn accept(io: &SocketIo) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(256);
        let io = io.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: http::Request<_>| {
                let io = io.clone();
                async move { Ok::<_, Infallible>(io.0.engine.handle("", request).await) }
            });
            let http = hyper::server::conn::http1::Builder::new();
            http.serve_connection(TokioIo::new(ours), service)
                .with_upgrades()
                .await
        });
        theirs
    }

    async fn connect(io: &SocketIo, query: &str) -> WebSocketStream<DuplexStream> {
        let url = format!("ws://x/socket.io/?EIO=4&transport=websocket{query}");
        client_async(url, accept(io)).await.unwrap().0
    }

    /// The answer to a request of a session that polls, head and body.
    async fn poll(io: &SocketIo, method: &str, query: &str, body: &str) -> String {
        let mut stream = accept(io);
        let length = body.len();
        let request = format!(
            "{method} /socket.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn text(client: &mut WebSocketStream<DuplexStream>) -> String {
        client
            .next()
            .await
            .unwrap()
            .unwrap()
            .into_text()
            .unwrap()
            .to_string()
    }

    #[tokio::test]
    async fn a_connection_of_a_foreign_server_is_served_like_ours() {
        let io = SocketIo::builder().build();
        io.of("/").on_connection(|socket| {
            socket.on("echo", |event| async move {
                event.socket.emit("back", event.args).unwrap();
            });
        });
        let mut client = connect(&io, "").await;
        assert!(text(&mut client).await.starts_with("0{\"sid\":\""));
        client.send(Message::text("40")).await.unwrap();
        assert!(text(&mut client).await.starts_with("40{\"sid\":\""));
        let long = "x".repeat(10_000);
        for number in 0..10 {
            let echo = format!(r#"42["echo",{number},"{long}"]"#);
            let (mut sink, mut stream) = client.split();
            let (sent, back) = tokio::join!(sink.send(Message::text(echo)), stream.next());
            sent.unwrap();
            let back = back.unwrap().unwrap().into_text().unwrap();
            assert_eq!(back, format!(r#"42["back",{number},"{long}"]"#));
            client = sink.reunite(stream).unwrap();
        }
        let closing = io.close(Duration::from_secs(10));
        let goodbye = async move {
            let Message::Close(Some(frame)) = client.next().await.unwrap().unwrap() else {
                panic!("expected a close frame");
            };
            assert_eq!(
                (u16::from(frame.code), frame.reason.as_str()),
                (1001, "server shutting down")
            );
            assert!(matches!(
                client.next().await,
                None | Some(Err(Error::ConnectionClosed))
            ));
        };
        tokio::join!(closing, goodbye);
        assert_eq!(
            io.stats()
                .connections_open
                .load(std::sync::atomic::Ordering::Relaxed),
            0
        );
    }

    #[tokio::test]
    async fn a_session_moves_to_a_stream_of_a_foreign_server() {
        let io = SocketIo::builder().build();
        let long = "x".repeat(10_000);
        let greeting = long.clone();
        io.of("/")
            .on_connection(move |socket| socket.emit("long", greeting.as_str()).unwrap());
        let opened = poll(&io, "GET", "", "").await;
        let sid = opened.split("\"sid\":\"").nth(1).unwrap()[..20].to_owned();
        let query = format!("&sid={sid}");
        assert!(poll(&io, "POST", &query, "40").await.ends_with("ok"));
        let mut client = connect(&io, &query).await;
        client.send(Message::text("2probe")).await.unwrap();
        assert_eq!(text(&mut client).await, "3probe");
        client.send(Message::text("5")).await.unwrap();
        assert!(text(&mut client).await.starts_with("40{\"sid\":\""));
        assert_eq!(text(&mut client).await, format!(r#"42["long","{long}"]"#));
        assert!(poll(&io, "GET", &query, "").await.starts_with("HTTP/1.1 400"));
    }
}
