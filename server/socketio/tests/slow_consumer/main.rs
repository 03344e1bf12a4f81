//! A peer that stops reading, and what it costs: in a process of its own, so that nothing else allocates.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use socketio::{Config, EmitError, Emitted, Json, OutboxPolicy, Socket, SocketIo, Stats, listen};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

const EMITS: usize = 400_000;
const BOUND_BYTES: usize = 4 * 1024 * 1024;

/// What the rest of the process may allocate meanwhile, and what the bound does not count: up to 16 384 packets wait, and
/// each that may be dropped or is shared costs about 128 bytes more than it has.
const SLACK_BYTES: usize = 2 * 1024 * 1024;

const PATIENCE: Duration = Duration::from_secs(60);

type Client = WebSocketStream<TcpStream>;

struct Server {
    io: SocketIo,
    addr: SocketAddr,
    sockets: mpsc::UnboundedReceiver<Socket>,
}

impl Server {
    async fn start(policy: OutboxPolicy) -> Self {
        let io = SocketIo::builder()
            .config(Config {
                outbox_bytes_max: BOUND_BYTES,
                outbox_policy: policy,
                // A deaf peer answers no ping either, and that is not what ends it here.
                ping_interval: Duration::from_secs(3600),
                ..Config::default()
            })
            .build();
        let (sender, sockets) = mpsc::unbounded_channel();
        io.of("/").on_connection(move |socket| {
            socket.on_sync("echo", |event| {
                let _ = event.socket().emit("back", event.deserialize::<u64>(0));
            });
            sender.send(socket.clone()).unwrap();
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(listen::serve(
            listener,
            io.clone(),
            listen::NotFound,
            std::future::pending(),
        ));
        Self { io, addr, sockets }
    }

    async fn join(&mut self) -> (Client, Socket) {
        let stream = TcpStream::connect(self.addr).await.unwrap();
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", self.addr);
        let (mut client, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        assert!(text(&mut client).await.starts_with('0'));
        client.send(Message::text("40")).await.unwrap();
        assert!(text(&mut client).await.starts_with("40"));
        (client, self.sockets.recv().await.unwrap())
    }

    fn count(&self, counter: impl Fn(&Stats) -> &AtomicU64) -> u64 {
        counter(self.io.stats()).load(Ordering::Relaxed)
    }

    /// Returns when the server has nothing left of any client.
    async fn until_empty(&self) {
        let empty = async {
            while self.count(|stats| &stats.tcp_open) > 0 || self.count(|stats| &stats.outbox_bytes) > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, empty).await.unwrap();
    }
}

/// The next message, if it is a text.
async fn text(client: &mut Client) -> String {
    let message = tokio::time::timeout(PATIENCE, client.next()).await.unwrap();
    match message.unwrap().unwrap() {
        Message::Text(text) => text.to_string(),
        _ => String::new(),
    }
}

/// Says something and hears it, again and again, until `stop`; how often.
async fn converse(mut client: Client, stop: Arc<AtomicBool>) -> u64 {
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) || round < 10 {
        client
            .send(Message::text(format!(r#"42["echo",{round}]"#)))
            .await
            .unwrap();
        let expected = format!(r#"42["back",{round}]"#);
        // What else is sent to everybody is not for this conversation.
        while text(&mut client).await != expected {}
        round += 1;
        // Leaves the processor to the flood.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    round
}

/// Emits to a peer that does not read, beside one that does. What it has cost at most.
async fn flood(
    server: &mut Server,
    emits: usize,
    emit: impl Fn(&SocketIo, &Socket, usize) + Send + 'static,
) -> usize {
    let (deaf, socket) = server.join().await;
    let (other, _) = server.join().await;
    let stop = Arc::new(AtomicBool::new(false));
    let conversation = tokio::spawn(converse(other, stop.clone()));
    let before = allocator::live_bytes();
    allocator::reset_peak();
    let io = server.io.clone();
    let flooding =
        tokio::task::spawn_blocking(move || (0..emits).for_each(|number| emit(&io, &socket, number)));
    flooding.await.unwrap();
    let grown = allocator::peak_bytes() - before;
    stop.store(true, Ordering::Relaxed);
    let rounds = tokio::time::timeout(PATIENCE, conversation)
        .await
        .unwrap()
        .unwrap();
    assert!(rounds >= 10);
    drop(deaf);
    server.until_empty().await;
    let left = allocator::live_bytes().saturating_sub(before);
    assert!(left <= SLACK_BYTES, "{left} bytes are left");
    grown
}

fn kilobyte() -> Bytes {
    Bytes::from(vec![7; 1000])
}

async fn check(
    policy: OutboxPolicy,
    emits: usize,
    bytes_max: usize,
    emit: impl Fn(&SocketIo, &Socket, usize) + Send + 'static,
    counter: impl Fn(&Stats) -> &AtomicU64,
) {
    let mut server = Server::start(policy).await;
    let grown = flood(&mut server, emits, emit).await;
    assert!(grown <= bytes_max + SLACK_BYTES, "{policy:?}: {grown} bytes");
    assert!(server.count(counter) > 0, "{policy:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_stopped_reading_costs_no_more_than_the_bound_under_each_policy() {
    let payload = kilobyte();
    check(
        OutboxPolicy::Disconnect,
        EMITS,
        BOUND_BYTES,
        move |_, socket, _| drop(socket.emit("e", payload.clone())),
        |stats| &stats.slow_consumers,
    )
    .await;

    let payload = kilobyte();
    check(
        OutboxPolicy::DropVolatileFirst,
        EMITS,
        BOUND_BYTES,
        move |_, socket, number| {
            let emitted = socket
                .volatile()
                .emit("e", (Json(number), payload.clone()))
                .unwrap();
            assert_ne!(emitted, Emitted::Dropped);
        },
        |stats| &stats.volatile_evicted,
    )
    .await;

    // Only as much as there are keys.
    let payload = kilobyte();
    check(
        OutboxPolicy::CoalesceLatest,
        EMITS,
        100 * 1024,
        move |_, socket, number| {
            let key = (number % 100).to_string();
            socket.latest(&key).emit("e", payload.clone()).unwrap();
        },
        |stats| &stats.coalesced,
    )
    .await;

    let payload = kilobyte();
    check(
        OutboxPolicy::Await,
        EMITS,
        BOUND_BYTES,
        move |_, socket, _| {
            let outcome = socket.emit("e", payload.clone());
            assert!(matches!(outcome, Ok(()) | Err(EmitError::Full)));
        },
        |stats| &stats.outbox_refused,
    )
    .await;

    // To everybody: what is shared is held once.
    let payload = kilobyte();
    check(
        OutboxPolicy::DropVolatileFirst,
        EMITS / 10,
        BOUND_BYTES,
        move |io, _, _| io.of("/").volatile().emit("e", payload.clone()),
        |stats| &stats.broadcasts_encoded,
    )
    .await;

    // A mailbox holds one value.
    let payload = kilobyte();
    check(
        OutboxPolicy::Disconnect,
        EMITS / 10,
        0,
        move |_, socket, number| {
            let mailbox = socket.mailbox("snap").unwrap();
            mailbox.put((Json(number), payload.clone())).unwrap();
        },
        |stats| &stats.mailbox_replaced,
    )
    .await;
}
