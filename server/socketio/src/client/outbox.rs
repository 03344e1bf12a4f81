//! The one way out of a client's session, whatever its transport: every packet that leaves passes here, so order holds.
//!
//! ```text
//! way       a packet                                             leaves
//! Posts     waits, as the frames it was encoded into             with the next POST, made by the driver
//! Stream    is masked and handed to the stream's outbox          at once, as long as the kernel takes it
//! ```
//!
//! A move to WebSocket turns the first way into the second: what waits is masked, and leaves behind the packet that
//! completes the move.
//!
//! What waits is bounded in bytes. When it is full the emit is refused and nothing of it was sent: a player may drop an
//! input, but a server does not lose its client for a moment's stall, which the missing pings would tell anyway.
//! Control frames have headroom above the bound.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use data_encoding::BASE64;
use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

use super::masked::with_masked;
use crate::byte_queue::ByteQueue;
use crate::engine::config::Transport;
use crate::engine::frame::{self, Opcode};
use crate::engine::half::{self, Refused};
use crate::engine::payload;
use crate::error::EmitError;
use crate::outbox::{self, Class, Emitted, OutboxLimits, OutboxPolicy};
use crate::piece::Piece;
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};
use crate::stream::WriteHalf;

pub(super) struct Outbox {
    // A std mutex: the critical section is a non-blocking write and no await.
    state: Mutex<State>,
    driver: AtomicWaker,
    /// Told whenever something may have left.
    room: Arc<Notify>,
    bytes_max: usize,
    stats: Arc<Stats>,
}

struct State {
    way: Way,
    /// Largest message the server accepts.
    payload_bytes_max: usize,
    /// Somebody asked for the end; only control frames are taken.
    closing: Option<DisconnectReason>,
}

enum Way {
    Posts {
        queue: ByteQueue,
        /// A POST is under way, so that nothing leaves at once.
        busy: bool,
        /// The session moves to WebSocket: what is sent leaves over that.
        paused: bool,
    },
    Stream(Arc<outbox::Outbox>),
    Ended,
}

impl Outbox {
    /// For a session that polls, or to which a stream is about to be attached.
    pub(super) fn new(bytes_max: usize, room: Arc<Notify>, stats: Arc<Stats>) -> Self {
        let way = Way::Posts {
            queue: ByteQueue::default(),
            busy: false,
            paused: false,
        };
        let state = State {
            way,
            payload_bytes_max: usize::MAX,
            closing: None,
        };
        Self {
            state: Mutex::new(state),
            driver: AtomicWaker::new(),
            room,
            bytes_max,
            stats,
        }
    }

    /// What the server said about itself.
    pub(super) fn set_payload_bytes_max(&self, payload_bytes_max: usize) {
        self.lock().payload_bytes_max = payload_bytes_max;
    }

    /// From now on packets leave over a WebSocket: first those that wait.
    pub(super) fn attach(&self, stream: WriteHalf) {
        let mut state = self.lock();
        let limits = OutboxLimits {
            // The bound is checked here, where full is no reason to close.
            bytes_max: usize::MAX,
            packets_max: usize::MAX,
            policy: OutboxPolicy::Await,
        };
        let inner = Arc::new(outbox::Outbox::new(limits, self.stats.clone()));
        inner.attach(stream);
        if let Way::Posts { queue, .. } = &mut state.way {
            while let Some((frames, _)) = queue.front() {
                // A stream that is broken is noticed by its driver. The packets were counted when they came.
                let send = |masked: &[u8]| inner.send(Piece::borrowed(masked, 0), Class::Control);
                let _ = with_masked(frames, send);
                let frames_bytes = frames.len();
                let packets = queue.packets();
                queue.take_front(frames_bytes, packets);
            }
        }
        if let Some(reason) = state.closing {
            inner.request_close(reason);
        }
        if !matches!(state.way, Way::Ended) {
            state.way = Way::Stream(inner);
        }
    }

    /// Sends whole frames, all of them or none, now or as soon as they are taken. Volatile ones only if nothing is
    /// before them.
    pub(super) fn send(&self, piece: Piece<'_>, class: Class) -> Result<Emitted, EmitError> {
        let bytes_max = match class {
            Class::Data | Class::Patient => self.bytes_max,
            Class::Control => self.bytes_max.saturating_add(CONTROL_BYTES_MAX),
        };
        if masked_bytes(piece) > self.bytes_max {
            return Err(EmitError::TooLarge);
        }
        self.send_within(bytes_max, piece, class)
    }

    /// The same without a bound, for packets that waited for this session under a bound of their own.
    pub(super) fn send_kept(&self, piece: Piece<'_>) -> Result<(), EmitError> {
        self.send_within(usize::MAX, piece, Class::Data).map(drop)
    }

