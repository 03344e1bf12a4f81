//! The one way out of a connection: every byte that leaves passes here, so order holds.
//!
//! Whoever emits writes: while nothing is queued, [`Outbox::send`] hands the bytes to the kernel on the calling
//! thread, under a short lock. What the kernel leaves over is queued, and only then the driver task of the
//! connection is woken; it waits until the stream is writable and resumes. No task is woken while the
//! kernel takes the bytes.
//!
//! ```text
//!              send                kernel full or          drained by
//!   [direct] ───────► kernel       partial write           the driver
//!      │ ▲                     ──────────────► [blocked] ───────────► [direct]
//! cork │ │ uncork
//!      ▼ │
//!   [corked]: appended, leaves in one write
//! ```
//!
//! Under pressure there is a fourth state, gathered: appended, and written with what comes within some milliseconds, see
//! [`gathering`].
//!
//! The queue is bounded in bytes and packets; what happens when it is full is a [`policy`]. Control frames (pings, pongs,
//! close, DISCONNECT, answers to CONNECT) have headroom above the bound, so that a full queue can still be ended in an
//! orderly way; a peer that makes us queue more than the headroom is a slow consumer whatever the policy.
//!
//! A stream that this crate did not accept is written by its driver alone, see [`foreign`].
//!
//! A session that polls has no stream: its outbox is a queue which each poll drains, see [`polls`]. The bounds and
//! what happens at them are the same.
//!
//! This module knows bytes and packets, not what is in them.

mod busy;
mod driving;
mod foreign;
mod gathering;
mod looking_ahead;
mod pace;
mod policy;
mod polls;
mod post;
mod waiting;

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use futures_util::task::AtomicWaker;

pub(crate) use self::gathering::Gathering;
pub use self::gathering::Pressure;
pub use self::policy::OutboxPolicy;
pub(crate) use self::polls::Farewell;
use self::polls::Polls;
use self::waiting::Waiters;
use crate::byte_queue::ByteQueue;
use crate::engine::frame;
use crate::piece::{Keep, Piece, Terms};
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats, Tally};
use crate::stream::WriteHalf;

/// Bytes and packets that may wait in one outbox, and what happens at first when they do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboxLimits {
    pub(crate) bytes_max: usize,
    pub(crate) packets_max: usize,
    pub(crate) policy: OutboxPolicy,
}

/// Whether the bytes count against the bound or may use the headroom of control frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Data,
    /// Data whose sender waits when the outbox is full.
    Patient,
    Control,
}

/// What became of an event that was emitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emitted {
    /// The kernel has taken at least its first byte, or a poll takes it; the rest leaves in order.
    Taken,
    /// It leaves in order: behind what waits, or with what else is emitted in the same turn.
    Queued,
    /// The client was not ready for a volatile event and will never see it.
    Dropped,
}

/// Why the outbox did not take the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendError {
    Closed,
    TooLarge,
    Full,
}

/// Whose outbox can be held back, so that what is sent meanwhile leaves in one write.
pub(crate) trait Corked: Send + Sync {
    fn cork(&self);
    fn uncork(&self);
}

/// What a write looks at lies together and first: with thousands of members each line of memory is one that the processor
/// has to wait for.
#[repr(C)]
pub(crate) struct Outbox {
    /// Whether the client takes only text.
    text_only: bool,
    /// Somebody waits with a value until it can be posted.
    knocked: AtomicBool,
    limits: OutboxLimits,
    /// Those that wait for their write under pressure; `None` where everything leaves at once.
    gathering: Option<Arc<Gathering>>,
    // A std mutex: the critical section is one non-blocking write and no await.
    state: Mutex<State>,
    driver: AtomicWaker,
    /// The poll that waits for something to take.
    poll: AtomicWaker,
    stats: Arc<Stats>,
}

#[repr(C)]
struct State {
    phase: Phase,
    policy: OutboxPolicy,
    /// The kernel refused bytes; until the driver has resumed, everything is appended.
    blocked: bool,
    /// Messages that are on their way out together; at the bound there may be more.
    gathered: u8,
    /// So many more messages leave at once, see [`gathering`].
    direct_left: u8,
    /// Something was appended since it was corked.
    has_corked: bool,
    /// What was gathered should have left while it was corked.
    is_due: bool,
    cork_depth: u32,
    /// When a busy thread sent here last, in microseconds.
    sent_us: u32,
    stream: Option<WriteHalf>,
    queue: ByteQueue,
    /// Of one that closes.
    end_reason: DisconnectReason,
    /// The part of the queued bytes that the gauge of all connections knows of.
    reported_bytes: usize,
    /// Where polls drain the queue instead of a stream.
    polls: Option<Polls>,
    waiters: Waiters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Somebody asked for the end, for the reason that is kept beside it; only control frames are taken.
    Closing,
    Ended,
}

