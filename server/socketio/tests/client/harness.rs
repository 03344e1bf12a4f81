use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socketio::client::{Client, ClientConfig, ClientSocket};
use socketio::listen::NotFound;
use socketio::{Args, Config, DisconnectReason, SocketIo, Stats};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// A wait that takes longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Our server, which listens until it is dropped.
pub(crate) struct Server {
    pub(crate) io: SocketIo,
    pub(crate) url: String,
    _stop: oneshot::Sender<()>,
}

impl Server {
    pub(crate) async fn start(config: Config, setup: impl FnOnce(&SocketIo)) -> Self {
        let io = SocketIo::builder().config(config).build();
        setup(&io);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        tokio::spawn(socketio::listen::serve(listener, io.clone(), NotFound, shutdown));
        Self { io, url, _stop: stop }
    }

    /// The server of most tests: see [`fixture`].
    pub(crate) async fn fixture() -> Self {
        Self::start(Config::default(), fixture).await
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.url, ClientConfig::default()).await.unwrap()
    }

    /// A client that has joined `/`.
    pub(crate) async fn joined(&self, register: impl FnOnce(&ClientSocket)) -> (Client, ClientSocket) {
        let client = self.client().await;
        let socket = client.join("/", Value::Null, register).await.unwrap();
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

impl Fake {
    /// A client and its server, which has sent `open`.
    pub(crate) async fn meet(open: &str, config: ClientConfig) -> (Self, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let serve = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut fake = Self {
                ws: tokio_tungstenite::accept_async(stream).await.unwrap(),
            };
            fake.send(open).await;
            fake
        };
        let meeting = async { tokio::join!(serve, Client::connect(&url, config)) };
        let (fake, client) = patient("a client and its server", meeting).await;
        (fake, client.unwrap())
    }

    /// The same, with a client that has joined `/`.
    pub(crate) async fn joined(config: ClientConfig) -> (Self, Client, ClientSocket) {
        let (mut fake, client) = Self::meet(OPEN, config).await;
        let answer = async {
            assert_eq!(fake.text().await, "40");
            fake.send(r#"40{"sid":"id"}"#).await;
        };
        let (socket, ()) = tokio::join!(client.join("/", Value::Null, |_| {}), answer);
        (fake, client, socket.unwrap())
    }

    pub(crate) async fn send(&mut self, text: &str) {
        // The client may have closed already; what it says then is what the test looks at.
        let _ = self.ws.send(Message::text(text)).await;
    }

    /// The next text of the client, or `closed` when it closes.
    pub(crate) async fn text(&mut self) -> String {
        match patient("the client says something", self.ws.next()).await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Close(_)) | Err(_)) | None => "closed".to_owned(),
            Some(Ok(other)) => panic!("expected text, saw {other:?}"),
        }
    }
}

/// The arguments of each `event` of a socket, in order.
pub(crate) fn record(socket: &ClientSocket, event: &str) -> mpsc::UnboundedReceiver<Args> {
    let (sender, receiver) = mpsc::unbounded_channel();
    socket.on(event, move |event| {
        let _ = sender.send(event.args().to_args());
    });
    receiver
}

/// Each call of a socket's disconnect handler. The channel closes once the handler is gone.
pub(crate) fn record_end(socket: &ClientSocket) -> mpsc::UnboundedReceiver<DisconnectReason> {
    let (sender, receiver) = mpsc::unbounded_channel();
    socket.on_disconnect(move |reason| {
        let _ = sender.send(reason);
    });
    receiver
}

/// What comes next.
pub(crate) async fn next<T>(receiver: &mut mpsc::UnboundedReceiver<T>) -> T {
    patient("a message", receiver.recv()).await.expect("a message")
}

/// The reason is told once, and nothing follows.
pub(crate) async fn check_ended(
    mut ends: mpsc::UnboundedReceiver<DisconnectReason>,
    reason: DisconnectReason,
) {
    assert_eq!(next(&mut ends).await, reason);
    assert_eq!(patient("the handler is dropped", ends.recv()).await, None);
}

pub(crate) async fn check_closed(client: &Client, reason: DisconnectReason) {
    assert_eq!(patient("the end", client.closed()).await, reason);
    assert!(!client.is_open());
}

/// The connection works: its socket gets an answer of the fixture.
pub(crate) async fn check_alive(socket: &ClientSocket) {
    let answer = socket.emit_with_ack("echo-ack", "alive", PATIENCE).await.unwrap();
    assert_eq!(answer.json(0), Some(&json!("alive")));
}

pub(crate) async fn patient<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("no patience left for {what}"),
    }
}
