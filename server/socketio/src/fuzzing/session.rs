//! The state machine of a session, under packets and times in any order.

use std::time::{Duration, Instant};

use crate::engine::packet::PacketType;
use crate::engine::session::{Session, Transmit, Verdict};
use crate::reason::DisconnectReason;

/// Leads a session through what `data` says, two bytes a step: a packet of the client or a look at the clock, and by how
/// much time goes on before it. After each step holds what always must; in the end a client that says nothing any more is
/// given up.
pub fn session(data: &[u8]) {
    let mut now = Instant::now();
    let mut run = Run {
        session: Session::new(INTERVAL, TIMEOUT, SLACK, now),
        closed: None,
        ping_sent: None,
        opened: now,
        first_packet: None,
    };
    assert_eq!(
        run.session.poll_transmit(),
        Some(Transmit::Open),
        "the first thing to send"
    );
    run.check(now);
    for step in data.chunks_exact(2) {
        now += Duration::from_millis(u64::from(step[1]) * 2);
        match KINDS.get(usize::from(step[0] % 8)) {
            Some(kind) => run.receive(now, *kind),
            None => run.look(now),
        }
        run.check(now);
    }
    // A ping, and nothing answers it.
    for _ in 0..3 {
        let Some(deadline) = run.session.poll_timeout() else {
            break;
        };
        now = now.max(deadline);
        run.look(now);
        run.check(now);
    }
    assert!(run.closed.is_some(), "who says nothing is given up");
}

struct Run {
    session: Session,
    closed: Option<DisconnectReason>,
    /// When the ping was sent that is not answered.
    ping_sent: Option<Instant>,
    opened: Instant,
    /// When the first packet came since then.
    first_packet: Option<Instant>,
}

impl Run {
    fn receive(&mut self, now: Instant, kind: PacketType) {
        let verdict = self.session.handle_packet(now, kind);
        let delivers = self.closed.is_none() && kind == PacketType::Message;
        assert_eq!(
            verdict == Verdict::Deliver,
            delivers,
            "open sessions deliver messages"
        );
        if self.closed.is_none() {
            let reason = match kind {
                PacketType::Ping => Some(DisconnectReason::TransportError),
                PacketType::Close => Some(DisconnectReason::TransportClose),
                _ => None,
            };
            assert_eq!(self.session.poll_closed(), reason, "who closes, and why");
            if kind == PacketType::Pong {
                self.ping_sent = None;
            }
            if self.ping_sent.is_some() {
                self.first_packet.get_or_insert(now);
            }
        }
        assert_eq!(
            self.session.poll_transmit(),
            None,
            "a packet is answered by nothing"
        );
    }

    fn look(&mut self, now: Instant) {
        let due = self
            .session
            .poll_timeout()
            .is_some_and(|deadline| deadline <= now);
        let waited = self.session.waits_until().is_some();
        self.session.handle_timeout(now);
        let sent = self.session.poll_transmit();
        assert_eq!(
            sent == Some(Transmit::Ping),
            due && !waited,
            "a ping is sent when it is due"
        );
        assert_eq!(self.session.poll_transmit(), None, "and once");
        if sent.is_some() {
            assert!(self.ping_sent.is_none(), "one ping at a time");
            assert!(
                now >= self.opened + INTERVAL,
                "no ping before the first interval is over"
            );
            self.ping_sent = Some(now);
            self.first_packet = None;
        }
        if due && waited {
            assert_eq!(
                self.session.poll_closed(),
                Some(DisconnectReason::PingTimeout),
                "who does not answer goes"
            );
        }
    }

    /// What holds at any time.
    fn check(&mut self, now: Instant) {
        let closed = self.session.poll_closed();
        if self.closed.is_some() {
            assert_eq!(closed, self.closed, "the first reason stays");
        }
        self.closed = closed;
        assert_eq!(
            self.session.poll_timeout().is_none(),
            closed.is_some(),
            "open sessions have a deadline"
        );
        assert_eq!(
            self.session.waits_until().is_some(),
            closed.is_none() && self.ping_sent.is_some(),
            "a pong is waited for when a ping was sent"
        );
        if let (Some(sent), Some(until)) = (self.ping_sent, self.session.waits_until()) {
            let waits_from = self.first_packet.unwrap_or(sent);
            assert!(
                until <= waits_from + TIMEOUT,
                "a packet extends the wait, and only once"
            );
        }
        if let (None, Some(deadline), None) = (closed, self.session.poll_timeout(), self.ping_sent) {
            assert!(deadline <= now + INTERVAL, "a ping comes within an interval");
        }
    }
}

const SLACK: Duration = Duration::from_millis(5);
const INTERVAL: Duration = Duration::from_millis(300);
const TIMEOUT: Duration = Duration::from_millis(200);

const KINDS: [PacketType; 7] = [
    PacketType::Open,
    PacketType::Close,
    PacketType::Ping,
    PacketType::Pong,
    PacketType::Message,
    PacketType::Upgrade,
    PacketType::Noop,
];
