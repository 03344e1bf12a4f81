//! The outbox of a session that polls.
//!
//! ```text
//! poll arrives, finds                 answer
//! something queued                    it
//! nothing, a farewell to fetch        noop and close (just close, if the poll was waiting)
//! nothing, a move to WebSocket        noop
//! nothing                             waits
//! a stream instead of polls           noop
//! ```
//!
//! What a poll has taken counts as sent: a client that does not read the answer has lost its session.

use std::task::{Context, Poll};

use super::{Outbox, Phase, State};
use crate::engine::payload::{self, Payload};
use crate::stats;
use crate::stream::WriteHalf;

/// How polling goes.
#[derive(Debug, Default)]
pub(super) struct Polls {
    /// A poll waits, so what is sent leaves at once.
    waiting: bool,
    /// The client tries a WebSocket; it must not be held by a poll.
    upgrading: bool,
    farewell: Option<Farewell>,
    /// The farewell was taken.
    told: bool,
}

/// What the last poll hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// That the server closes.
    Close,
    /// Nothing: the client has closed and only waits for its poll to end.
    Noop,
}

impl Polls {
    pub(super) fn waits(&self) -> bool {
        self.waiting && !self.upgrading && self.farewell.is_none()
    }
}

impl Outbox {
    /// Lets polls drain the queue, until a stream is attached.
    pub(crate) fn start_polling(&self) {
        self.lock().polls = Some(Polls::default());
    }

    pub(crate) fn is_polling(&self) -> bool {
        self.lock().polls.is_some()
    }

    /// One turn of a poll. Whoever drops a poll before it was ready calls [`Outbox::abandon_poll`].
    pub(crate) fn poll_payload(&self, cx: &mut Context<'_>, packets_max: usize) -> Poll<Payload> {
        self.poll.register(cx.waker());
        let mut state = self.lock();
        let State {
            polls,
            queue,
            cork_depth,
            phase,
            ..
        } = &mut *state;
        let Some(polls) = polls else {
            return Poll::Ready(Payload::plain(NOOP));
        };
        if *phase == Phase::Ended {
            polls.farewell.get_or_insert(Farewell::Close);
        }
        let waited = std::mem::replace(&mut polls.waiting, false);
        // Whoever holds the cork has no say in the end.
        if !queue.is_empty() && (*cork_depth == 0 || polls.farewell.is_some()) {
            let payload = payload::take(queue, packets_max);
            self.release(&mut state);
            stats::add(&self.stats.bytes_out, payload.body.len() as u64);
            return Poll::Ready(payload);
        }
        let answer = match polls.farewell {
            Some(Farewell::Close) if waited => CLOSE,
            Some(Farewell::Close) => NOOP_AND_CLOSE,
            Some(Farewell::Noop) => NOOP,
            None if polls.upgrading => NOOP,
            None => {
                polls.waiting = true;
                self.tell_of_knock();
                return Poll::Pending;
            }
        };
        if polls.farewell.is_some() {
            polls.told = true;
            self.wake_driver();
        }
        Poll::Ready(Payload::plain(answer))
    }

    /// The client has gone away from its poll.
    pub(crate) fn abandon_poll(&self) {
        if let Some(polls) = &mut self.lock().polls {
            polls.waiting = false;
        }
    }

    /// Tells polls to answer at once, or to wait again.
    pub(crate) fn set_upgrading(&self, upgrading: bool) {
        if let Some(polls) = &mut self.lock().polls {
            polls.upgrading = upgrading;
            self.poll.wake();
        }
    }

    /// Sets what the last poll hears.
    pub(crate) fn bid_farewell(&self, farewell: Farewell) {
        if let Some(polls) = &mut self.lock().polls {
            polls.farewell = Some(farewell);
            self.poll.wake();
        }
    }

    /// Ready when the last poll has taken everything and heard the farewell.
    pub(crate) fn poll_told(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.driver.register(cx.waker());
        let state = self.lock();
        match &state.polls {
            Some(polls) if !polls.told && state.phase != Phase::Ended => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }

    /// Takes the stream out, when everything sent has left.
    pub(crate) fn detach(&self) -> Option<WriteHalf> {
        let mut state = self.lock();
        if state.queue.is_empty() && !state.blocked {
            state.stream.take()
        } else {
            None
        }
    }
}

const CLOSE: &[u8] = b"1";
const NOOP: &[u8] = b"6";
const NOOP_AND_CLOSE: &[u8] = b"6\x1e1";
