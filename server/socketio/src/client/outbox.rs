//! The one way out of a client's connection: every byte that leaves passes here, so order holds.
//!
//! Whoever emits writes, on its own thread, while nothing waits; what the kernel leaves over is queued, and the
//! task of the connection resumes. While that task dispatches, the outbox is corked: what handlers emit then leaves
//! in one write.
//!
//! The queue is bounded in bytes. When it is full the emit is refused and nothing of it was sent: a player may drop an
//! input, but a server does not lose its client for a moment's stall, which the missing pings would tell anyway.
//! Control frames have headroom above the bound.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use futures_util::task::AtomicWaker;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_tungstenite::WebSocketStream;

use crate::engine::half::{self, Half, Refused};
use crate::error::EmitError;
use crate::reason::DisconnectReason;

/// Whether the bytes count against the bound or may use the headroom of control frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Data,
    Control,
}

/// A stream whose frames are read by tungstenite and written by an outbox.
pub(super) type Frames = WebSocketStream<Half<OwnedReadHalf, Arc<Outbox>>>;

pub(super) struct Outbox {
    // A std mutex: the critical section is a non-blocking write and no await.
    state: Mutex<State>,
    driver: AtomicWaker,
    bytes_max: usize,
}

struct State {
    /// `None` once the sending half is closed.
    stream: Option<OwnedWriteHalf>,
    queue: BytesMut,
    corked: bool,
    /// The kernel refused bytes; until the driver has resumed, everything is queued.
    blocked: bool,
    /// Somebody asked for the end; only control frames are taken.
    closing: Option<DisconnectReason>,
}

impl Outbox {
    pub(super) fn new(stream: OwnedWriteHalf, bytes_max: usize) -> Self {
        let state = State {
            stream: Some(stream),
            queue: BytesMut::new(),
            corked: false,
            blocked: false,
            closing: None,
        };
        Self {
            state: Mutex::new(state),
            driver: AtomicWaker::new(),
            bytes_max,
        }
    }

    /// Sends whole frames, all of them or none, now or as soon as the kernel takes them.
    pub(super) fn send(&self, frames: &[u8], class: Class) -> Result<(), EmitError> {
        let mut state = self.lock();
        if state.stream.is_none() || (state.closing.is_some() && class == Class::Data) {
            return Err(EmitError::Disconnected);
        }
        if frames.len() > self.bytes_max {
            return Err(EmitError::TooLarge);
        }
        let mut rest = frames;
        if state.is_direct() {
            match state.try_write(frames) {
                Ok(written) => rest = &frames[written..],
                Err(error) => return self.fail(&mut state, &error),
            }
            if rest.is_empty() {
                return Ok(());
            }
            state.blocked = true;
        } else if !self.has_room(&state, rest.len(), class) {
            // Only held back by a cork, which is no fault of the server.
            self.flush(&mut state);
            if !self.has_room(&state, rest.len(), class) {
                return Err(EmitError::Full);
            }
        }
        state.queue.extend_from_slice(rest);
        if state.blocked {
            self.driver.wake();
        } else if !state.corked || state.queue.len() > CORK_BYTES_MAX {
            self.flush(&mut state);
        }
        Ok(())
    }

    /// Holds back what is sent until [`Outbox::uncork`], so that it leaves in one write. Only the driver corks.
    pub(super) fn cork(&self) {
        self.lock().corked = true;
    }

    pub(super) fn uncork(&self) {
        let mut state = self.lock();
        state.corked = false;
        self.flush(&mut state);
    }

    /// Asks the driver to end the connection; the first reason wins. Data is refused from now on.
    pub(super) fn request_close(&self, reason: DisconnectReason) {
        self.lock().closing.get_or_insert(reason);
        self.driver.wake();
    }

    pub(super) fn is_open(&self) -> bool {
        let state = self.lock();
        state.stream.is_some() && state.closing.is_none()
    }

    /// The driver's turn: registers it, resumes a partial write, and tells whether somebody asked for the end.
    pub(super) fn poll_driver(&self, cx: &mut Context<'_>) -> Option<DisconnectReason> {
        self.driver.register(cx.waker());
        let mut state = self.lock();
        self.resume(&mut state, cx);
        state.closing
    }

    /// Ready when everything queued has left, or never will.
    pub(super) fn poll_drained(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.driver.register(cx.waker());
        let mut state = self.lock();
        self.resume(&mut state, cx);
        self.flush(&mut state);
        self.resume(&mut state, cx);
        if state.queue.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Closes the sending half and frees what waits. `abort` makes the kernel forget unsent bytes as well.
    pub(super) fn end(&self, abort: bool) {
        let mut state = self.lock();
        state.queue = BytesMut::new();
        // Dropping an owned write half shuts the stream down for writing.
        if let Some(stream) = state.stream.take()
            && abort
        {
            // Failing means the stream is gone already.
            let _ = stream.as_ref().set_zero_linger();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code under this lock runs handlers, so a poisoned state is still consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room(&self, state: &State, bytes: usize, class: Class) -> bool {
        let headroom_bytes = match class {
            Class::Data => 0,
            Class::Control => CONTROL_BYTES_MAX,
        };
        state.queue.len() + bytes <= self.bytes_max + headroom_bytes
    }

    fn resume(&self, state: &mut State, cx: &mut Context<'_>) {
        while state.blocked {
            let Some(stream) = &state.stream else { return };
            match stream.as_ref().poll_write_ready(cx) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) => {
                    state.blocked = false;
                    self.flush(state);
                }
                Poll::Ready(Err(error)) => {
                    let _ = self.fail(state, &error);
                }
            }
        }
    }

    /// Writes the queue until it is empty or the kernel is full.
    fn flush(&self, state: &mut State) {
        while !state.blocked && !state.queue.is_empty() {
            match state.try_write(&state.queue) {
                Ok(0) => {
                    state.blocked = true;
                    self.driver.wake();
                }
                Ok(written) => state.queue.advance(written),
                Err(error) => {
                    let _ = self.fail(state, &error);
                }
            }
        }
        if state.queue.is_empty() && state.queue.capacity() > KEPT_BYTES_MAX {
            state.queue = BytesMut::new();
        }
    }

    fn fail(&self, state: &mut State, error: &io::Error) -> Result<(), EmitError> {
        tracing::debug!(%error, "cannot write");
        state.blocked = false;
        state.queue.clear();
        state.closing.get_or_insert(DisconnectReason::TransportError);
        self.driver.wake();
        Err(EmitError::Disconnected)
    }
}

impl half::Outlet for Arc<Outbox> {
    /// A server that makes us queue more than the headroom does not read its pongs.
    fn send_control(&self, frame: &[u8]) -> Result<(), Refused> {
        self.send(frame, Class::Control).map_err(|_| Refused)
    }
}

impl State {
    fn is_direct(&self) -> bool {
        !self.blocked && !self.corked && self.queue.is_empty()
    }

    /// `Ok(0)` when the kernel is full.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let Some(stream) = &self.stream else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        match stream.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            outcome => outcome,
        }
    }
}

/// Above this a corked outbox writes early: holding back more would only fill the queue.
const CORK_BYTES_MAX: usize = 32 * 1024;

/// Headroom above the bound for control frames: about a hundred pongs of the largest size.
const CONTROL_BYTES_MAX: usize = 16 * 1024;

/// Capacity an empty queue keeps for the next turn of handlers.
const KEPT_BYTES_MAX: usize = 4096;