    fn send_within(&self, bytes_max: usize, piece: Piece<'_>, class: Class) -> Result<Emitted, EmitError> {
        let frames = piece.as_slice();
        let mut state = self.lock();
        if state.closing.is_some() && class == Class::Data {
            return Err(EmitError::Disconnected);
        }
        if !state.accepts(frames) {
            return Err(EmitError::TooLarge);
        }
        if state.queued_bytes().saturating_add(masked_bytes(piece)) > bytes_max {
            return Err(EmitError::Full);
        }
        match &mut state.way {
            Way::Posts { queue, busy, paused } => {
                if piece.is_volatile() && (*busy || *paused || !queue.is_empty()) {
                    stats::increment(&self.stats.volatile_dropped);
                    return Ok(Emitted::Dropped);
                }
                queue.push(piece, 0);
                stats::add(&self.stats.packets_out, piece.packets() as u64);
                self.driver.wake();
                Ok(Emitted::Queued)
            }
            Way::Stream(inner) => {
                let send = |masked: &[u8]| {
                    let masked = Piece::borrowed(masked, piece.packets());
                    inner.send(masked.on(piece.terms), class)
                };
                with_masked(frames, send).map_err(EmitError::from)
            }
            Way::Ended => Err(EmitError::Disconnected),
        }
    }

    /// Sends one Engine.IO packet with the headroom of control frames; one that finds no room meets a server that does
    /// not read, which its driver will notice.
    pub(super) fn send_packet(&self, packet: &str) {
        let frame = frame::text_frame(packet);
        let _ = self.send(Piece::borrowed(&frame, 1), Class::Control);
    }

    /// The same for a frame that only a WebSocket knows.
    pub(super) fn send_frame(&self, frame: &[u8]) {
        let _ = self.send(Piece::borrowed(frame, 0), Class::Control);
    }

    /// Holds back what is sent until [`Outbox::uncork`], so that it leaves in one write. Only the driver corks.
    pub(super) fn cork(&self) {
        if let Way::Stream(inner) = &self.lock().way {
            inner.cork();
        }
    }

    pub(super) fn uncork(&self) {
        if let Way::Stream(inner) = &self.lock().way {
            inner.uncork();
        }
    }

    /// Asks the driver to end the session; the first reason wins. Data is refused from now on.
    pub(super) fn request_close(&self, reason: DisconnectReason) {
        let mut state = self.lock();
        let reason = *state.closing.get_or_insert(reason);
        if let Way::Stream(inner) = &state.way {
            inner.request_close(reason);
        }
        self.driver.wake();
    }

    /// Gives the driver a turn, when something that it looks at has changed.
    pub(super) fn wake_driver(&self) {
        self.driver.wake();
    }

    pub(super) fn is_open(&self) -> bool {
        let state = self.lock();
        state.closing.is_none() && !matches!(state.way, Way::Ended)
    }

    /// How packets leave; `None` once nothing does.
    pub(super) fn transport(&self) -> Option<Transport> {
        match &self.lock().way {
            Way::Posts { .. } => Some(Transport::Polling),
            Way::Stream(_) => Some(Transport::WebSocket),
            Way::Ended => None,
        }
    }

    /// The driver's turn: registers it, resumes a partial write, and tells whether somebody asked for the end.
    pub(super) fn poll_driver(&self, cx: &mut Context<'_>) -> Option<DisconnectReason> {
        self.driver.register(cx.waker());
        let mut state = self.lock();
        if let Way::Stream(inner) = &state.way
            && let Some(reason) = inner.poll_driver(cx)
        {
            state.closing.get_or_insert(reason);
        }
        let closing = state.closing;
        drop(state);
        self.room.notify_waiters();
        closing
    }

    /// The next payload to post: as many packets as the server accepts in one.
    pub(super) fn take_payload(&self) -> Option<Vec<u8>> {
        let mut state = self.lock();
        let payload_bytes_max = state.payload_bytes_max.min(PAYLOAD_BYTES);
        let Way::Posts { queue, busy, paused } = &mut state.way else {
            return None;
        };
        if *paused || queue.is_empty() {
            *busy = false;
            drop(state);
            self.room.notify_waiters();
            return None;
        }
        *busy = true;
        let payload = take_payload(queue, payload_bytes_max);
        stats::add(&self.stats.bytes_out, payload.len() as u64);
        Some(payload)
    }

    /// Keeps what is sent for the WebSocket to which the session is about to move, or no longer.
    pub(super) fn pause(&self, pause: bool) {
        if let Way::Posts { paused, .. } = &mut self.lock().way {
            *paused = pause;
        }
        self.driver.wake();
    }

    /// Nothing waits, so a packet sent now would leave at once.
    pub(super) fn is_writable(&self) -> bool {
        let state = self.lock();
        match &state.way {
            _ if state.closing.is_some() => false,
            Way::Posts { queue, busy, paused } => queue.is_empty() && !busy && !paused,
            Way::Stream(inner) => inner.is_writable(),
            Way::Ended => false,
        }
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.lock().queued_bytes()
    }

