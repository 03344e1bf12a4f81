//! One Engine.IO session as a state machine without I/O: it is told the time and what arrived, and is asked what
//! to send, when to wake it, and whether it ended.
//!
//! ```text
//! state       leaves it
//! Idle        ping_at reached → send ping, Waiting
//! Waiting     pong → Idle · until reached → Closed(ping timeout) · another packet → until moves, once
//! any         ping or close packet of the client → Closed
//! Closed      nothing
//! ```
//!
//! It knows no transport: polling and WebSocket drive the same machine.

use std::time::{Duration, Instant};

use super::packet::PacketType;
use crate::reason::DisconnectReason;

/// What the driver must send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transmit {
    Open,
    Ping,
}

/// What the driver must do with a packet it handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Hand the data to the application.
    Deliver,
    /// Nothing more to do.
    Ignore,
}

pub(crate) struct Session {
    ping_interval: Duration,
    ping_timeout: Duration,
    /// So late a timer may be.
    slack: Duration,
    state: State,
    transmit: Option<Transmit>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Idle {
        ping_at: Instant,
    },
    Waiting {
        until: Instant,
        extended: bool,
        next_ping_at: Instant,
    },
    Closed(DisconnectReason),
}

impl Session {
    /// Opens a session; the first thing to transmit is the open packet, the first ping follows after a whole
    /// `ping_interval`. Whoever keeps its time is late by `slack` at most, unless there was no time at all.
    pub(crate) fn new(
        ping_interval: Duration,
        ping_timeout: Duration,
        slack: Duration,
        now: Instant,
    ) -> Self {
        let state = State::Idle {
            ping_at: now + ping_interval,
        };
        Self {
            ping_interval,
            ping_timeout,
            slack,
            state,
            transmit: Some(Transmit::Open),
        }
    }

    /// Takes a packet of the client into account.
    pub(crate) fn handle_packet(&mut self, now: Instant, kind: PacketType) -> Verdict {
        if matches!(self.state, State::Closed(_)) {
            return Verdict::Ignore;
        }
        match kind {
            PacketType::Pong => {
                if let State::Waiting { next_ping_at, .. } = self.state {
                    self.state = State::Idle {
                        ping_at: next_ping_at.max(now),
                    };
                }
                return Verdict::Ignore;
            }
            // In version 4 the server pings; a client that does so speaks another protocol.
            PacketType::Ping => return self.close(DisconnectReason::TransportError),
            PacketType::Close => return self.close(DisconnectReason::TransportClose),
            _ => {}
        }
        if let State::Waiting {
            until,
            extended: extended @ false,
            ..
        } = &mut self.state
        {
            *until = now + self.ping_timeout;
            *extended = true;
        }
        if kind == PacketType::Message {
            Verdict::Deliver
        } else {
            Verdict::Ignore
        }
    }

