//! The WebSocket transport: one task per connection, which reads, dispatches, resumes partial writes and runs the
//! timers of the session.
//!
//! What `frames` reads it answers through the outbox where that is due (pong, close), like everything else, or a pong would
//! land in the middle of a broadcast.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::config::Config;
use super::conversation::{Conversation, Cork, MESSAGES_PER_TURN, now};
use super::frame;
use super::frames::{self, Said};
use super::half::{self, ReadError, Refused};
use super::packet::Incoming;
use super::sessions::SessionHandle;
use crate::outbox::{Class, Outbox};
use crate::piece::Piece;
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};
use crate::stream::ReadHalf;

/// The messages of an upgraded stream.
pub(crate) type Frames = frames::Frames<ReadHalf, Outlet>;

/// Reads frames from `read`. `early` is what the client sent right behind its request.
pub(crate) fn frames(read: ReadHalf, early: &[u8], way: Way, config: &Config, stats: Arc<Stats>) -> Frames {
    Frames::new(read, Outlet { way, stats }, early, config.max_payload_bytes)
}

/// What serves a session over a WebSocket. Its future is what an idle connection holds.
pub(crate) struct Driver {
    frames: Frames,
    conversation: Conversation,
}

/// How a connection ends.
struct End {
    reason: DisconnectReason,
    manner: Manner,
}

enum Manner {
    /// We end it: flush, close frame with this code and text, wait a moment for the peer.
    Orderly(u16, &'static str),
    /// The peer has said goodbye: flush the answer and go.
    Answered,
    /// The stream is broken or the peer does not read: go at once.
    Abort,
}

impl Driver {
    /// The outlet of `frames` is the session.
    pub(crate) fn new(frames: Frames, conversation: Conversation) -> Self {
        Self { frames, conversation }
    }