impl Outbox {
    pub(crate) fn new(limits: OutboxLimits, stats: Arc<Stats>) -> Self {
        let state = State {
            stream: None,
            polls: None,
            queue: ByteQueue::default(),
            reported_bytes: 0,
            policy: limits.policy,
            waiters: None,
            has_corked: false,
            is_due: false,
            cork_depth: 0,
            sent_us: 0,
            blocked: false,
            gathered: 0,
            direct_left: 0,
            phase: Phase::Open,
            end_reason: DisconnectReason::ForcedClose,
        };
        Self {
            state: Mutex::new(state),
            driver: AtomicWaker::new(),
            poll: AtomicWaker::new(),
            limits,
            gathering: None,
            text_only: false,
            knocked: AtomicBool::new(false),
            stats,
        }
    }

    /// Lets it wait with those of `gathering` under pressure.
    pub(crate) fn gathered_with(mut self, gathering: Arc<Gathering>) -> Self {
        self.gathering = Some(gathering);
        self
    }

    /// Whether the client takes only text, so that binary messages must be spelled out.
    pub(crate) fn text_only(mut self, text_only: bool) -> Self {
        self.text_only = text_only;
        self
    }

    /// Gives the outbox its stream. What was sent before waits in the queue and leaves now; a poll is told to go.
    pub(crate) fn attach(&self, stream: WriteHalf) {
        let mut state = self.lock();
        state.stream = Some(stream);
        if state.polls.take().is_some() {
            self.poll.wake();
        }
        self.flush(&mut state);
    }

    /// Gives the outbox, to which nothing was sent yet, a stream on which `head` must leave first: at once, or with what is
    /// sent until the cork is lifted.
    pub(crate) fn attach_behind(&self, stream: WriteHalf, head: &[u8]) {
        let mut state = self.lock();
        state.stream = Some(stream);
        state.queue.push(Piece::borrowed(head, 0), 0);
        if state.cork_depth == 0 {
            self.flush(&mut state);
        }
    }

    /// Sends `piece` now or as soon as the kernel takes it; a volatile one now or not at all, unless it may wait.
    pub(crate) fn send(self: &Arc<Self>, piece: Piece<'_>, class: Class) -> Result<Emitted, SendError> {
        self.send_tallied(piece, class, &mut Tally::new(&self.stats))
    }

    /// The same for one of many, who are counted together.
    pub(crate) fn send_tallied(
        self: &Arc<Self>,
        piece: Piece<'_>,
        class: Class,
        tally: &mut Tally<'_>,
    ) -> Result<Emitted, SendError> {
        if self.text_only {
            let text = self.spell_out(piece);
            let spelled = Piece::shared(&text, piece.packets()).on(piece.terms);
            return self.send_spelled(spelled, class, tally);
        }
        self.send_spelled(piece, class, tally)
    }

    fn spell_out(&self, piece: Piece<'_>) -> Bytes {
        Bytes::from(frame::spell_out(piece.as_slice()))
    }

    fn check(&self, state: &State, piece: Piece<'_>, class: Class) -> Result<(), SendError> {
        state.check_open(class)?;
        if piece.len() > self.limits.bytes_max || piece.packets() > self.limits.packets_max {
            return Err(SendError::TooLarge);
        }
        Ok(())
    }

    fn send_spelled(
        self: &Arc<Self>,
        piece: Piece<'_>,
        class: Class,
        tally: &mut Tally<'_>,
    ) -> Result<Emitted, SendError> {
        let gathering = self.gathering.as_ref().filter(|gathering| gathering.is_on());
        let sent = self.send_locked(&mut self.lock(), piece, class, gathering, tally);
        if sent.is_ok_and(|emitted| emitted != Emitted::Dropped) {
            tally.packets += piece.packets() as u64;
        }
        if let Some(gathering) = &self.gathering {
            gathering.flush_overdue();
        }
        sent
    }

    fn send_locked(
        self: &Arc<Self>,
        state: &mut State,
        piece: Piece<'_>,
        class: Class,
        gathering: Option<&Arc<Gathering>>,
        tally: &mut Tally<'_>,
    ) -> Result<Emitted, SendError> {
        self.check(state, piece, class)?;
        if !state.accepts(piece.terms.keep) {
            return Ok(self.drop_volatile());
        }
        // Under a cork it is asked once for all, when that is lifted.
        let gathering = gathering.filter(|gathering| {
            state.cork_depth == 0 && gathering.expects_company(state) && state.can_gather(piece.len())
        });
        if state.is_direct() && state.cork_depth == 0 && gathering.is_none() {
            return self.write_through(state, piece, tally);
        }
        self.append(state, piece, class, gathering)
    }

