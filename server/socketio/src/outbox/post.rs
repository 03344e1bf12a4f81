//! Sending a value that waits elsewhere, and only while its first byte leaves at once.
//!
//! What is queued can no longer be exchanged for something newer, so a mailbox keeps its value and knocks here. When
//! the value does not leave, the outbox remembers that somebody has knocked, and its driver tries again once all that
//! waits before it has left.

use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use super::{Class, Outbox, Phase, SendError, State};
use crate::piece::{Keep, Piece, Terms};
use crate::reason::DisconnectReason;
use crate::stats::{self, Tally};
use crate::stream::WriteHalf;

impl Outbox {
    /// Sends `piece` if its first byte leaves now, or a poll that waits takes it; what then is left of it waits like
    /// everything. `false` if not: nothing of it is kept, and the driver will hear that it may try again. `cx` is the
    /// driver's, who alone writes to a foreign stream.
    pub(crate) fn post(&self, piece: Piece<'_>, cx: Option<&mut Context<'_>>) -> Result<bool, SendError> {
        let text;
        let piece = match self.text_only {
            true => {
                text = self.spell_out(piece);
                Piece::shared(&text, piece.packets())
            }
            false => piece,
        };
        let mut state = self.lock();
        self.check(&state, piece, Class::Data)?;
        let taken = state.is_ready() && self.post_now(&mut state, piece, cx)?;
        if taken {
            stats::add(&self.stats.packets_out, piece.packets() as u64);
        } else {
            self.knocked.store(true, Ordering::Release);
        }
        Ok(taken)
    }

    /// Whether a value would be taken now from a thread that is not the driver's, as far as is known.
    pub(crate) fn takes_post(&self) -> bool {
        let state = self.lock();
        let is_foreign = matches!(state.stream, Some(WriteHalf::Foreign(_)));
        state.phase == Phase::Open && state.is_ready() && !is_foreign
    }

    /// Somebody has a value to post. The driver hears of it when it can be posted, which may be now.
    pub(crate) fn knock(&self) {
        self.knocked.store(true, Ordering::Release);
        let state = self.lock();
        if state.phase == Phase::Open && state.is_ready() {
            self.wake_driver();
        }
    }

    /// The driver asks whether somebody has knocked and may post now.
    pub(crate) fn answer_knock(&self) -> bool {
        if !self.knocked.load(Ordering::Acquire) {
            return false;
        }
        let state = self.lock();
        let may_post = state.phase == Phase::Open && state.is_ready();
        if may_post {
            self.knocked.store(false, Ordering::Release);
        }
        may_post
    }

    /// Tells the driver of an outbox that has just become ready.
    pub(super) fn tell_of_knock(&self) {
        if self.knocked.load(Ordering::Acquire) {
            self.wake_driver();
        }
    }

    fn post_now(
        &self,
        state: &mut State,
        piece: Piece<'_>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<bool, SendError> {
        let written = match (&state.stream, cx) {
            _ if state.polls.is_some() => 0,
            (Some(WriteHalf::Tcp(_)), _) if !state.queue.is_empty() => {
                return self.post_behind(state, piece);
            }
            (Some(WriteHalf::Tcp(_)), _) => {
                match self.write_some(state, piece.as_slice(), &mut Tally::new(&self.stats))? {
                    0 => return Ok(false),
                    written => written,
                }
            }
            (Some(WriteHalf::Foreign(_)), Some(cx)) if state.queue.is_empty() => {
                match self.poll_write_foreign(state, piece.as_slice(), cx) {
                    Poll::Pending => {
                        // The driver is woken when the stream takes more; until then nobody is ready to post.
                        state.blocked = true;
                        return Ok(false);
                    }
                    Poll::Ready(Ok(written)) => written,
                    Poll::Ready(Err(_)) => {
                        self.close_locked(state, DisconnectReason::TransportError);
                        return Err(SendError::Closed);
                    }
                }
            }
            _ => return Ok(false),
        };
        state.queue.push(piece, written);
        if state.polls.is_some() && state.cork_depth == 0 {
            self.poll.wake();
        }
        self.report(state);
        Ok(true)
    }

    /// Behind what a cork holds back, in the same write.
    fn post_behind(&self, state: &mut State, piece: Piece<'_>) -> Result<bool, SendError> {
        let terms = Terms {
            keep: Keep::Volatile,
            ..piece.terms
        };
        state.queue.push(piece.on(terms), 0);
        self.flush(state);
        if state.phase != Phase::Open {
            return Err(SendError::Closed);
        }
        let is_left = state.queue.take_back_volatile();
        self.report(state);
        Ok(!is_left)
    }
}