    /// Serves the session until it is over.
    #[expect(
        clippy::manual_async_fn,
        reason = "an `async fn` would hold its argument twice"
    )]
    pub(crate) fn drive(mut self) -> impl Future<Output = ()> + Send {
        async move {
            let end = poll_fn(|cx| self.poll(cx)).await;
            // What only happens at the end is in no future before.
            Box::pin(self.close(end)).await;
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let outbox = &self.conversation.session.outbox;
        if let Some(reason) = outbox.poll_driver(cx) {
            let end = match outbox.is_ended() {
                // Cut off: there is nothing to say goodbye with.
                true => End::new(reason, Manner::Abort),
                false => requested(reason),
            };
            return Poll::Ready(end);
        }
        let now = now();
        match self.read_turn(cx, now) {
            Err(end) => return Poll::Ready(end),
            // More may be waiting, but other connections of this thread want their turn as well.
            Ok(Turn::More) => cx.waker().wake_by_ref(),
            Ok(Turn::Idle) => {}
        }
        self.conversation.poll(cx, now).map(orderly)
    }

    fn read_turn(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<Turn, End> {
        let mut corked = None;
        for _ in 0..MESSAGES_PER_TURN {
            let Poll::Ready(item) = self.frames.poll_next(cx) else {
                return Ok(Turn::Idle);
            };
            let said = match item {
                Some(Ok(said)) => said,
                Some(Err(error)) => return Err(self.read_error(error)),
                None => return Err(End::new(DisconnectReason::TransportClose, Manner::Answered)),
            };
            // What the handlers of this turn send to this client leaves in one write.
            corked.get_or_insert_with(|| Cork::new(self.conversation.session.clone()));
            self.on_message(now, said)?;
        }
        Ok(Turn::More)
    }

    fn on_message(&mut self, now: Instant, said: Said) -> Result<(), End> {
        let conversation = &mut self.conversation;
        let outcome = match said {
            Said::Text(text) => conversation
                .decode(&text)
                .and_then(|packet| conversation.on_packet(now, packet)),
            Said::Binary(data) => conversation.on_packet(now, Incoming::Binary(data)),
            Said::Control => Ok(()),
        };
        outcome.map_err(orderly)
    }

    fn read_error(&self, error: ReadError) -> End {
        if matches!(error, ReadError::TooLarge | ReadError::Unfinished) {
            stats::increment(&self.conversation.stats.payload_too_large);
        }
        let reason = match error {
            ReadError::Gone => DisconnectReason::TransportClose,
            _ => DisconnectReason::TransportError,
        };
        let manner = match error.farewell() {
            Some((code, text)) => Manner::Orderly(code, text),
            None => Manner::Abort,
        };
        End::new(reason, manner)
    }

    async fn close(mut self, end: End) {
        self.conversation.end(end.reason);
        let outbox = &self.conversation.session.outbox;
        let patience = self.conversation.config.close_timeout;
        match end.manner {
            Manner::Abort => outbox.end(true),
            Manner::Answered => {
                let _ = timeout(patience, poll_fn(|cx| outbox.poll_drained(cx))).await;
                outbox.end(false);
            }
            Manner::Orderly(code, text) => {
                say_goodbye(outbox, &mut self.frames, code, text, patience).await;
            }
        }
    }
}

/// Flushes, closes with a code and a text, and gives the peer a moment to answer.
pub(crate) async fn say_goodbye(
    outbox: &Arc<Outbox>,
    frames: &mut Frames,
    code: u16,
    text: &str,
    patience: Duration,
) {
    let farewell = frame::close_frame(code, text);
    let _ = outbox.send(Piece::borrowed(&farewell, 0), Class::Control);
    let _ = timeout(patience, poll_fn(|cx| outbox.poll_drained(cx))).await;
    let _ = timeout(patience, poll_fn(|cx| outbox.poll_shut_down(cx))).await;
    let _ = timeout(patience, frames.read_to_end()).await;
    outbox.end(false);
}

enum Turn {
    More,
    Idle,
}

impl End {
    fn new(reason: DisconnectReason, manner: Manner) -> Self {
        Self { reason, manner }
    }
}

/// An end that the session or the application has decided.
fn orderly(reason: DisconnectReason) -> End {
    let manner = match reason {
        DisconnectReason::SlowConsumer => Manner::Abort,
        _ => Manner::Orderly(close_code(reason), reason.as_str()),
    };
    End::new(reason, manner)
}

/// An end that came through the outbox: asked for by another thread, or a write that failed.
fn requested(reason: DisconnectReason) -> End {
    match reason {
        DisconnectReason::TransportError => End::new(reason, Manner::Abort),
        _ => orderly(reason),
    }
}

/// The close code of an end that is ours (RFC 6455, section 7.4.1).
pub(crate) fn close_code(reason: DisconnectReason) -> u16 {
    match reason {
        // We go away: as a whole, or from a peer that is silent. It may come back.
        DisconnectReason::ServerShuttingDown | DisconnectReason::PingTimeout => 1001,
        // It broke the protocol below Socket.IO.
        DisconnectReason::TransportError => 1002,
        // It did what we do not allow.
        DisconnectReason::ParseError | DisconnectReason::HandlerBacklog | DisconnectReason::Other(_) => 1008,
        // It is not what it did; the code says what to do next.
        DisconnectReason::TryAgain(_) => 1013,
        _ => 1000,
    }
}

/// Writes to the outbox of a session, or to that of a stream which is probed.
pub(crate) struct Outlet {
    way: Way,
    stats: Arc<Stats>,
}

/// Whose outbox writes to a stream.
pub(crate) enum Way {
    /// That of the session.
    Session(Arc<SessionHandle>),
    /// One of its own, while the session still polls.
    Probe(Arc<Outbox>),
}

impl Outlet {
    pub(crate) fn to_session(session: Arc<SessionHandle>, stats: Arc<Stats>) -> Self {
        let way = Way::Session(session);
        Self { way, stats }
    }
}

impl half::Outlet for Outlet {
    fn send_control(&self, frame: &[u8]) -> Result<(), Refused> {
        let outbox = match &self.way {
            Way::Session(session) => &session.outbox,
            Way::Probe(outbox) => outbox,
        };
        outbox
            .send(Piece::borrowed(frame, 0), Class::Control)
            .map(drop)
            .map_err(|_| Refused)
    }

    fn observe_read(&self, bytes: usize) {
        stats::increment(&self.stats.reads);
        stats::add(&self.stats.bytes_in, bytes as u64);
    }
}
