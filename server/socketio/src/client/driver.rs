//! The one task of a connection: it reads, dispatches, resumes partial writes, answers pings and misses them.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::Stream;
use tokio::time::{Sleep, timeout};
use tokio_tungstenite::tungstenite::error::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::connection::{Connection, parse_error};
use super::encode;
use super::link::Link;
use super::outbox::{Class, Frames};
use crate::engine::conversation::{MESSAGES_PER_TURN, now};
use crate::engine::half::ReadError;
use crate::engine::packet::{self, PacketType};
use crate::error::DecodeError;
use crate::reason::DisconnectReason;

/// Serves an open connection until it is over.
pub(super) async fn drive(ws: Frames, link: Arc<Link>, silence_max: Duration) {
    let now = now();
    let ping_deadline = now + silence_max;
    let mut driver = Driver {
        ws,
        connection: Connection::new(link.clone()),
        silence_max,
        ping_deadline,
        sleep: Box::pin(tokio::time::sleep_until(ping_deadline.into())),
        sleep_until: ping_deadline,
        link,
    };
    let end = poll_fn(|cx| driver.poll(cx)).await;
    driver.close(end).await;
}

struct Driver {
    ws: Frames,
    connection: Connection,
    silence_max: Duration,
    /// When the server must have pinged.
    ping_deadline: Instant,
    sleep: Pin<Box<Sleep>>,
    /// The deadline `sleep` is set to.
    sleep_until: Instant,
    link: Arc<Link>,
}

/// How a connection ends.
struct End {
    reason: DisconnectReason,
    manner: Manner,
}

enum Manner {
    /// We end it: flush, close frame with this code, wait a moment for the server.
    Orderly(Option<u16>),
    /// The server has said goodbye: flush the answer and go.
    Answered,
    /// The stream is broken or the server is dead: go at once.
    Abort,
}

enum Turn {
    More,
    Idle,
}

impl Driver {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if let Some(reason) = self.link.outbox.poll_driver(cx) {
            return Poll::Ready(requested(reason));
        }
        let now = now();
        self.link.outbox.cork();
        let turn = self.read_turn(cx, now);
        self.link.outbox.uncork();
        match turn {
            Err(end) => Poll::Ready(end),
            // Other connections of this thread want their turn as well. A ping may be among what waits, so it is too
            // early to call the server dead.
            Ok(Turn::More) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Ok(Turn::Idle) => self.poll_timers(cx, now),
        }
    }

    fn read_turn(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<Turn, End> {
        for _ in 0..MESSAGES_PER_TURN {
            let Poll::Ready(item) = Pin::new(&mut self.ws).poll_next(cx) else {
                return Ok(Turn::Idle);
            };
            let outcome = match item {
                Some(Ok(Message::Text(text))) => {
                    self.ws.get_mut().finish_message();
                    self.on_text(now, &text)
                }
                Some(Ok(Message::Binary(data))) => {
                    self.ws.get_mut().finish_message();
                    self.connection.on_binary(data)
                }
                // tungstenite answers a ping itself.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(()),
                // A server that says goodbye need not go, so we do.
                Some(Ok(Message::Close(_))) => Err(DisconnectReason::TransportClose),
                Some(Err(error)) => return Err(read_error(&error)),
                None => return Err(End::new(DisconnectReason::TransportClose, Manner::Answered)),
            };
            outcome.map_err(|reason| End::new(reason, Manner::Orderly(None)))?;
        }
        Ok(Turn::More)
    }

    fn on_text(&mut self, now: Instant, text: &str) -> Result<(), DisconnectReason> {
        let (kind, data) = packet::decode(text).map_err(|error| parse_error(&error))?;
        match kind {
            PacketType::Message => {}
            PacketType::Ping => {
                self.ping_deadline = now + self.silence_max;
                let pong = encode::text_frame("3");
                return self
                    .link
                    .outbox
                    .send(&pong, Class::Control)
                    .map_err(|_| DisconnectReason::TransportError);
            }
            PacketType::Close => return Err(DisconnectReason::TransportClose),
            PacketType::Open => return Err(DisconnectReason::ParseError),
            PacketType::Pong | PacketType::Upgrade | PacketType::Noop => return Ok(()),
        }
        self.connection.on_text(now, data)
    }

    fn poll_timers(&mut self, cx: &mut Context<'_>, mut now: Instant) -> Poll<End> {
        loop {
            let attachments_deadline = self.connection.deadline();
            let deadline = attachments_deadline.map_or(self.ping_deadline, |at| at.min(self.ping_deadline));
            if now >= self.ping_deadline {
                return Poll::Ready(End::new(DisconnectReason::PingTimeout, Manner::Abort));
            }
            if now >= deadline {
                let reason = parse_error(&DecodeError::AttachmentsLate);
                return Poll::Ready(End::new(reason, Manner::Orderly(None)));
            }
            if self.sleep_until != deadline {
                self.sleep_until = deadline;
                self.sleep.as_mut().reset(deadline.into());
            }
            if self.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            // The clock of the timer and ours may differ by its resolution.
            now = self::now().max(deadline);
        }
    }

    async fn close(mut self, end: End) {
        tracing::debug!(reason = %end.reason, "connection closed");
        let link = self.link.clone();
        let (outbox, patience) = (&link.outbox, link.config.close_timeout);
        outbox.request_close(end.reason);
        link.finish(end.reason);
        match end.manner {
            Manner::Abort => outbox.end(true),
            Manner::Answered => {
                let _ = timeout(patience, poll_fn(|cx| outbox.poll_drained(cx))).await;
                outbox.end(false);
            }
            Manner::Orderly(code) => {
                if end.reason == DisconnectReason::ForcedClose {
                    let _ = outbox.send(&encode::text_frame("1"), Class::Control);
                }
                let _ = outbox.send(&encode::close_frame(code), Class::Control);
                let _ = timeout(patience, poll_fn(|cx| outbox.poll_drained(cx))).await;
                outbox.end(false);
                let _ = timeout(patience, self.ws.get_mut().read_to_end()).await;
            }
        }
    }
}

impl Drop for Driver {
    /// Tells everybody that it is over. When the task is dropped in the middle, e.g. with its runtime, the disconnect
    /// handlers run here.
    fn drop(&mut self) {
        let reason = self.link.finish(DisconnectReason::ForcedClose);
        self.link.outbox.end(false);
        let _ = self.link.closed.set(reason);
    }
}

impl End {
    fn new(reason: DisconnectReason, manner: Manner) -> Self {
        Self { reason, manner }
    }
}

/// An end that came through the outbox: asked for by a handle, or a write that failed.
fn requested(reason: DisconnectReason) -> End {
    match reason {
        DisconnectReason::TransportError => End::new(reason, Manner::Abort),
        _ => End::new(reason, Manner::Orderly(None)),
    }
}

fn read_error(error: &WsError) -> End {
    tracing::debug!(%error, "cannot read");
    let error = ReadError::from(error);
    let reason = match error {
        ReadError::Gone => DisconnectReason::TransportClose,
        _ => DisconnectReason::TransportError,
    };
    let manner = match error.farewell() {
        Some((code, _)) => Manner::Orderly(Some(code)),
        None => Manner::Abort,
    };
    End::new(reason, manner)
}
