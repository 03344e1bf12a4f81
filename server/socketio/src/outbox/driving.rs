//! The part of the driver, which is the task of a connection: it resumes what the kernel did not take, and sees the outbox off.

use std::task::{Context, Poll, ready};

use super::{Outbox, Phase, State};
use crate::reason::DisconnectReason;
use crate::stream::WriteHalf;

impl Outbox {
    /// The driver's turn: registers it, resumes a partial write, and tells whether somebody asked for the end.
    pub(crate) fn poll_driver(&self, cx: &mut Context<'_>) -> Option<DisconnectReason> {
        self.driver.register(cx.waker());
        let mut state = self.lock();
        self.resume(&mut state, cx);
        match state.phase {
            Phase::Open => None,
            Phase::Closing => Some(state.end_reason),
            Phase::Ended => Some(DisconnectReason::ForcedClose),
        }
    }

    /// Ready when everything queued has left, or never will.
    pub(crate) fn poll_drained(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.driver.register(cx.waker());
        let mut state = self.lock();
        self.resume(&mut state, cx);
        if !state.blocked {
            // Whoever holds the cork has no say in the end.
            self.flush(&mut state);
            self.resume(&mut state, cx);
        }
        let has_left = match &state.stream {
            None => true,
            Some(WriteHalf::Tcp(_)) => state.queue.is_empty(),
            // It may still hold what it was given.
            Some(WriteHalf::Foreign(_)) => state.queue.is_empty() && !state.blocked,
        };
        if has_left { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Closes the sending half, so that the peer reads the end of the stream behind what was flushed. Ready when that
    /// is said.
    pub(crate) fn poll_shut_down(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        state.queue.clear();
        self.release(&mut state);
        if let Some(stream) = &mut state.stream {
            ready!(stream.poll_shut_down(cx));
        }
        state.stream = None;
        Poll::Ready(())
    }

    fn resume(&self, state: &mut State, cx: &mut Context<'_>) {
        while state.blocked {
            let ready = match &state.stream {
                None => return,
                Some(WriteHalf::Tcp(stream)) => stream.as_ref().poll_write_ready(cx),
                Some(WriteHalf::Foreign(_)) => self.poll_foreign(state, cx),
            };
            match ready {
                Poll::Pending => return,
                Poll::Ready(Err(_)) => {
                    state.queue.clear();
                    state.blocked = false;
                    self.close_locked(state, DisconnectReason::TransportError);
                }
                Poll::Ready(Ok(())) => {
                    state.blocked = false;
                    self.flush(state);
                    if !state.blocked {
                        state.wake_waiters();
                    }
                }
            }
        }
    }
}
