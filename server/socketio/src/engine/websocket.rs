//! The WebSocket transport: one task per connection, which reads, dispatches, resumes partial writes and runs the
//! timers of the session.
//!
//! tokio-tungstenite reads and checks frames. It never writes to the stream: what it wants to say (pong, close)
//! goes through the outbox like everything else, or a pong would land in the middle of a broadcast.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error as WsError};
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};

use super::application::Client;
use super::config::Config;
use super::conversation::{Conversation, Cork, MESSAGES_PER_TURN, now};
use super::frame;
use super::packet::Incoming;
use super::sessions::SessionHandle;
use crate::byte_queue::Piece;
use crate::outbox::{Class, Outbox};
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};

/// An upgraded stream whose frames are read by tungstenite and written by an outbox.
pub(crate) type Frames = WebSocketStream<Half>;

/// Reads frames from `read`. `early` is what the client sent right behind its request.
pub(crate) async fn frames(
    read: OwnedReadHalf,
    early: Vec<u8>,
    outlet: Outlet,
    config: &Config,
    stats: Arc<Stats>,
) -> Frames {
    let half = Half {
        read,
        outlet,
        stats,
        unfinished_bytes: early.len(),
        unfinished_bytes_max: config.max_payload_bytes + UNFINISHED_SLACK_BYTES,
    };
    let ws_config = WebSocketConfig::default()
        .read_buffer_size(config.read_buffer_bytes)
        .write_buffer_size(0)
        .max_write_buffer_size(CONTROL_FRAMES_BYTES_MAX)
        .max_message_size(Some(config.max_payload_bytes))
        .max_frame_size(Some(config.max_payload_bytes));
    WebSocketStream::from_partially_read(half, early, Role::Server, Some(ws_config)).await
}

/// Serves a session over `frames`, whose outlet is the session, until it is over.
pub(crate) async fn drive<C: Client>(frames: Frames, conversation: Conversation<C>) {
    let mut driver = Driver {
        ws: frames,
        conversation,
    };
    let end = poll_fn(|cx| driver.poll(cx)).await;
    driver.close(end).await;
}

struct Driver<C> {
    ws: Frames,
    conversation: Conversation<C>,
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

impl<C: Client> Driver<C> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if let Some(reason) = self.conversation.session.outbox.poll_driver(cx) {
            return Poll::Ready(requested(reason));
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
            let Poll::Ready(item) = Pin::new(&mut self.ws).poll_next(cx) else {
                return Ok(Turn::Idle);
            };
            let message = match item {
                Some(Ok(message)) => message,
                Some(Err(error)) => return Err(self.read_error(&error)),
                None => return Err(End::new(DisconnectReason::TransportClose, Manner::Answered)),
            };
            // What the handlers of this turn send to this client leaves in one write.
            corked.get_or_insert_with(|| Cork::new(self.conversation.session.clone()));
            self.on_message(now, message)?;
        }
        Ok(Turn::More)
    }

    fn on_message(&mut self, now: Instant, message: Message) -> Result<(), End> {
        let conversation = &mut self.conversation;
        let outcome = match message {
            Message::Text(text) => {
                self.ws.get_mut().finish_message();
                conversation
                    .decode(&text)
                    .and_then(|packet| conversation.on_packet(now, packet))
            }
            Message::Binary(data) => {
                self.ws.get_mut().finish_message();
                conversation.on_packet(now, Incoming::Binary(data))
            }
            // tungstenite answers a ping itself, and reports the end of the stream after a close.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => Ok(()),
        };
        outcome.map_err(orderly)
    }

    fn read_error(&self, error: &WsError) -> End {
        let (code, text) = match error {
            WsError::Capacity(CapacityError::MessageTooLong { .. }) => {
                stats::increment(&self.conversation.stats.payload_too_large);
                (1009, "payload too large")
            }
            WsError::Io(error) if error.kind() == io::ErrorKind::QuotaExceeded => {
                stats::increment(&self.conversation.stats.payload_too_large);
                (1008, "too many bytes without a message")
            }
            WsError::Protocol(
                tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            ) => {
                return End::new(DisconnectReason::TransportClose, Manner::Abort);
            }
            WsError::Io(_) => return End::new(DisconnectReason::TransportError, Manner::Abort),
            WsError::Utf8(_) => (1007, "text is not UTF-8"),
            _ => (1002, "protocol error"),
        };
        End::new(DisconnectReason::TransportError, Manner::Orderly(code, text))
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
                say_goodbye(outbox, &mut self.ws, code, text, patience).await;
            }
        }
    }
}