    /// Whether a packet that is kept so would be sent now, as far as is known.
    pub(crate) fn accepts(&self, keep: Keep<'_>) -> bool {
        keep != Keep::Volatile || self.lock().accepts(keep)
    }

    /// Counts a volatile packet that nobody was ready for.
    pub(crate) fn drop_volatile(&self) -> Emitted {
        stats::increment(&self.stats.volatile_dropped);
        Emitted::Dropped
    }

    /// Holds back what is sent until [`Outbox::uncork`], so that it leaves in one write.
    pub(crate) fn cork(&self) {
        self.lock().cork_depth += 1;
    }

    pub(crate) fn uncork(self: &Arc<Self>) {
        let mut state = self.lock();
        state.cork_depth = state.cork_depth.saturating_sub(1);
        if state.cork_depth > 0 || state.blocked {
            return;
        }
        let has_more = std::mem::take(&mut state.has_corked);
        let is_due = std::mem::take(&mut state.is_due);
        if state.gathered > 0 && !has_more {
            return;
        }
        match &self.gathering {
            Some(gathering)
                if !is_due
                    && !state.queue.is_empty()
                    && state.can_gather(0)
                    && gathering.is_on()
                    && gathering.expects_company(&mut state) =>
            {
                self.gather(&mut state, gathering);
            }
            _ => self.flush(&mut state),
        }
    }

    /// Asks the driver to end the connection; the first reason wins. Data is refused from now on.
    pub(crate) fn request_close(&self, reason: DisconnectReason) {
        self.close_locked(&mut self.lock(), reason);
    }

    /// Nothing waits, so a message sent now would go to the kernel at once.
    pub(crate) fn is_writable(&self) -> bool {
        let state = self.lock();
        state.phase == Phase::Open && state.is_ready()
    }

    /// Bytes and packets that wait.
    pub(crate) fn queued(&self) -> (usize, usize) {
        let state = self.lock();
        (state.queue.bytes(), state.queue.packets())
    }

    /// Nothing can be sent any more.
    pub(crate) fn is_ended(&self) -> bool {
        self.lock().phase == Phase::Ended
    }

    /// Ends the outbox and frees what it holds. `abort` makes the kernel forget unsent bytes as well.
    pub(crate) fn end(&self, abort: bool) {
        let mut state = self.lock();
        state.phase = Phase::Ended;
        state.queue.clear();
        self.release(&mut state);
        if let Some(stream) = state.stream.take()
            && abort
        {
            stream.abort();
        }
        self.wake_driver();
        self.poll.wake();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code under this lock runs handlers, so a poisoned state is still consistent.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn write_through(
        &self,
        state: &mut State,
        piece: Piece<'_>,
        tally: &mut Tally<'_>,
    ) -> Result<Emitted, SendError> {
        let written = self.write_some(state, piece.as_slice(), tally)?;
        if written == piece.len() {
            return Ok(Emitted::Taken);
        }
        if written == 0 && !state.accepts(piece.terms.keep) {
            return Ok(self.drop_volatile());
        }
        state.queue.push(piece.on(state.terms(piece.terms)), written);
        self.report(state);
        Ok(match written {
            0 => Emitted::Queued,
            _ => Emitted::Taken,
        })
    }

    /// Writes what the kernel takes of `bytes` now. If that is not all the outbox is blocked, also when the rest is
    /// dropped: nobody else would wait for the stream, and the outbox would never be ready again.
    fn write_some(&self, state: &mut State, bytes: &[u8], tally: &mut Tally<'_>) -> Result<usize, SendError> {
        let written = match state.try_write(bytes, tally) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(_) => {
                self.close_locked(state, DisconnectReason::TransportError);
                return Err(SendError::Closed);
            }
        };
        if written < bytes.len() {
            state.blocked = true;
            self.wake_driver();
        }
        Ok(written)
    }

