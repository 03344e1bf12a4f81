//! What both transports do alike with a session: packets go in, timers run, packets go out.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::application::{Application, Client};
use super::config::Config;
use super::frame::{self, Opcode};
use super::handshake::open_packet;
use super::packet::{self, Incoming, PacketType};
use super::session::{Session, Transmit, Verdict};
use super::sessions::SessionHandle;
use super::timers::{Timer, Timers};
use crate::outbox::Class;
use crate::piece::Piece;
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};

/// A session, its application, and its timer; it belongs to the driver of its transport.
pub(crate) struct Conversation {
    machine: Session,
    client: Box<dyn Client>,
    timer: Timer,
    pub(crate) session: Arc<SessionHandle>,
    pub(crate) config: Arc<Config>,
    pub(crate) stats: Arc<Stats>,
}

impl Conversation {
    /// Opens a session; the open packet is on its way.
    pub(crate) fn open(
        session: Arc<SessionHandle>,
        application: &dyn Application,
        config: Arc<Config>,
        stats: Arc<Stats>,
        timers: &Arc<Timers>,
    ) -> Self {
        let now = now();
        // More than the resolution of the runtime's timer, which is a millisecond.
        let slack = timers.grain() + Duration::from_millis(5);
        let mut conversation = Self {
            machine: Session::new(config.ping_interval, config.ping_timeout, slack, now),
            client: application.open(session.clone(), now),
            timer: timers.timer(),
            session,
            config,
            stats,
        };
        conversation.transmit();
        conversation
    }

    /// Decodes a packet that came as text.
    pub(crate) fn decode<'a>(&self, text: &'a str) -> Result<Incoming<'a>, DisconnectReason> {
        packet::decode_incoming(text).map_err(|error| {
            tracing::debug!(%error, "not an Engine.IO packet");
            stats::increment(&self.stats.parse_errors);
            DisconnectReason::ParseError
        })
    }

    pub(crate) fn on_packet(&mut self, now: Instant, packet: Incoming<'_>) -> Result<(), DisconnectReason> {
        stats::increment(&self.stats.packets_in);
        match packet {
            Incoming::Text(kind, data) => {
                if self.machine.handle_packet(now, kind) == Verdict::Deliver {
                    return self.client.on_text(now, data);
                }
                self.machine.poll_closed().map_or(Ok(()), Err)
            }
            Incoming::Binary(data) => self.on_binary(now, data),
        }
    }

    fn on_binary(&mut self, now: Instant, data: Bytes) -> Result<(), DisconnectReason> {
        match self.machine.handle_packet(now, PacketType::Message) {
            Verdict::Deliver => self.client.on_binary(now, data),
            Verdict::Ignore => Ok(()),
        }
    }

    /// Everything but the peer: what the application waits for, and the timers. Ready when the session is over.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<DisconnectReason> {
        if let Err(reason) = self.client.poll(cx) {
            return Poll::Ready(reason);
        }
        let over = self.poll_timers(cx, now);
        if let Some(requests) = &self.session.requests {
            requests.expect_pong(self.machine.waits_until());
        }
        over
    }

    fn poll_timers(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<DisconnectReason> {
        loop {
            let deadline = [self.machine.poll_timeout(), self.client.poll_timeout()]
                .into_iter()
                .flatten()
                .min();
            let Some(deadline) = deadline else {
                return Poll::Pending;
            };
            if deadline > now {
                self.timer.wait_until(cx, deadline, now);
                return Poll::Pending;
            }
            self.machine.handle_timeout(now);
            if let Some(reason) = self.machine.poll_closed() {
                return Poll::Ready(reason);
            }
            if let Err(reason) = self.client.handle_timeout(now) {
                return Poll::Ready(reason);
            }
            self.transmit();
        }
    }

    /// Sends what the machine wants to send. A closed outbox is noticed at the next turn.
    fn transmit(&mut self) {
        while let Some(transmit) = self.machine.poll_transmit() {
            let outbox = &self.session.outbox;
            let _ = match transmit {
                Transmit::Ping => outbox.send(Piece::borrowed(frame::ENGINE_PING, 1), Class::Control),
                Transmit::Open => {
                    let upgrades = outbox.is_polling() && self.config.offers_upgrade();
                    let text = open_packet(&self.session.sid, upgrades, &self.config);
                    let mut out = Vec::with_capacity(text.len() + frame::HEADER_BYTES_MAX);
                    frame::push_header(&mut out, Opcode::Text, text.len());
                    out.extend_from_slice(text.as_bytes());
                    outbox.send(Piece::borrowed(&out, 1), Class::Control)
                }
            };
        }
    }

    /// The session is over: tells the application, which may still send control frames.
    pub(crate) fn end(&mut self, reason: DisconnectReason) {
        tracing::debug!(%reason, "connection closed");
        self.session.outbox.request_close(reason);
        self.client.on_close(reason);
        self.stats.observe_closed(reason);
    }
}

/// Holds a session's outbox corked while it lives.
pub(crate) struct Cork(Arc<SessionHandle>);

impl Cork {
    pub(crate) fn new(session: Arc<SessionHandle>) -> Self {
        session.outbox.cork();
        Self(session)
    }
}

impl Drop for Cork {
    fn drop(&mut self) {
        self.0.outbox.uncork();
    }
}

/// The runtime's clock, so that tests may pause it.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// After so many messages a session yields: reading bypasses the budget of the runtime.
pub(crate) const MESSAGES_PER_TURN: usize = 64;
