//! From polling to WebSocket.
//!
//! ```text
//! client                    server
//! GET ?sid=…  upgrade  ──►  101
//! 2probe               ──►  3probe; from here on polls are answered at once, so that none holds the client
//! 5                    ──►  what waits leaves over the WebSocket, polls are over
//! ```
//!
//! Until `5` the session polls, with heartbeats and everything; whatever goes wrong before costs only the WebSocket.

use std::future::poll_fn;
use std::sync::Arc;

use tokio::time::timeout;

use super::config::Config;
use super::conversation::Conversation;
use super::frame::{self, Opcode};
use super::frames::Said;
use super::http::ConnectionGuard;
use super::packet::{self, PacketType};
use super::polling::{Command, Occupied};
use super::routing::Switched;
use super::sessions::SessionHandle;
use super::websocket::{self, Driver, Frames, Outlet, Way, frames, say_goodbye};
use crate::outbox::{Class, Outbox, OutboxLimits, OutboxPolicy};
use crate::piece::Piece;
use crate::reason::DisconnectReason;
use crate::stats::{self, Stats};

/// A WebSocket whose client has moved to it.
pub(crate) struct Upgraded {
    frames: Frames,
    probe: Arc<Outbox>,
    _guard: Option<ConnectionGuard>,
    _lane: Occupied,
}

impl Upgraded {
    /// Goes on with a session where polling has left it.
    pub(crate) async fn take_over(self, conversation: Conversation) {
        Driver::new(self.frames, conversation).drive().await;
    }

    /// Ends a session that was closed while its client moved.
    pub(crate) async fn close(mut self, conversation: Conversation, reason: DisconnectReason) {
        self.attach(&conversation);
        let (code, patience) = (websocket::close_code(reason), conversation.config.close_timeout);
        let outbox = &conversation.session.outbox;
        say_goodbye(outbox, &mut self.frames, code, reason.as_str(), patience).await;
    }

    /// Lets the session write to the WebSocket: from here on it does not poll.
    pub(crate) fn attach(&mut self, conversation: &Conversation) {
        let session = &conversation.session;
        let outlet = Outlet::to_session(session.clone(), conversation.stats.clone());
        self.frames.set_outlet(outlet);
        match self.probe.detach() {
            Some(write) => session.outbox.attach(write),
            // The client reads nothing; the driver finds the session over.
            None => session.outbox.end(true),
        }
    }
}

/// Serves the WebSocket of a client that wants to move, until it has moved or failed.
pub(super) async fn attempt(
    switched: Switched,
    session: Arc<SessionHandle>,
    lane: Occupied,
    guard: Option<ConnectionGuard>,
    config: Arc<Config>,
    stats: Arc<Stats>,
) {
    let Some(requests) = &session.requests else {
        return refuse(switched, &config, stats).await;
    };
    let (mut frames, probe) = open(switched, &config, &stats);
    let probing = async {
        let outcome = probe_frames(&mut frames, &probe, &session).await;
        // What was sent until here must have left before the session writes.
        poll_fn(|cx| probe.poll_drained(cx)).await;
        outcome
    };
    let outcome = tokio::select! {
        outcome = timeout(config.upgrade_timeout, probing) => outcome.unwrap_or(Err("no upgrade in time")),
        () = requests.commands.closed() => Err("the session is closed"),
    };
    if let Err(problem) = outcome {
        tracing::debug!(problem, "upgrade failed");
        stats::increment(&stats.upgrades_failed);
        session.outbox.set_upgrading(false);
        drop(lane);
        return say_goodbye(&probe, &mut frames, CLOSE_CODE, problem, config.close_timeout).await;
    }
    let upgraded = Upgraded {
        frames,
        probe,
        _guard: guard,
        _lane: lane,
    };
    let command = Command::Upgraded(Box::new(upgraded));
    if requests.commands.send(command).await.is_ok() {
        stats::increment(&stats.upgrades);
    }
}

/// Closes a WebSocket for a session that has one already, or is about to.
pub(super) async fn refuse(switched: Switched, config: &Config, stats: Arc<Stats>) {
    stats::increment(&stats.upgrades_failed);
    let (mut frames, probe) = open(switched, config, &stats);
    let problem = "the session has a WebSocket";
    say_goodbye(&probe, &mut frames, CLOSE_CODE, problem, config.close_timeout).await;
}

fn open(switched: Switched, config: &Config, stats: &Arc<Stats>) -> (Frames, Arc<Outbox>) {
    let Switched { stream, head, early } = switched;
    let probe = Arc::new(Outbox::new(PROBE_LIMITS, stats.clone()));
    let (read, write) = stream.split();
    probe.attach_behind(write, &head);
    let way = Way::Probe(probe.clone());
    let frames = frames(read, &early, way, config, stats.clone());
    (frames, probe)
}

/// Reads until `5`.
async fn probe_frames(
    frames: &mut Frames,
    probe: &Arc<Outbox>,
    session: &SessionHandle,
) -> Result<(), &'static str> {
    loop {
        let next = poll_fn(|cx| {
            // A foreign stream is written by nobody else. That the outbox closes is noticed by the next read.
            let _ = probe.poll_driver(cx);
            frames.poll_next(cx)
        });
        let text = match next.await {
            Some(Ok(Said::Text(text))) => text,
            Some(Ok(Said::Control)) => continue,
            Some(Ok(_)) => return Err("bad probe"),
            Some(Err(_)) | None => return Err("transport error"),
        };
        match packet::decode(&text) {
            Ok((PacketType::Ping, "probe")) => {
                let mut pong = Vec::with_capacity(PROBE_ANSWER.len() + frame::HEADER_BYTES_MAX);
                frame::push_header(&mut pong, Opcode::Text, PROBE_ANSWER.len());
                pong.extend_from_slice(PROBE_ANSWER);
                // A stream that is broken is noticed by the next read.
                let _ = probe.send(Piece::borrowed(&pong, 1), Class::Data);
                session.outbox.set_upgrading(true);
            }
            Ok((PacketType::Upgrade, _)) => return Ok(()),
            _ => return Err("bad probe"),
        }
    }
}

const PROBE_ANSWER: &[u8] = b"3probe";

/// The reference closes such a WebSocket without complaint.
const CLOSE_CODE: u16 = 1000;

/// A few answers to a few probes.
const PROBE_LIMITS: OutboxLimits = OutboxLimits {
    bytes_max: 1024,
    packets_max: 16,
    policy: OutboxPolicy::Disconnect,
};
