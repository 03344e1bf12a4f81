//! Serves one session: reads, dispatches, writes what waits, answers pings and misses them, moves to WebSocket.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::time::{Sleep, timeout};
use tokio_tungstenite::tungstenite::error::Error as WsError;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::connection::{Connection, parse_error};
use super::error::ClientError;
use super::link::Link;
use super::observer::ConnectionEvent;
use super::open::{Carrier, Opened};
use super::outbox::Outbox;
use super::upgrade::{Outcome, Upgrade};
use super::websocket;
use crate::engine::config::Transport;
use crate::engine::conversation::{MESSAGES_PER_TURN, now};
use crate::engine::frame;
use crate::engine::half::ReadError;
use crate::engine::packet::{self, Incoming, PacketType};
use crate::error::DecodeError;
use crate::reason::DisconnectReason;
use crate::stats;

/// Serves a session until it is over: the reason, and whether the client wants another.
pub(super) async fn drive(opened: Opened, link: Arc<Link>) -> (DisconnectReason, bool) {
    let Opened {
        carrier,
        outbox,
        open,
    } = opened;
    let config = &link.config;
    let moves = config.upgrade && open.offers_websocket && config.transports.contains(&Transport::WebSocket);
    let upgrade = match carrier {
        Carrier::Polling(_) if moves => {
            let upgrade = Upgrade::new(link.http.clone(), open.sid, config, link.stats.clone());
            Some(Box::new(upgrade))
        }
        _ => None,
    };
    let ping_deadline = now() + open.silence_max;
    let mut driver = Driver {
        carrier,
        upgrade,
        connection: Connection::new(link.clone()),
        silence_max: open.silence_max,
        ping_deadline,
        sleep: Box::pin(tokio::time::sleep_until(ping_deadline.into())),
        sleep_until: ping_deadline,
        paused: false,
        session: Session::begin(link, outbox),
    };
    let end = poll_fn(|cx| driver.poll(cx)).await;
    driver.close(end).await
}

struct Driver {
    carrier: Carrier,
    upgrade: Option<Box<Upgrade>>,
    connection: Connection,
    silence_max: Duration,
    /// When the server must have pinged.
    ping_deadline: Instant,
    sleep: Pin<Box<Sleep>>,
    /// The deadline `sleep` is set to.
    sleep_until: Instant,
    /// Nothing was read in the last turn, as the client asked.
    paused: bool,
    session: Session,
}

/// A session that the client knows of; dropping it ends it, also when the task is dropped in the middle.
struct Session {
    link: Arc<Link>,
    outbox: Arc<Outbox>,
    is_over: bool,
}

/// How a session ends.
struct End {
    reason: DisconnectReason,
    manner: Manner,
}

