//! The one task of a connection: it reads, dispatches, resumes partial writes, answers pings and misses them.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::ReadBuf;
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{Sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error as WsError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::Message;

use super::encode;
use super::half::Half;
use super::link::Link;
use super::outbox::Class;
use crate::attachments::{DecodeLimits, Decoded, Decoder};
use crate::engine::config::JSON_DEPTH_LIMIT;
use crate::engine::packet::{self as engine_packet, PacketType};
use crate::error::DecodeError;
use crate::packet::{self, PacketLimits};
use crate::reason::DisconnectReason;

/// Serves an open connection until it is over.
pub(super) async fn drive(ws: WebSocketStream<Half>, link: Arc<Link>, silence_max: Duration) {
    let now = now();
    let ping_deadline = now + silence_max;
    let mut driver = Driver {
        ws,
        decoder: Decoder::new(limits(&link)),
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
    ws: WebSocketStream<Half>,
    decoder: Decoder,
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

/// What a server says in a CONNECT_ERROR; a bare string is the message alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Refusal {
    Message(String),
    Object {
        #[serde(default)]
        message: String,
        #[serde(default)]
        data: Value,
    },
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
            Err(end) => return Poll::Ready(end),
            // More may be waiting, but other connections of this thread want their turn as well.
            Ok(Turn::More) => cx.waker().wake_by_ref(),
            Ok(Turn::Idle) => {}
        }
        self.poll_timers(cx, now)
    }

    fn read_turn(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<Turn, End> {
        for _ in 0..MESSAGES_PER_TURN {
            let Poll::Ready(item) = Pin::new(&mut self.ws).poll_next(cx) else {
                return Ok(Turn::Idle);
            };
            let outcome = match item {
                Some(Ok(Message::Text(text))) => self.on_text(now, &text),
                Some(Ok(Message::Binary(data))) => self.on_binary(data),
                // tungstenite answers a ping itself, and reports the end of the stream after a close.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => {
                    Ok(())
                }
                Some(Err(error)) => return Err(read_error(&error)),
                None => return Err(End::new(DisconnectReason::TransportClose, Manner::Answered)),
            };
            outcome.map_err(|reason| End::new(reason, Manner::Orderly(None)))?;
        }
        Ok(Turn::More)
    }

    fn on_text(&mut self, now: Instant, text: &str) -> Result<(), DisconnectReason> {
        let (kind, data) = engine_packet::decode(text).map_err(|error| parse_error(&error))?;
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
        // The decoder of the server side drops what a CONNECT_ERROR says. Text between attachments is its business.
        if data.starts_with('4') && self.decoder.deadline().is_none() {
            return on_connect_error(&self.link, data);
        }
        let decoded = self.decoder.on_text(now, data);
        handle(&self.link, decoded)
    }

    fn on_binary(&mut self, data: Bytes) -> Result<(), DisconnectReason> {
        let decoded = self.decoder.on_binary(data);
        handle(&self.link, decoded)
    }

    fn poll_timers(&mut self, cx: &mut Context<'_>, mut now: Instant) -> Poll<End> {
        loop {
            let attachments_deadline = self.decoder.deadline();
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
                // Closing with unread bytes would reset the stream, and the server would lose what we said last.
                let _ = timeout(patience, read_to_end(&mut self.ws.get_mut().read)).await;
            }
        }
        // The stream goes before anybody hears that it is closed.
        drop(self);
        let _ = link.closed.set(end.reason);
    }
}

impl Drop for Driver {
    /// Usually nothing is left to do; but when the task is dropped in the middle, e.g. with its runtime, the
    /// disconnect handlers still run.
    fn drop(&mut self) {
        self.link.finish(DisconnectReason::ForcedClose);
        self.link.outbox.end(false);
    }
}

impl End {
    fn new(reason: DisconnectReason, manner: Manner) -> Self {
        Self { reason, manner }
    }
}

fn handle(link: &Link, decoded: Result<Decoded<'_>, DecodeError>) -> Result<(), DisconnectReason> {
    match decoded {
        Ok(Decoded::Incomplete) => {}
        // A packet for a namespace that is not joined crosses our DISCONNECT.
        Ok(Decoded::Event {
            namespace,
            id,
            name,
            args,
        }) => {
            if let Some(seat) = link.seat(&namespace) {
                seat.dispatch(&name, id, &args);
            }
        }
        Ok(Decoded::Ack { namespace, id, args }) => {
            if let Some(seat) = link.seat(&namespace) {
                seat.acks.resolve(id, args);
            }
        }
        Ok(Decoded::Connect { namespace, auth }) => {
            let id = auth.get("sid").and_then(Value::as_str);
            let id = id.ok_or_else(|| parse_error(&DecodeError::Payload))?;
            if let Some(seat) = link.seat(namespace) {
                seat.accept(id)?;
            }
        }
        Ok(Decoded::Disconnect { namespace }) => {
            if let Some(seat) = link.seat(namespace) {
                seat.finish(DisconnectReason::ServerNamespaceDisconnect);
            }
        }
        Ok(Decoded::ConnectError) => return Err(DisconnectReason::ParseError),
        Err(error) => return Err(parse_error(&error)),
    }
    Ok(())
}

fn on_connect_error(link: &Link, text: &str) -> Result<(), DisconnectReason> {
    let packet = packet::decode(text, limits(link).packet).map_err(|error| parse_error(&error))?;
    let refusal = serde_json::from_str(packet.payload).map_err(|_| parse_error(&DecodeError::Payload))?;
    let (message, data) = match refusal {
        Refusal::Message(message) => (message, Value::Null),
        Refusal::Object { message, data } => (message, data),
    };
    match link.seat(packet.namespace) {
        Some(seat) => seat.refuse(message, data),
        None => Ok(()),
    }
}

fn parse_error(error: &DecodeError) -> DisconnectReason {
    tracing::debug!(%error, "malformed packet");
    DisconnectReason::ParseError
}

fn limits(link: &Link) -> DecodeLimits {
    DecodeLimits {
        packet: PacketLimits {
            attachments_max: ATTACHMENTS_MAX,
            namespace_bytes_max: super::connect::NAMESPACE_BYTES_MAX,
        },
        json_depth_max: JSON_DEPTH_LIMIT,
        attachment_bytes_max: link.config.max_payload_bytes,
        attachments_timeout: link.config.attachments_timeout,
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
    let code = match error {
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            return End::new(DisconnectReason::TransportClose, Manner::Abort);
        }
        WsError::Io(_) => return End::new(DisconnectReason::TransportError, Manner::Abort),
        WsError::Capacity(CapacityError::MessageTooLong { .. }) => 1009,
        WsError::Utf8(_) => 1007,
        _ => 1002,
    };
    End::new(DisconnectReason::TransportError, Manner::Orderly(Some(code)))
}

async fn read_to_end(read: &mut OwnedReadHalf) -> io::Result<()> {
    use tokio::io::AsyncRead;
    let mut scratch = [0; 1024];
    loop {
        let mut buf = ReadBuf::new(&mut scratch);
        poll_fn(|cx| Pin::new(&mut *read).poll_read(cx, &mut buf)).await?;
        if buf.filled().is_empty() {
            return Ok(());
        }
    }
}

/// The runtime's clock, so that tests may pause it.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// After so many messages a connection yields: reading bypasses the budget of the runtime.
const MESSAGES_PER_TURN: usize = 64;

/// Attachments of one packet, as the reference accepts them.
const ATTACHMENTS_MAX: usize = 10;
