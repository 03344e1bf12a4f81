//! A server on a thread of its own, whose allocations are counted, and clients that allocate next to nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use socketio::{Config, SocketIo, listen};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use allocator::count_this_thread;

/// A wait that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Only one test at a time, or each would count what the others allocate.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server that listens until it is dropped.
pub(crate) struct Server {
    pub(crate) io: SocketIo,
    pub(crate) addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(config: Config, setup: impl FnOnce(&SocketIo)) -> Self {
        let io = SocketIo::builder().config(config).build();
        setup(&io);
        let (stop, stopped) = oneshot::channel::<()>();
        let (sender, addr) = mpsc::channel();
        let served = io.clone();
        let thread = std::thread::spawn(move || {
            count_this_thread();
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                let stop = async { drop(stopped.await) };
                listen::serve(listener, served, listen::NotFound, stop)
                    .await
                    .unwrap();
            });
        });
        Self {
            io,
            addr: addr.recv().unwrap(),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// A client that has joined `/`.
    pub(crate) fn joined(&self) -> Client {
        let mut client = Client::open(self.addr);
        assert!(client.text().starts_with("0{"));
        client.send_text("40");
        assert!(client.text().starts_with("40{"));
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let outcome = thread.join();
            assert!(outcome.is_ok() || std::thread::panicking());
        }
    }
}

/// Returns when `counter` is `expected`.
pub(crate) fn until(counter: &AtomicU64, expected: u64) {
    let started = Instant::now();
    while counter.load(Ordering::SeqCst) != expected {
        let now = counter.load(Ordering::SeqCst);
        assert!(started.elapsed() < PATIENCE, "expected {expected}, is {now}");
        std::thread::yield_now();
    }
}

/// A WebSocket client that blocks.
pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) fn open(addr: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(REQUEST).unwrap();
        let mut matched = 0;
        while matched < END_OF_HEAD.len() {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            matched = match byte[0] {
                byte if byte == END_OF_HEAD[matched] => matched + 1,
                b'\r' => 1,
                _ => 0,
            };
        }
        Self(stream)
    }

    /// Writes what was framed before, in one go.
    pub(crate) fn write(&mut self, frames: &[u8]) {
        self.0.write_all(frames).unwrap();
    }

    pub(crate) fn send_text(&mut self, text: &str) {
        let mut frame = Vec::new();
        push_text(&mut frame, text);
        self.write(&frame);
    }

    /// Payload of the next frame.
    pub(crate) fn frame(&mut self) -> Vec<u8> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        let length = match head[1] {
            126 => {
                let mut length = [0; 2];
                self.0.read_exact(&mut length).unwrap();
                u16::from_be_bytes(length).into()
            }
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).unwrap();
        payload
    }

    pub(crate) fn text(&mut self) -> String {
        String::from_utf8(self.frame()).unwrap()
    }
}

/// Frames a text of a client.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    push(out, 0x81, text.as_bytes());
}

/// Frames a binary message of a client.
pub(crate) fn push_binary(out: &mut Vec<u8>, data: &[u8]) {
    push(out, 0x82, data);
}

fn push(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < 126);
    out.extend_from_slice(&[opcode, 0x80 | length]);
    out.extend_from_slice(&MASK);
    out.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
}

const MASK: [u8; 4] = [1, 2, 3, 4];

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// What a browser sends, roughly.
const REQUEST: &[u8] = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n\
    host: 127.0.0.1\r\n\
    connection: Upgrade\r\n\
    upgrade: websocket\r\n\
    user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n\
    accept-language: en-GB,en;q=0.9\r\n\
    sec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