enum Manner {
    /// We end it: flush, say goodbye, over a WebSocket with this code, and wait a moment for the server.
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
        if let Some(reason) = self.session.outbox.poll_driver(cx) {
            return Poll::Ready(requested(reason));
        }
        let now = now();
        self.session.outbox.cork();
        let turn = match self.is_paused(now) {
            true => Ok(Turn::Idle),
            false => self.read_turn(cx, now),
        };
        self.session.outbox.uncork();
        match turn {
            Err(end) => return Poll::Ready(end),
            // Other connections of this thread want their turn as well. A ping may be among what waits, so it is too
            // early to call the server dead.
            Ok(Turn::More) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Ok(Turn::Idle) => {}
        }
        if let Carrier::Polling(polling) = &mut self.carrier
            && let Poll::Ready(error) = polling.poll_post(cx, &self.session.outbox)
        {
            return Poll::Ready(broken(&error));
        }
        match self.poll_upgrade(cx) {
            Poll::Ready(Err(end)) => return Poll::Ready(end),
            // The WebSocket wants to be read.
            Poll::Ready(Ok(())) => cx.waker().wake_by_ref(),
            Poll::Pending => {}
        }
        if self.paused {
            return Poll::Pending;
        }
        self.poll_timers(cx, now)
    }

    /// Whether nothing is to be read. Meanwhile pings lie unread, so that none comes says nothing about the server; it has its
    /// time again from the end of the pause on.
    fn is_paused(&mut self, now: Instant) -> bool {
        let paused = self.session.link.is_reading_paused();
        if self.paused && !paused {
            self.ping_deadline = now + self.silence_max;
        }
        self.paused = paused;
        paused
    }

    fn read_turn(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<Turn, End> {
        for _ in 0..MESSAGES_PER_TURN {
            let outcome = match &mut self.carrier {
                Carrier::WebSocket(frames) => match websocket::poll_message(frames, cx) {
                    Poll::Pending => return Ok(Turn::Idle),
                    Poll::Ready(Some(Ok(Message::Text(text)))) => self.on_text(now, &text),
                    Poll::Ready(Some(Ok(Message::Binary(data)))) => self.on_binary(data),
                    // A server that says goodbye need not go, so we do.
                    Poll::Ready(Some(Ok(_))) => Err(DisconnectReason::TransportClose),
                    Poll::Ready(Some(Err(error))) => return Err(self.read_error(&error)),
                    Poll::Ready(None) => {
                        return Err(End::new(DisconnectReason::TransportClose, Manner::Answered));
                    }
                },
                Carrier::Polling(polling) => match polling.poll_packet(cx) {
                    Poll::Pending => return Ok(Turn::Idle),
                    Poll::Ready(Ok(packet)) => self.on_text(now, &packet),
                    Poll::Ready(Err(error)) => return Err(broken(&error)),
                },
            };
            outcome.map_err(|reason| match reason {
                DisconnectReason::TransportClose => End::new(reason, self.answer_close()),
                _ => End::new(reason, Manner::Orderly(None)),
            })?;
        }
        Ok(Turn::More)
    }

    /// A WebSocket is closed by both sides; a session that polls is over when one has said so.
    fn answer_close(&self) -> Manner {
        match self.carrier {
            Carrier::WebSocket(_) => Manner::Orderly(None),
            Carrier::Polling(_) => Manner::Abort,
        }
    }

    fn on_text(&mut self, now: Instant, text: &str) -> Result<(), DisconnectReason> {
        let link = &self.session.link;
        stats::increment(&link.stats.packets_in);
        let decoded = match self.carrier {
            Carrier::Polling(_) => packet::decode_incoming(text),
            Carrier::WebSocket(_) => packet::decode(text).map(|(kind, data)| Incoming::Text(kind, data)),
        };
        let (kind, data) = match decoded.map_err(|error| parse_error(link, &error))? {
            Incoming::Binary(data) => return self.connection.on_binary(data),
            Incoming::Text(kind, data) => (kind, data),
        };
        match kind {
            PacketType::Message => self.connection.on_text(now, data),
            PacketType::Ping => {
                self.ping_deadline = now + self.silence_max;
                self.session.outbox.send_packet("3");
                Ok(())
            }
            PacketType::Close => Err(DisconnectReason::TransportClose),
            PacketType::Open => Err(parse_error(link, &DecodeError::Sequence)),
            PacketType::Pong | PacketType::Upgrade | PacketType::Noop => Ok(()),
        }
    }

    fn on_binary(&mut self, data: Bytes) -> Result<(), DisconnectReason> {
        stats::increment(&self.session.link.stats.packets_in);
        self.connection.on_binary(data)
    }

    /// Ready when the session has moved.
    fn poll_upgrade(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        let (Some(upgrade), Carrier::Polling(polling)) = (&mut self.upgrade, &mut self.carrier) else {
            return Poll::Pending;
        };
        let Poll::Ready(outcome) = upgrade.poll(cx, polling, &self.session.outbox) else {
            return Poll::Pending;
        };
        self.upgrade = None;
        let link = &self.session.link;
        match outcome {
            Outcome::Moved(frames) => {
                self.carrier = Carrier::WebSocket(frames);
                stats::increment(&link.stats.upgrades);
                link.tell(&ConnectionEvent::Upgraded);
            }
            Outcome::GivenUp(error) => {
                tracing::debug!(%error, "the session polls on");
                stats::increment(&link.stats.upgrades_failed);
            }
            Outcome::Broken => {
                stats::increment(&link.stats.upgrades_failed);
                return Poll::Ready(Err(End::new(DisconnectReason::TransportError, Manner::Abort)));
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_timers(&mut self, cx: &mut Context<'_>, mut now: Instant) -> Poll<End> {
        loop {
            let attachments_deadline = self.connection.deadline();
            let deadline = attachments_deadline.map_or(self.ping_deadline, |at| at.min(self.ping_deadline));
            if now >= self.ping_deadline {
                return Poll::Ready(End::new(DisconnectReason::PingTimeout, Manner::Abort));
            }
            if now >= deadline {
                let reason = parse_error(&self.session.link, &DecodeError::AttachmentsLate);
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
            now = crate::engine::conversation::now().max(deadline);
        }
    }

    fn read_error(&self, error: &WsError) -> End {
        tracing::debug!(%error, "cannot read");
        let error = ReadError::from(error);
        if matches!(error, ReadError::TooLarge | ReadError::Unfinished) {
            stats::increment(&self.session.link.stats.payload_too_large);
        }
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

    async fn close(mut self, end: End) -> (DisconnectReason, bool) {
        tracing::debug!(reason = %end.reason, "connection closed");
        let again = self.session.end(end.reason);
        let outbox = self.session.outbox.clone();
        let patience = self.session.link.config.close_timeout;
        match (end.manner, &mut self.carrier) {
            (Manner::Abort, _) => outbox.end(true),
            (Manner::Orderly(_) | Manner::Answered, Carrier::Polling(polling)) => {
                outbox.pause(false);
                polling.pause(false);
                outbox.send_packet("1");
                let _ = timeout(patience, poll_fn(|cx| polling.poll_posted(cx, &outbox))).await;
                outbox.end(false);
            }
            (Manner::Answered, Carrier::WebSocket(_)) => {
                let _ = timeout(patience, poll_fn(|cx| outbox.poll_drained(cx))).await;
                outbox.end(false);
            }
            (Manner::Orderly(code), Carrier::WebSocket(frames)) => {
                if end.reason == DisconnectReason::ForcedClose {
                    outbox.send_packet("1");
                }
                outbox.send_frame(&match code {
                    Some(code) => frame::close_frame(code, ""),
                    None => frame::empty_close_frame(),
                });
                let _ = timeout(patience, poll_fn(|cx| outbox.poll_drained(cx))).await;
                let _ = timeout(patience, poll_fn(|cx| outbox.poll_shut_down(cx))).await;
                let _ = timeout(patience, frames.get_mut().read_to_end()).await;
                outbox.end(false);
            }
        }
        (end.reason, again)
    }
}

impl Session {
    fn begin(link: Arc<Link>, outbox: Arc<Outbox>) -> Self {
        stats::increment(&link.stats.connections_open);
        stats::increment(&link.stats.connections_opened);
        link.begin_session(&outbox);
        Self {
            link,
            outbox,
            is_over: false,
        }
    }

    /// Tells everybody; whether the client wants another session.
    fn end(&mut self, reason: DisconnectReason) -> bool {
        self.is_over = true;
        self.outbox.request_close(reason);
        stats::decrement(&self.link.stats.connections_open);
        self.link.stats.observe_closed(reason);
        self.link.end_session(reason)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(DisconnectReason::ForcedClose);
        }
        self.outbox.end(false);
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

/// A request that failed: the session is lost.
fn broken(error: &ClientError) -> End {
    tracing::debug!(%error, "cannot poll");
    End::new(DisconnectReason::TransportError, Manner::Abort)
}
