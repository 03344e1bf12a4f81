//! B4: what does a snapshot of a hundred players who all see each other cost, until it has left?
//!
//! A tick of the arena with the inputs of all, the snapshots of all, and the writes to their sockets: real ones, over loopback,
//! from the thread that ticks, as `Socket::emit` does it. The clients run in a thread of their own and are waited for outside of
//! the figure, so that no buffer is full. Beside it stands `writes_alone`: as many bytes, framed already, written to as many sockets
//! by nothing but the system's call.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use shared::arena::input::Input;
use shared::ids::PlayerId;
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::message::{COMPACT_EVENTS, EVENT_SNAPSHOT};
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, Tick};
use simulation::handle::Started;
use simulation::mailbox::MailboxReader;
use simulation::settings::MatchSettings;
use simulation::simulation::Flow;
use socketio::client::{Client, ClientConfig};
use socketio::{Parser, Socket, SocketIo, Transport};
use tokio::io::AsyncReadExt;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

mod full_table;
mod seating;

use full_table::{full_table, warming_up};
use seating::endless;

const PEOPLE: usize = 100;

/// A wait that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Each of the others has turned, which takes three bytes: less would mean that somebody is not seen.
const SNAPSHOT_BYTES_MIN: usize = 3 * (PEOPLE - 1);

/// A thread that runs tasks; dropped last of all.
fn thread_of(name: &str) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(name)
        .enable_all()
        .build()
        .expect("a thread starts")
}

/// Until everything has arrived. Panics when it does not.
fn wait_for(arrived: &AtomicU64, sent: u64) {
    let begin = Instant::now();
    while arrived.load(Ordering::Acquire) < sent {
        assert!(begin.elapsed() < PATIENCE, "a client has gone");
        std::thread::yield_now();
    }
}

/// Where the server's sockets lead to.
struct Lines {
    sockets: Vec<Socket>,
    arrived: Arc<AtomicU64>,
    _clients: Vec<Client>,
    _server: Runtime,
    _browsers: Runtime,
}

impl Lines {
    fn open() -> Self {
        let (server, browsers) = (thread_of("server"), thread_of("clients"));
        let compact_events = COMPACT_EVENTS.map(str::to_owned).to_vec();
        let io = SocketIo::builder()
            .config(socketio::Config {
                parsers_allowed: vec![Parser::Compact],
                compact_events: compact_events.clone(),
                ..socketio::Config::default()
            })
            .build();
        let (came, mut coming) = mpsc::unbounded_channel();
        io.of("/").on_connection(move |socket| {
            came.send(socket.clone()).expect("the bench waits");
        });
        let listener = server
            .block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .expect("loopback is there");
        let address = listener.local_addr().expect("it is bound");
        server.spawn(socketio::listen::serve(
            listener,
            io,
            socketio::listen::NotFound,
            std::future::pending(),
        ));
        let arrived = Arc::<AtomicU64>::default();
        let clients = browsers.block_on(async {
            let mut clients = Vec::new();
            for _ in 0..PEOPLE {
                let config = ClientConfig {
                    transports: vec![Transport::WebSocket],
                    parser: Parser::Compact,
                    compact_events: compact_events.clone(),
                    ..ClientConfig::default()
                };
                let client = Client::new(&format!("http://{address}"), config).expect("the address is one");
                let socket = client.namespace("/");
                let arrived = Arc::clone(&arrived);
                socket.on_sync(EVENT_SNAPSHOT, move |_| {
                    arrived.fetch_add(1, Ordering::Release);
                });
                socket.connect().await.expect("the server lets everybody in");
                clients.push(client);
            }
            clients
        });
        let sockets = (0..PEOPLE).map(|_| coming.blocking_recv().expect("everybody came"));
        Self {
            sockets: sockets.collect(),
            arrived,
            _clients: clients,
            _server: server,
            _browsers: browsers,
        }
    }
}

/// A match whose people are at the other end of the lines.
struct Crowd {
    started: Started,
    people: Vec<(PlayerId, MailboxReader)>,
    lines: Lines,
    tick: u32,
    sent: u64,
    bytes: usize,
    packet: Vec<u8>,
}

impl Crowd {
    fn new() -> Self {
        let settings = MatchSettings {
            see_all_max: PEOPLE,
            ..endless(PEOPLE)
        };
        let (started, people) = full_table(1, &warming_up(), settings, &Arc::default());
        Self {
            people,
            started,
            lines: Lines::open(),
            tick: 1,
            sent: 0,
            bytes: 0,
            packet: Vec::new(),
        }
    }