    /// Acts on a deadline of [`Session::poll_timeout`] that has passed; calling it early does nothing.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        match self.state {
            State::Idle { ping_at } if now >= ping_at => {
                self.transmit = Some(Transmit::Ping);
                // A timer is late by its grain: that must not add up, or a peer sees a session that should be
                // over. A driver that is later than that had no time, for which the peer is not to blame.
                let sent_at = if now - ping_at <= self.slack { ping_at } else { now };
                self.state = State::Waiting {
                    until: sent_at + self.ping_timeout,
                    extended: false,
                    // From deadline to deadline, so that pings do not drift by the answer's time.
                    next_ping_at: ping_at + self.ping_interval,
                };
            }
            State::Waiting { until, .. } if now >= until => {
                self.close(DisconnectReason::PingTimeout);
            }
            _ => {}
        }
    }

    /// What to send next.
    pub(crate) fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmit.take()
    }

    /// When [`Session::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Idle { ping_at } => Some(ping_at),
            State::Waiting { until, .. } => Some(until),
            State::Closed(_) => None,
        }
    }

    /// Until when a pong is waited for, if one is.
    pub(crate) fn waits_until(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { until, .. } => Some(until),
            _ => None,
        }
    }

    /// The reason of the end, once there is one.
    pub(crate) fn poll_closed(&self) -> Option<DisconnectReason> {
        match self.state {
            State::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    fn close(&mut self, reason: DisconnectReason) -> Verdict {
        self.state = State::Closed(reason);
        self.transmit = None;
        Verdict::Ignore
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(300);
    const TIMEOUT: Duration = Duration::from_millis(200);
    const SLACK: Duration = Duration::from_millis(5);

    /// One step of a scenario; times are milliseconds after the opening.
    enum Step {
        At(u64),
        Receive(PacketType),
        Sends(Option<Transmit>),
        WakesAt(Option<u64>),
        ClosedBy(Option<DisconnectReason>),
    }
    use Step::{At, ClosedBy, Receive, Sends, WakesAt};

    fn check(name: &str, steps: &[Step]) {
        let start = Instant::now();
        let mut now = start;
        let mut session = Session::new(INTERVAL, TIMEOUT, SLACK, start);
        assert_eq!(session.poll_transmit(), Some(Transmit::Open), "{name}");
        for (index, step) in steps.iter().enumerate() {
            match step {
                At(ms) => {
                    now = start + Duration::from_millis(*ms);
                    session.handle_timeout(now);
                }
                Receive(kind) => {
                    session.handle_packet(now, *kind);
                }
                Sends(expected) => assert_eq!(session.poll_transmit(), *expected, "{name}, step {index}"),
                WakesAt(expected) => {
                    let expected = expected.map(|ms| start + Duration::from_millis(ms));
                    assert_eq!(session.poll_timeout(), expected, "{name}, step {index}");
                }
                ClosedBy(expected) => assert_eq!(session.poll_closed(), *expected, "{name}, step {index}"),
            }
        }
    }

    #[test]
    fn heartbeats_follow_the_table_of_states() {
        let timeout = Some(DisconnectReason::PingTimeout);
        check(
            "no early ping",
            &[
                At(299),
                Sends(None),
                WakesAt(Some(300)),
                At(300),
                Sends(Some(Transmit::Ping)),
            ],
        );
        check(
            "missing pong",
            &[
                At(300),
                WakesAt(Some(500)),
                At(499),
                ClosedBy(None),
                At(500),
                ClosedBy(timeout),
            ],
        );
        check(
            "a timer that is late by its resolution",
            &[At(302), WakesAt(Some(500)), At(500), ClosedBy(timeout)],
        );
        check(
            "pong starts the next interval",
            &[
                At(300),
                Receive(PacketType::Pong),
                WakesAt(Some(600)),
                At(600),
                Sends(Some(Transmit::Ping)),
            ],
        );
        check(
            "pings do not drift by the time of the answer",
            &[At(310), At(350), Receive(PacketType::Pong), WakesAt(Some(600))],
        );
        check(
            "a late answer is followed by a ping at once",
            &[At(450), At(640), Receive(PacketType::Pong), WakesAt(Some(640))],
        );
        check(
            "any packet extends the wait once",
            &[
                At(300),
                At(400),
                Receive(PacketType::Message),
                WakesAt(Some(600)),
                At(500),
                Receive(PacketType::Message),
                WakesAt(Some(600)),
                At(600),
                ClosedBy(timeout),
            ],
        );
        check(
            "stray pong",
            &[
                At(100),
                Receive(PacketType::Pong),
                WakesAt(Some(300)),
                ClosedBy(None),
            ],
        );
    }

    #[test]
    fn a_client_that_pings_or_closes_ends_the_session() {
        let error = Some(DisconnectReason::TransportError);
        let close = Some(DisconnectReason::TransportClose);
        check(
            "ping",
            &[
                Receive(PacketType::Ping),
                ClosedBy(error),
                WakesAt(None),
                Sends(None),
            ],
        );
        check(
            "close",
            &[Receive(PacketType::Close), ClosedBy(close), WakesAt(None)],
        );
        check(
            "first reason stays",
            &[
                Receive(PacketType::Close),
                Receive(PacketType::Ping),
                At(9000),
                ClosedBy(close),
            ],
        );
    }

    #[test]
    fn only_messages_are_delivered() {
        let now = Instant::now();
        let mut session = Session::new(INTERVAL, TIMEOUT, SLACK, now);
        for kind in [
            PacketType::Open,
            PacketType::Pong,
            PacketType::Upgrade,
            PacketType::Noop,
        ] {
            assert_eq!(session.handle_packet(now, kind), Verdict::Ignore);
        }
        assert_eq!(session.handle_packet(now, PacketType::Message), Verdict::Deliver);
        session.handle_packet(now, PacketType::Close);
        assert_eq!(session.handle_packet(now, PacketType::Message), Verdict::Ignore);
    }
}
