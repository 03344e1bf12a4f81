use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use socketio::{Config, Emitted, Endpoint, Pressure, Socket, SocketIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

/// A wait that takes longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A server that listens until it is dropped.
pub(crate) struct Server {
    pub(crate) io: SocketIo,
    pub(crate) addr: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Server {
    pub(crate) async fn start(mut config: Config, setup: impl FnOnce(&SocketIo)) -> Self {
        if let Some(pressure) = forced_pressure() {
            config.pressure = pressure;
        }
        let io = SocketIo::builder().config(config).build();
        setup(&io);
        Self::serve(io).await
    }

    pub(crate) async fn serve(io: SocketIo) -> Self {
        let (addr, stop) = serve(io.clone()).await;
        Self::at(io, addr, stop)
    }

    /// A server that somebody else serves.
    pub(crate) fn at(io: SocketIo, addr: SocketAddr, stop: oneshot::Sender<()>) -> Self {
        Self {
            io,
            addr,
            _stop: stop,
        }
    }

    /// A client that has read its open packet.
    pub(crate) async fn client(&self) -> Client {
        let mut client = Client::open(self.addr).await;
        assert!(client.text().await.starts_with("0{\"sid\":\""));
        client
    }

    /// A client that has joined `/` and read the answer.
    pub(crate) async fn joined(&self) -> Client {
        let mut client = self.client().await;
        client.send("40").await;
        assert!(client.text().await.starts_with("40{\"sid\":\""));
        client
    }

    /// Returns when `gauge` is `expected`.
    pub(crate) async fn until(&self, gauge: impl Fn(&socketio::Stats) -> &AtomicU64, expected: u64) {
        until(gauge(self.io.stats()), expected).await;
    }

    /// Returns when every gauge is zero: nobody left anything behind.
    pub(crate) async fn until_empty(&self) {
        self.until(|stats| &stats.sockets_connected, 0).await;
        self.until(|stats| &stats.connections_open, 0).await;
        self.until(|stats| &stats.outbox_bytes, 0).await;
        self.until(|stats| &stats.tcp_open, 0).await;
    }

    pub(crate) fn count(&self, counter: impl Fn(&socketio::Stats) -> &AtomicU64) -> u64 {
        counter(self.io.stats()).load(Ordering::Relaxed)
    }
}

/// What the environment wants the servers of all tests to do, so that the same tests hold the rule in both ways.
pub(crate) fn forced_pressure() -> Option<Pressure> {
    match std::env::var("TICKROOM_PRESSURE").as_deref() {
        Ok("always") => Some(Pressure::Always),
        Ok("off") => Some(Pressure::Off),
        _ => None,
    }
}

/// Whether every message waits for company, as no test expects that counts writes.
pub(crate) fn is_always_gathered() -> bool {
    forced_pressure() == Some(Pressure::Always)
}

/// What becomes of an event that a client is ready for.
pub(crate) fn on_its_way() -> Emitted {
    if is_always_gathered() {
        Emitted::Queued
    } else {
        Emitted::Taken
    }
}

/// Serves `endpoint` on a port of its own until the sender is dropped.
pub(crate) async fn serve(endpoint: impl Into<Endpoint>) -> (SocketAddr, oneshot::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move {
        let _ = stopped.await;
    };
    tokio::spawn(socketio::listen::serve(listener, endpoint.into(), App, shutdown));
    (addr, stop)
}

/// A server which hands each new socket of `/` to the test.
pub(crate) async fn server_with_sockets(config: Config) -> (Server, mpsc::UnboundedReceiver<Socket>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let server = Server::start(config, |io| {
        fixture(io);
        io.of("/")
            .on_connection(move |socket| sender.send(socket.clone()).unwrap());
    })
    .await;
    (server, receiver)
}

/// Returns when `counter` is `expected`.
pub(crate) async fn until(counter: &AtomicU64, expected: u64) {
    let reached = async {
        while counter.load(Ordering::Relaxed) != expected {
            tokio::task::yield_now().await;
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, reached).await;
    assert!(
        outcome.is_ok(),
        "expected {expected}, is {}",
        counter.load(Ordering::Relaxed)
    );
}

/// Returns when a poll of the client waits.
pub(crate) async fn until_writable(socket: &Socket) {
    let reached = async {
        while !socket.writable() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.unwrap();
}

/// What a client sees.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    Text(String),
    Binary(Bytes),
    /// A close frame with its code and reason; 1005 stands for none.
    Close(u16, String),
    /// The stream is over.
    End,
}

impl Seen {
    pub(crate) fn close(code: u16, reason: &str) -> Self {
        Self::Close(code, reason.to_owned())
    }
}

/// A WebSocket client that speaks only what the test says.
pub(crate) struct Client {
    pub(crate) ws: WebSocketStream<TcpStream>,
}

impl Client {
    pub(crate) async fn open(addr: SocketAddr) -> Self {
        Self::open_at(addr, "/socket.io/?EIO=4&transport=websocket")
            .await
            .unwrap()
    }

    pub(crate) async fn open_at(addr: SocketAddr, path: &str) -> Result<Self, Error> {
        let stream = TcpStream::connect(addr).await.unwrap();
        let config = WebSocketConfig::default().read_buffer_size(16 * 1024);
        let url = format!("ws://{addr}{path}");
        let connecting = tokio_tungstenite::client_async_with_config(url, stream, Some(config));
        tokio::time::timeout(PATIENCE, connecting)
            .await
            .unwrap()
            .map(|(ws, _)| Self { ws })
    }

    pub(crate) async fn send(&mut self, text: &str) {
        // The server may have closed already; what it says then is what the test looks at.
        let _ = self.ws.send(Message::text(text)).await;
    }

    pub(crate) async fn send_binary(&mut self, data: &[u8]) {
        let _ = self.ws.send(Message::binary(data.to_vec())).await;
    }

    /// The next thing the server says, answering no ping.
    pub(crate) async fn next(&mut self) -> Seen {
        loop {
            let item = tokio::time::timeout(PATIENCE, self.ws.next())
                .await
                .expect("the server says something");
            return match item {
                Some(Ok(Message::Text(text))) => Seen::Text(text.to_string()),
                Some(Ok(Message::Binary(data))) => Seen::Binary(data),
                Some(Ok(Message::Close(frame))) => frame.map_or_else(
                    || Seen::close(1005, ""),
                    |frame| Seen::close(frame.code.into(), &frame.reason),
                ),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => Seen::End,
            };
        }
    }

    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Seen::Text(text) => text,
            other => panic!("expected text, saw {other:?}"),
        }
    }

    pub(crate) async fn binary(&mut self) -> Bytes {
        match self.next().await {
            Seen::Binary(data) => data,
            other => panic!("expected binary, saw {other:?}"),
        }
    }

    /// Reads on until the server closes; the code of its close frame, if it sent one.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Seen::Close(code, _) => return Some(code),
                Seen::End => return None,
                _ => {}
            }
        }
    }
}

/// The fixture of the protocol's own test suite: `auth` on connection, echo, echo by acknowledgement.
pub(crate) fn fixture(io: &SocketIo) {
    io.of("/").on_connection(|socket| {
        socket.emit("auth", socket.handshake().auth.clone()).unwrap();
        socket.on("message", |event| async move {
            let _ = event.socket.emit("message-back", event.args);
        });
        socket.on("message-with-ack", |event| async move {
            let _ = event.ack.unwrap().send(event.args);
        });
    });
    io.of("/custom").on_connection(|socket| {
        socket.emit("auth", socket.handshake().auth.clone()).unwrap();
    });
}

/// The application's own routes: every path answers with the peer's address.
#[derive(Clone)]
struct App;

impl tower_service::Service<http::Request<Incoming>> for App {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Incoming>) -> Self::Future {
        let peer = request.extensions().get::<SocketAddr>().copied();
        let body = format!("app {} {}", request.uri().path(), peer.is_some());
        ready(Ok(http::Response::new(Full::from(body))))
    }
}