    /// Everybody walks, turns every second, and acknowledges what it has.
    fn send_inputs(&mut self) {
        for (player, _) in &self.people {
            let turn = self.tick / 60 + u32::from(player.0);
            let input = Input {
                move_x: (turn * 37) as i8,
                move_y: (turn * 91) as i8,
                aim: (turn * 5000 + self.tick * 100) as u16,
                ..Input::default()
            };
            self.packet.clear();
            let acked = self.tick - self.tick % u32::from(SNAPSHOT_INTERVAL_TICKS);
            InputPacket::new(Tick(acked), Tick(self.tick + 2), vec![input; 2], VIEW_AGE_UNKNOWN)
                .encode(&mut self.packet);
            let sent = self.started.handle.submit(*player, &self.packet, None);
            assert_eq!(sent, Ok(()));
        }
    }

    fn step(&mut self) {
        assert_eq!(self.started.running.step(), Flow::Running);
        self.tick += 1;
    }

    /// What the server's task of a match does when its snapshots are ready.
    fn write(&mut self) {
        for ((_, mailbox), socket) in self.people.iter().zip(&self.lines.sockets) {
            let Some(snapshot) = mailbox.take() else { continue };
            assert!(snapshot.len() >= SNAPSHOT_BYTES_MIN, "{} bytes", snapshot.len());
            self.bytes += snapshot.len();
            socket.emit(EVENT_SNAPSHOT, snapshot).expect("everybody reads");
            self.sent += 1;
        }
    }

    /// The ticks from one snapshot to the next; gives the time of the tick with the snapshot and its writes.
    fn play(&mut self) -> Duration {
        while !Tick(self.tick + 1).sends_snapshot() {
            self.send_inputs();
            self.step();
        }
        self.send_inputs();
        let before = self.sent;
        let begin = Instant::now();
        self.step();
        self.write();
        let took = begin.elapsed();
        assert_eq!(self.sent - before, PEOPLE as u64);
        wait_for(&self.lines.arrived, self.sent);
        took
    }

    fn bytes_each(&self) -> usize {
        self.bytes / usize::try_from(self.sent).expect("a bench is short")
    }
}

/// As many sockets, with nothing around them.
struct Bare {
    streams: Vec<TcpStream>,
    arrived: Arc<AtomicU64>,
    frame: Vec<u8>,
    sent: u64,
    _readers: Runtime,
}

impl Bare {
    fn open(bytes: usize) -> Self {
        let readers = thread_of("readers");
        let arrived = Arc::<AtomicU64>::default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback is there");
        let address = listener.local_addr().expect("it is bound");
        let streams = (0..PEOPLE).map(|_| {
            let reader = TcpStream::connect(address).expect("it listens");
            reader.set_nonblocking(true).expect("a socket may be");
            let arrived = Arc::clone(&arrived);
            readers.spawn(async move {
                let mut reader = tokio::net::TcpStream::from_std(reader).expect("it does not block");
                let mut buffer = vec![0; 4096];
                while let Ok(length @ 1..) = reader.read(&mut buffer).await {
                    arrived.fetch_add(length as u64, Ordering::Release);
                }
            });
            let (stream, _) = listener.accept().expect("it was called");
            stream.set_nodelay(true).expect("a socket may be");
            stream
        });
        Self {
            streams: streams.collect(),
            arrived,
            // The head of a frame of this length, and the byte that names the event.
            frame: vec![0; bytes + 5],
            sent: 0,
            _readers: readers,
        }
    }

    fn write(&mut self) -> Duration {
        let begin = Instant::now();
        for stream in &mut self.streams {
            stream.write_all(&self.frame).expect("everybody reads");
        }
        let took = begin.elapsed();
        self.sent += (PEOPLE * self.frame.len()) as u64;
        wait_for(&self.arrived, self.sent);
        took
    }
}

fn sending(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("B4/100_players_visible_over_sockets");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    let mut crowd = Crowd::new();
    // Until nobody is new to anybody.
    for _ in 0..60 {
        crowd.play();
    }
    group.bench_function("tick_encode_write", |bencher| {
        bencher.iter_custom(|rounds| (0..rounds).map(|_| crowd.play()).sum());
    });
    let mut bare = Bare::open(crowd.bytes_each());
    group.bench_function("writes_alone", |bencher| {
        bencher.iter_custom(|rounds| (0..rounds).map(|_| bare.write()).sum());
    });
    group.finish();
}

criterion_group!(benches, sending);
criterion_main!(benches);
