use std::future::pending;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::json;
use socketio::{Config, Recovery, Socket, SocketIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;

use crate::states::{State, reach};
use allocator::live_bytes;

/// Clients that are on their way at once.
const UNDER_WAY: usize = 16;

/// What tables and queues may keep: they have the size of their peak, which differs from round to round.
const SLACK_BYTES: isize = 64 * 1024;

/// The same for each client, on average: less than the smallest thing that could be left of one.
const SLACK_BYTES_PER_CLIENT: isize = 32;

/// A wait that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

const TIMEOUT: Duration = Duration::from_millis(700);

/// Longer than any wait here.
const LONG: Duration = Duration::from_secs(3600);

/// Whether there is time for many.
pub(crate) fn is_long() -> bool {
    std::env::var_os("TICKROOM_LONG").is_some()
}

/// How often each state is churned after the first time, which fills pools and tables.
fn rounds() -> usize {
    if is_long() { 19 } else { 1 }
}

/// Only one test at a time, or each would see what the others allocate.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server for all states, whose timers are short.
pub(crate) fn server() -> SocketIo {
    let config = Config {
        ping_interval: TIMEOUT,
        ping_timeout: TIMEOUT,
        connect_timeout: TIMEOUT,
        upgrade_timeout: TIMEOUT,
        attachments_timeout: TIMEOUT,
        header_read_timeout: TIMEOUT,
        ack_timeout: LONG,
        recovery: Some(Recovery {
            max_disconnection_duration: TIMEOUT,
            ..Recovery::default()
        }),
        ..Config::default()
    };
    let io = SocketIo::builder().config(config).build();
    io.of("/").set_recovery(false);
    io.of("/").on_connection(inhabit);
    io.of("/kept").on_connection(inhabit);
    io.of("/undecided").use_middleware(|_| pending());
    io
}

/// Makes a socket hold what sockets hold.
fn inhabit(socket: &Socket) {
    socket.join("room").unwrap();
    socket.join(format!("of {}", socket.id())).unwrap();
    socket.data().set("kept", json!({ "some": ["data"] }));
    let itself = socket.clone();
    socket.on_disconnect(move |_, _| assert!(!itself.is_connected()));
    socket.on("echo", |event| async move {
        let _ = event.socket.emit("echoed", event.args);
    });
    socket.on("ask", |event| async move {
        let _ = event.socket.emit_with_ack("question", ()).await;
    });
}

/// What is there while there are no clients.
struct Baseline {
    tasks: usize,
    bytes: isize,
}

impl Baseline {
    fn now() -> Self {
        Self {
            tasks: Handle::current().metrics().num_alive_tasks(),
            bytes: live_bytes() as isize,
        }
    }

    fn exceeds(&self, before: &Self, clients: usize) -> bool {
        let slack = SLACK_BYTES + SLACK_BYTES_PER_CLIENT * clients as isize;
        self.tasks > before.tasks || self.bytes > before.bytes + slack
    }
}

/// Sessions and what belongs to them, by name.
fn gauges(io: &SocketIo) -> [(&'static str, u64); 7] {
    let stats = io.stats();
    [
        ("connections", &stats.tcp_open),
        ("sessions", &stats.connections_open),
        ("sockets", &stats.sockets_connected),
        ("outbox bytes", &stats.outbox_bytes),
        ("kept sessions", &stats.recovery_sessions),
        ("kept events", &stats.recovery_packets),
        ("kept bytes", &stats.recovery_bytes),
    ]
    .map(|(name, gauge)| (name, gauge.load(Ordering::Relaxed)))
}

/// Returns when `holds`. The runtime's clock goes on meanwhile, also when it is a paused one.
async fn until(what: &str, mut holds: impl FnMut() -> Result<(), String>) {
    let started = Instant::now();
    loop {
        match holds() {
            Ok(()) => return,
            Err(state) => assert!(started.elapsed() < PATIENCE, "{what}: {state}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn until_empty(io: &SocketIo, state: State) {
    until(&format!("nobody is left in {state:?}"), || {
        let gauges = gauges(io);
        let is_empty = gauges.iter().all(|(_, value)| *value == 0);
        is_empty.then_some(()).ok_or_else(|| format!("{gauges:?}"))
    })
    .await;
}

/// Lets `clients` at a time come to `state` and `abandon` their connections, again and again, and sees that nothing is left of
/// them; how many there were, and how many bytes more are in use.
pub(crate) async fn churn<S, F>(
    io: &SocketIo,
    state: State,
    clients: usize,
    connect: F,
    abandon: fn(S),
) -> (usize, isize)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: AsyncFn() -> S,
{
    let round = async || {
        stream::iter(0..clients)
            .for_each_concurrent(UNDER_WAY, async |_| {
                reach(state, &connect, abandon)
                    .await
                    .into_iter()
                    .for_each(abandon);
            })
            .await;
        until_empty(io, state).await;
    };
    let tasks = Baseline::now().tasks;
    round().await;
    until("the tasks of the first round end", || {
        let now = Baseline::now().tasks;
        (now <= tasks)
            .then_some(())
            .ok_or_else(|| format!("{now} instead of {tasks}"))
    })
    .await;
    let before = Baseline::now();
    for _ in 0..rounds() {
        round().await;
    }
    until(&format!("{state:?} leaves nothing"), || {
        let now = Baseline::now();
        if !now.exceeds(&before, clients * rounds()) {
            return Ok(());
        }
        let (tasks, bytes) = (now.tasks.saturating_sub(before.tasks), now.bytes - before.bytes);
        Err(format!("{tasks} tasks and {bytes} bytes more"))
    })
    .await;
    (clients * (1 + rounds()), live_bytes() as isize - before.bytes)
}