    /// Everything that was sent has left.
    pub(super) fn is_drained(&self) -> bool {
        self.queued_bytes() == 0 && self.is_posted()
    }

    /// Takes the stream out, when everything sent has left.
    pub(super) fn detach(&self) -> Option<WriteHalf> {
        match &self.lock().way {
            Way::Stream(inner) => inner.detach(),
            Way::Posts { .. } | Way::Ended => None,
        }
    }

    /// Whether nothing waits for a POST.
    pub(super) fn is_posted(&self) -> bool {
        match &self.lock().way {
            Way::Posts { queue, busy, .. } => queue.is_empty() && !busy,
            Way::Stream(_) | Way::Ended => true,
        }
    }

    /// Ready when everything sent over a stream has left, or never will.
    pub(super) fn poll_drained(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.driver.register(cx.waker());
        match &self.lock().way {
            Way::Stream(inner) => inner.poll_drained(cx),
            Way::Posts { .. } | Way::Ended => Poll::Ready(()),
        }
    }

    /// Closes the sending half of a stream. Ready when that is said.
    pub(super) fn poll_shut_down(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.lock().way {
            Way::Stream(inner) => inner.poll_shut_down(cx),
            Way::Posts { .. } | Way::Ended => Poll::Ready(()),
        }
    }

    /// Takes nothing any more and frees what waits. `abort` makes the kernel forget unsent bytes as well.
    pub(super) fn end(&self, abort: bool) {
        let mut state = self.lock();
        if let Way::Stream(inner) = &state.way {
            inner.end(abort);
        }
        state.way = Way::Ended;
        drop(state);
        self.room.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code under this lock runs handlers, so a poisoned state is still consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What `piece` takes in the queue of a stream: each frame gets a mask.
fn masked_bytes(piece: Piece<'_>) -> usize {
    piece.len() + MASK_BYTES * piece.packets()
}

impl half::Outlet for Arc<Outbox> {
    /// tungstenite masks itself. A server that makes us queue more than the headroom does not read its pongs.
    fn send_control(&self, frame: &[u8]) -> Result<(), Refused> {
        let state = self.lock();
        match &state.way {
            Way::Stream(inner) if inner.queued().0 <= self.bytes_max.saturating_add(CONTROL_BYTES_MAX) => {
                inner
                    .send(Piece::borrowed(frame, 0), Class::Control)
                    .map(drop)
                    .map_err(|_| Refused)
            }
            _ => Err(Refused),
        }
    }

    fn observe_read(&self, bytes: usize) {
        stats::add(&self.stats.bytes_in, bytes as u64);
    }
}

impl State {
    /// Whether the server takes each of these frames in the form in which it would arrive.
    fn accepts(&self, mut frames: &[u8]) -> bool {
        let is_base64 = matches!(self.way, Way::Posts { paused: false, .. });
        while !frames.is_empty() {
            let (opcode, data, frame_bytes) = frame::first(frames);
            let bytes = match is_base64 {
                true => packet_bytes(opcode, data),
                false => data.len(),
            };
            if bytes > self.payload_bytes_max {
                return false;
            }
            frames = &frames[frame_bytes..];
        }
        true
    }

    fn queued_bytes(&self) -> usize {
        match &self.way {
            Way::Posts { queue, .. } => queue.bytes(),
            Way::Stream(inner) => inner.queued().0,
            Way::Ended => 0,
        }
    }
}

/// Takes the oldest packets: the first, and as many more as keep the payload within its bound.
fn take_payload(queue: &mut ByteQueue, payload_bytes_max: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some((chunk, _)) = queue.front() {
        let (mut taken_bytes, mut taken_packets) = (0, 0);
        while taken_bytes < chunk.len() {
            let (opcode, data, frame_bytes) = frame::first(&chunk[taken_bytes..]);
            if !out.is_empty() && out.len() + 1 + packet_bytes(opcode, data) > payload_bytes_max {
                break;
            }
            payload::push_packet(&mut out, opcode, data);
            taken_bytes += frame_bytes;
            taken_packets += 1;
        }
        if taken_bytes == 0 {
            break;
        }
        queue.take_front(taken_bytes, taken_packets);
    }
    out
}

/// Length of a packet inside a payload.
fn packet_bytes(opcode: Opcode, data: &[u8]) -> usize {
    match opcode {
        Opcode::Binary => 1 + BASE64.encode_len(data.len()),
        Opcode::Text | Opcode::Close | Opcode::Pong => data.len(),
    }
}

/// Headroom above the bound for control frames: about a hundred pongs of the largest size.
const CONTROL_BYTES_MAX: usize = 16 * 1024;

/// A longer payload only holds up the packets behind it.
const PAYLOAD_BYTES: usize = 256 * 1024;

/// Key of a mask (RFC 6455, section 5.3).
const MASK_BYTES: usize = 4;