/// Flushes, closes with a code and a text, and gives the peer a moment to answer.
pub(crate) async fn say_goodbye(
    outbox: &Outbox,
    frames: &mut Frames,
    code: u16,
    text: &str,
    patience: Duration,
) {
    let farewell = frame::close_frame(code, text);
    let _ = outbox.send(Piece::Borrowed(&farewell), 0, Class::Control);
    let _ = timeout(patience, poll_fn(|cx| outbox.poll_drained(cx))).await;
    outbox.shut_down();
    // Closing with unread bytes would reset the stream, and the peer would lose the close code.
    let read = &mut frames.get_mut().read;
    let _ = timeout(patience, read_to_end(read)).await;
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
fn close_code(reason: DisconnectReason) -> u16 {
    match reason {
        // We go away: as a whole, or from a peer that is silent. It may come back.
        DisconnectReason::ServerShuttingDown | DisconnectReason::PingTimeout => 1001,
        // It broke the protocol below Socket.IO.
        DisconnectReason::TransportError => 1002,
        // It did what we do not allow.
        DisconnectReason::ParseError | DisconnectReason::HandlerBacklog | DisconnectReason::Other(_) => 1008,
        _ => 1000,
    }
}

async fn read_to_end(read: &mut OwnedReadHalf) {
    let mut scratch = [0; 4096];
    loop {
        let outcome = poll_fn(|cx| {
            let mut buf = ReadBuf::new(&mut scratch);
            Pin::new(&mut *read)
                .poll_read(cx, &mut buf)
                .map_ok(|()| buf.filled().len())
        });
        match outcome.await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// The stream as tungstenite sees it: reads go to the kernel, writes to the outbox.
pub(crate) struct Half {
    read: OwnedReadHalf,
    outlet: Outlet,
    stats: Arc<Stats>,
    /// Bytes read since the last whole message. tungstenite hides fragments, so this is what bounds them.
    unfinished_bytes: usize,
    unfinished_bytes_max: usize,
}

/// Whose outbox writes to a stream.
pub(crate) enum Outlet {
    /// That of the session.
    Session(Arc<SessionHandle>),
    /// One of its own, while the session still polls.
    Probe(Arc<Outbox>),
}

impl Outlet {
    fn outbox(&self) -> &Outbox {
        match self {
            Self::Session(session) => &session.outbox,
            Self::Probe(outbox) => outbox,
        }
    }
}

impl Half {
    pub(crate) fn set_outlet(&mut self, outlet: Outlet) {
        self.outlet = outlet;
    }

    /// A whole message has arrived.
    pub(crate) fn finish_message(&mut self) {
        self.unfinished_bytes = 0;
    }
}

impl AsyncRead for Half {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unfinished_bytes > self.unfinished_bytes_max {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        let before = buf.filled().len();
        let result = Pin::new(&mut self.read).poll_read(cx, buf);
        let read = buf.filled().len() - before;
        self.unfinished_bytes += read;
        stats::add(&self.stats.bytes_in, read as u64);
        result
    }
}

impl AsyncWrite for Half {
    /// Takes all or nothing: with a write buffer of size 0 each call is one whole control frame.
    fn poll_write(self: Pin<&mut Self>, _cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.outlet.outbox().send(Piece::Borrowed(buf), 0, Class::Control) {
            Ok(()) => Poll::Ready(Ok(buf.len())),
            Err(_) => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What may be read beyond the payload bound before a message must be whole: frame headers and pings.
const UNFINISHED_SLACK_BYTES: usize = 64 * 1024;

/// tungstenite writes control frames only, and those leave at once.
const CONTROL_FRAMES_BYTES_MAX: usize = 1024;