    fn append(
        self: &Arc<Self>,
        state: &mut State,
        piece: Piece<'_>,
        class: Class,
        gathering: Option<&Arc<Gathering>>,
    ) -> Result<Emitted, SendError> {
        let is_awaited = state.polls.is_some() && state.is_ready();
        let emitted = self.admit(state, piece.on(state.terms(piece.terms)), class)?;
        if emitted == Emitted::Dropped {
            return Ok(emitted);
        }
        if state.blocked {
            self.report(state);
        } else if state.cork_depth > 0 {
            state.has_corked = true;
            if state.queue.bytes() > CORK_BYTES_MAX {
                self.flush(state);
            }
        } else {
            match gathering {
                Some(gathering) => self.gather(state, gathering),
                None => self.flush(state),
            }
        }
        let has_begun = state.stream.is_some() && state.queue.bytes() < piece.len();
        Ok(match emitted {
            Emitted::Queued if is_awaited || has_begun => Emitted::Taken,
            emitted => emitted,
        })
    }

    /// Writes the queue until it is empty or the kernel is full.
    fn flush(&self, state: &mut State) {
        if state.polls.is_some() && !state.queue.is_empty() {
            self.poll.wake();
        }
        let before = state.queue.bytes();
        let mut tally = Tally::new(&self.stats);
        while !state.queue.is_empty() && state.stream.is_some() {
            let result = state.try_write(&state.queue.next(), &mut tally);
            match result {
                Ok(written) => state.queue.consume(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    state.blocked = true;
                    self.wake_driver();
                    break;
                }
                Err(_) => {
                    state.queue.clear();
                    self.close_locked(state, DisconnectReason::TransportError);
                    break;
                }
            }
        }
        self.report(state);
        if state.queue.bytes() < before {
            state.wake_waiters();
        }
    }

    fn wake_driver(&self) {
        stats::increment(&self.stats.driver_wakes);
        self.driver.wake();
    }

    fn close_locked(&self, state: &mut State, reason: DisconnectReason) {
        if state.phase == Phase::Open {
            (state.phase, state.end_reason) = (Phase::Closing, reason);
            state.wake_waiters();
        }
        self.wake_driver();
    }

    /// Something has left, or never will.
    fn release(&self, state: &mut State) {
        self.report(state);
        state.wake_waiters();
    }

    fn report(&self, state: &mut State) {
        let queued = state.queue.bytes();
        if queued != state.reported_bytes {
            stats::report(&self.stats.outbox_bytes, &mut state.reported_bytes, queued);
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.end(false);
    }
}

impl State {
    fn try_write(&self, bytes: &[u8], tally: &mut Tally<'_>) -> io::Result<usize> {
        let Some(stream) = &self.stream else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let written = stream.try_write(bytes)?;
        tally.writes += 1;
        tally.bytes += written as u64;
        Ok(written)
    }

    fn check_open(&self, class: Class) -> Result<(), SendError> {
        match (self.phase, class) {
            (Phase::Open, _) | (Phase::Closing, Class::Control) => Ok(()),
            _ => Err(SendError::Closed),
        }
    }

    /// Whether `more_bytes` may wait for company: they are not enough for a write, and it would be up to whoever sends.
    fn can_gather(&self, more_bytes: usize) -> bool {
        let is_little = self.queue.bytes() + more_bytes <= gathering::BYTES_MAX;
        is_little && !self.blocked && matches!(self.stream, Some(WriteHalf::Tcp(_)))
    }

    /// Whoever sends may write.
    fn is_direct(&self) -> bool {
        !self.blocked && self.queue.is_empty() && matches!(self.stream, Some(WriteHalf::Tcp(_)))
    }

    fn accepts(&self, keep: Keep<'_>) -> bool {
        keep != Keep::Volatile || self.policy == OutboxPolicy::DropVolatileFirst || self.is_ready()
    }

    /// What of `terms` counts under the policy: where nothing is dropped or replaced, small packets share memory.
    fn terms<'a>(&self, terms: Terms<'a>) -> Terms<'a> {
        let keep = match (self.policy, terms.keep) {
            (OutboxPolicy::DropVolatileFirst, Keep::Volatile)
            | (OutboxPolicy::CoalesceLatest, Keep::Latest(_)) => terms.keep,
            _ => Keep::Always,
        };
        Terms { keep, ..terms }
    }

    /// What is sent now leaves now, or together with what is only held back by a cork or gathered.
    fn is_ready(&self) -> bool {
        match &self.polls {
            Some(polls) => polls.waits() && self.queue.is_empty(),
            None => !self.blocked && (self.queue.is_empty() || self.cork_depth > 0 || self.gathered > 0),
        }
    }
}

/// Above this a corked outbox writes early: holding back more would only fill the queue of a healthy peer.
const CORK_BYTES_MAX: usize = 32 * 1024;

#[cfg(test)]
mod tests;
