use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socketio::client::{Client, ClientConfig, ClientError, ClientSocket};
use socketio::listen::NotFound;
use socketio::{Args, Config, DisconnectReason, SocketIo, Stats, Transport};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// A wait that takes longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Our server, which listens until it is dropped.
pub(crate) struct Server {
    pub(crate) io: SocketIo,
    pub(crate) addr: SocketAddr,
    pub(crate) url: String,
    serving: JoinHandle<io::Result<()>>,
    _stop: oneshot::Sender<()>,
}

impl Server {
    pub(crate) async fn start(config: Config, setup: impl FnOnce(&SocketIo)) -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), config, setup).await
    }

    pub(crate) async fn start_at(addr: SocketAddr, config: Config, setup: impl FnOnce(&SocketIo)) -> Self {
        let io = SocketIo::builder().config(config).build();
        setup(&io);
        let listener = TcpListener::bind(addr).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(socketio::listen::serve(listener, io.clone(), NotFound, shutdown));
        Self {
            io,
            addr,
            url: format!("http://{addr}"),
            serving,
            _stop: stop,
        }
    }

    /// Stops listening, and closes all connections.
    pub(crate) async fn stop(self) {
        drop(self._stop);
        self.io.close(PATIENCE).await;
        let _ = patient("the end of the server", self.serving).await;
    }

    /// The server of most tests: see [`fixture`].
    pub(crate) async fn fixture() -> Self {
        Self::start(Config::default(), fixture).await
    }

    pub(crate) async fn client(&self) -> Client {
        let client = Client::new(&self.url, once()).unwrap();
        client.connect().await.unwrap();
        client
    }

    /// A client that has joined `/`.
    pub(crate) async fn joined(&self, register: impl FnOnce(&ClientSocket)) -> (Client, ClientSocket) {
        let client = self.client().await;
        let socket = join(&client, "/", Value::Null, register).await.unwrap();
        (client, socket)
    }

    /// Returns when `gauge` is `expected`.
    pub(crate) async fn until(&self, gauge: impl Fn(&Stats) -> &AtomicU64, expected: u64) {
        let gauge = gauge(self.io.stats());
        patient("a gauge", async {
            while gauge.load(Ordering::Relaxed) != expected {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

/// Settings of a client that knows WebSocket alone and does not come back.
pub(crate) fn once() -> ClientConfig {
    ClientConfig {
        transports: vec![Transport::WebSocket],
        reconnection: None,
        ack_timeout: PATIENCE,
        ..ClientConfig::default()
    }
}

/// A socket of `client` that has joined `namespace`. `register` sets its listeners before.
pub(crate) async fn join(
    client: &Client,
    namespace: &str,
    auth: Value,
    register: impl FnOnce(&ClientSocket),
) -> Result<ClientSocket, ClientError> {
    let socket = client.namespace(namespace);
    socket.auth(auth);
    register(&socket);
    socket.connect().await.map(|()| socket)
}

/// `/` and `/custom` greet with what the client authenticated with, echo events, and echo by acknowledgement.
/// `ask` makes the server ask the client, and tell what it answered.
pub(crate) fn fixture(io: &SocketIo) {
    for namespace in ["/", "/custom"] {
        io.of(namespace).on_connection(|socket| {
            socket.emit("auth", socket.handshake().auth.clone()).unwrap();
            socket.on_sync("echo", |event| {
                let _ = event.socket().emit("echo", event.args());
            });
            socket.on_sync("echo-ack", |mut event| {
                let args = event.args();
                let _ = event.ack().unwrap().send(args);
            });
            socket.on("ask", |event| async move {
                let answer = event
                    .socket
                    .timeout(PATIENCE)
                    .emit_with_ack("question", event.args)
                    .await;
                let _ = event.socket.emit("answered", answer.unwrap());
            });
            socket.on_sync("silence", |_| {});
            socket.on_sync("go", |event| event.socket().disconnect(true));
        });
    }
}

/// A server that says only what the test says.
pub(crate) struct Fake {
    pub(crate) ws: WebSocketStream<TcpStream>,
}

/// The open packet of a server that pings rarely.
pub(crate) const OPEN: &str =
    r#"0{"sid":"S","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#;

/// Stands before a server, and cuts connections or lets none through.
pub(crate) struct Proxy {
    pub(crate) url: String,
    cut: watch::Sender<()>,
    hold: watch::Sender<bool>,
}

impl Proxy {
    pub(crate) async fn before(server: &Server) -> Self {
        Self::before_addr(server.addr).await
    }

    pub(crate) async fn before_addr(far: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (cut, hold) = (watch::Sender::new(()), watch::Sender::new(false));
        let (cuts, mut held) = (cut.clone(), hold.subscribe());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                if held.wait_for(|held| !held).await.is_err() {
                    return;
                }
                let mut cut = cuts.subscribe();
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(far).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self { url, cut, hold }
    }

    /// Lets new connections wait, or goes on.
    pub(crate) fn hold(&self, hold: bool) {
        self.hold.send_replace(hold);
    }

    /// Cuts all connections that are open.
    pub(crate) fn cut(&self) {
        self.cut.send_replace(());
    }
}

/// Where clients of [`Fake`] servers connect, again and again.
pub(crate) struct Stage {
    listener: TcpListener,
    pub(crate) url: String,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    /// The next connection of a client, which is sent `open`.
    pub(crate) async fn accept(&self, open: &str) -> Fake {
        let (stream, _) = patient("a client", self.listener.accept()).await.unwrap();
        let ws = tokio_tungstenite::accept_async(stream).await.unwrap();
        let mut fake = Fake { ws };
        fake.send(open).await;
        fake
    }
}

impl Fake {
    /// A client and its server, which has sent `open`.
    pub(crate) async fn meet(open: &str, config: ClientConfig) -> (Self, Client) {
        let stage = Stage::new().await;
        let client = Client::new(&stage.url, config).unwrap();
        let (fake, connected) = tokio::join!(stage.accept(open), client.connect());
        connected.unwrap();
        (fake, client)
    }

    /// The same, with a client that has joined `/`.
    pub(crate) async fn joined(config: ClientConfig) -> (Self, Client, ClientSocket) {
        let (mut fake, client) = Self::meet(OPEN, config).await;
        let answer = async {
            assert_eq!(fake.text().await, "40");
            fake.send(r#"40{"sid":"id"}"#).await;
        };
        let (socket, ()) = tokio::join!(join(&client, "/", Value::Null, |_| {}), answer);
        (fake, client, socket.unwrap())
    }

    pub(crate) async fn send(&mut self, text: &str) {
        // The client may have closed already; what it says then is what the test looks at.
        let _ = self.ws.send(Message::text(text)).await;
    }

    pub(crate) async fn send_binary(&mut self, data: &[u8]) {
        let _ = self.ws.send(Message::binary(data.to_vec())).await;
    }

    /// The next text of the client, or `closed` when it closes.
    pub(crate) async fn text(&mut self) -> String {
        match patient("the client says something", self.ws.next()).await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Close(_)) | Err(_)) | None => "closed".to_owned(),
            Some(Ok(other)) => panic!("expected text, saw {other:?}"),
        }
    }

    /// The next binary message of the client.
    pub(crate) async fn binary(&mut self) -> Vec<u8> {
        match patient("the client says something", self.ws.next()).await {
            Some(Ok(Message::Binary(data))) => data.to_vec(),
            other => panic!("expected binary, saw {other:?}"),
        }
    }
}

/// The arguments of each `event` of a socket, in order.
pub(crate) fn record(socket: &ClientSocket, event: &str) -> mpsc::UnboundedReceiver<Args> {
    let (sender, receiver) = mpsc::unbounded_channel();
    socket.on_sync(event, move |event| {
        let _ = sender.send(event.args().to_args());
    });
    receiver
}

/// Each call of a socket's disconnect handler.
pub(crate) fn record_end(socket: &ClientSocket) -> mpsc::UnboundedReceiver<DisconnectReason> {
    let (sender, receiver) = mpsc::unbounded_channel();
    socket.on_disconnect(move |_, reason| {
        let _ = sender.send(reason);
    });
    receiver
}

/// What comes next.
pub(crate) async fn next<T>(receiver: &mut mpsc::UnboundedReceiver<T>) -> T {
    patient("a message", receiver.recv()).await.expect("a message")
}

/// The reason is told, once so far.
pub(crate) async fn check_ended(
    mut ends: mpsc::UnboundedReceiver<DisconnectReason>,
    reason: DisconnectReason,
) {
    assert_eq!(next(&mut ends).await, reason);
    assert!(ends.try_recv().is_err());
}

pub(crate) async fn check_closed(client: &Client, reason: DisconnectReason) {
    assert_eq!(patient("the end", client.closed()).await, reason);
    assert!(!client.is_open());
}

/// The connection works: its socket gets an answer of the fixture.
pub(crate) async fn check_alive(socket: &ClientSocket) {
    let answer = socket.emit_with_ack("echo-ack", "alive").await.unwrap();
    assert_eq!(answer.json(0), Some(&json!("alive")));
}

pub(crate) async fn patient<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("no patience left for {what}"),
    }
}
