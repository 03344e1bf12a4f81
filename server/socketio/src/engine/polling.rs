//! The polling transport: one task per session, which dispatches what POSTs bring and runs the timers, until the
//! session ends or moves to WebSocket.
//!
//! The requests themselves are served where hyper runs them (`exchange`): a GET drains the outbox, a POST hands its
//! body to this task. So the application sees one caller, whatever the number of connections the client uses.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::conversation::{Conversation, Cork, MESSAGES_PER_TURN, now};
use super::payload;
use super::sessions::Registration;
use super::upgrade::Upgraded;
use crate::outbox::Farewell;
use crate::reason::DisconnectReason;

/// What requests tell the driver.
pub(crate) enum Command {
    /// The body of a POST. `taken` is told whether all of it were packets.
    Payload {
        text: String,
        taken: oneshot::Sender<bool>,
    },
    /// The client has moved.
    Upgraded(Box<Upgraded>),
}

/// Which requests of a polling session are in flight: one of each kind may be.
pub(crate) struct Requests {
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) polling: Lane,
    pub(crate) posting: Lane,
    pub(crate) upgrading: Lane,
    // A std mutex: set and read, nothing else.
    pong_until: Mutex<Option<Instant>>,
    broken_off: AtomicBool,
}

impl Requests {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (commands, receiver) = mpsc::channel(COMMANDS_MAX);
        let requests = Self {
            commands,
            polling: Lane::default(),
            posting: Lane::default(),
            upgrading: Lane::default(),
            pong_until: Mutex::default(),
            broken_off: AtomicBool::new(false),
        };
        (requests, receiver)
    }

    /// The driver tells until when it waits for a pong.
    pub(crate) fn expect_pong(&self, until: Option<Instant>) {
        *self.lock_pong() = until;
    }

    /// A request has ended the session.
    pub(crate) fn break_off(&self) {
        self.broken_off.store(true, Ordering::Release);
    }

    /// Whether the session is over though its driver does not know yet: it has not had its turn, or its timer is late by
    /// its resolution.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.broken_off.load(Ordering::Acquire) || self.lock_pong().is_some_and(|until| now >= until)
    }

    fn lock_pong(&self) -> MutexGuard<'_, Option<Instant>> {
        self.pong_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for one request.
#[derive(Clone, Default)]
pub(crate) struct Lane(Arc<AtomicBool>);

/// A request on its lane, until it is dropped.
pub(crate) struct Occupied(Arc<AtomicBool>);

impl Lane {
    /// `None` while another request is on it.
    pub(crate) fn enter(&self) -> Option<Occupied> {
        (!self.0.swap(true, Ordering::AcqRel)).then(|| Occupied(self.0.clone()))
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Serves a session that polls until it is over, over whatever transport it is then.
pub(crate) async fn drive(
    conversation: Conversation,
    commands: mpsc::Receiver<Command>,
    registration: Registration,
) {
    let mut driver = Driver {
        conversation,
        commands,
        payload: None,
        closed_by: None,
    };
    let outcome = poll_fn(|cx| driver.poll(cx)).await;
    match outcome {
        Outcome::Upgraded(mut upgraded) => {
            // First, so that a request which is ended by what follows finds a session that polls no more.
            upgraded.attach(&driver.conversation);
            // From here on requests find nobody to talk to.
            drop(driver.commands);
            upgraded.take_over(driver.conversation).await;
        }
        Outcome::Gone(reason, farewell) => {
            drop(driver.commands);
            driver.conversation.end(reason);
            let outbox = &driver.conversation.session.outbox;
            outbox.bid_farewell(farewell);
            if driver.closed_by.is_some() {
                // The client may have sent a poll together with its close, on another connection.
                let _ = timeout(CROSSING_TIME, poll_fn(|cx| outbox.poll_told(cx))).await;
            }
        }
        Outcome::Closed(reason) => {
            driver.payload = None;
            driver.conversation.end(reason);
            driver.conversation.session.outbox.bid_farewell(Farewell::Close);
            let patience = driver.conversation.config.close_timeout;
            let told = timeout(patience, poll_fn(|cx| driver.poll_told(cx))).await;
            if let Ok(Some(upgraded)) = told {
                upgraded.close(driver.conversation, reason).await;
            }
            drop(driver.commands);
        }
    }
    drop(registration);
    // Behind its answer the client finds the session gone.
    if let Some(taken) = driver.closed_by {
        let _ = taken.send(true);
    }
}

struct Driver {
    conversation: Conversation,
    commands: mpsc::Receiver<Command>,
    payload: Option<Payload>,
    /// Answers the POST which has closed the session.
    closed_by: Option<oneshot::Sender<bool>>,
}

/// A body on its way to the application.
struct Payload {
    text: String,
    /// Where the next packet starts; behind the end once all are through.
    at: usize,
    taken: oneshot::Sender<bool>,
}

enum Outcome {
    Upgraded(Box<Upgraded>),
    /// The client has gone or broken the protocol below Socket.IO: the session is unknown at once.
    Gone(DisconnectReason, Farewell),
    /// We end it: the client may fetch what waits, and then the close packet.
    Closed(DisconnectReason),
}

impl Driver {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        if let Some(reason) = self.conversation.session.outbox.poll_driver(cx) {
            return Poll::Ready(ended(reason));
        }
        let now = now();
        while self.payload.is_none() {
            match self.commands.poll_recv(cx) {
                Poll::Ready(Some(Command::Payload { text, taken })) => {
                    self.payload = Some(Payload { text, at: 0, taken });
                }
                Poll::Ready(Some(Command::Upgraded(upgraded))) => {
                    return Poll::Ready(Outcome::Upgraded(upgraded));
                }
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        if let Some(payload) = self.payload.take() {
            match self.dispatch(now, payload) {
                Ok(None) => cx.waker().wake_by_ref(),
                Ok(rest) => {
                    self.payload = rest;
                    cx.waker().wake_by_ref();
                }
                Err(outcome) => return Poll::Ready(outcome),
            }
        }
        self.conversation.poll(cx, now).map(ended)
    }

    /// Ready when the client of a closed session has heard so by a poll, or has moved. One in the middle of its move does not
    /// poll any more: without the WebSocket it would wait for its own ping timeout.
    fn poll_told(&mut self, cx: &mut Context<'_>) -> Poll<Option<Box<Upgraded>>> {
        while let Poll::Ready(Some(command)) = self.commands.poll_recv(cx) {
            match command {
                Command::Upgraded(upgraded) => return Poll::Ready(Some(upgraded)),
                // Nobody takes it, which its request is told.
                Command::Payload { .. } => {}
            }
        }
        self.conversation.session.outbox.poll_told(cx).map(|()| None)
    }

    /// Dispatches some packets; what is left is for the next turn.
    fn dispatch(&mut self, now: Instant, mut payload: Payload) -> Result<Option<Payload>, Outcome> {
        let _corked = Cork::new(self.conversation.session.clone());
        for _ in 0..MESSAGES_PER_TURN {
            let (text, next) = payload::first(&payload.text[payload.at..]);
            let packet = match self.conversation.decode(text) {
                Ok(packet) => packet,
                Err(reason) => {
                    let _ = payload.taken.send(false);
                    return Err(Outcome::Gone(reason, Farewell::Close));
                }
            };
            if let Err(reason) = self.conversation.on_packet(now, packet) {
                if reason == DisconnectReason::TransportClose {
                    self.closed_by = Some(payload.taken);
                } else {
                    let _ = payload.taken.send(true);
                }
                return Err(ended(reason));
            }
            match next {
                Some(next) => payload.at += next,
                None => {
                    let _ = payload.taken.send(true);
                    return Ok(None);
                }
            }
        }
        Ok(Some(payload))
    }
}

/// How a session ends that polls.
fn ended(reason: DisconnectReason) -> Outcome {
    match reason {
        DisconnectReason::TransportClose => Outcome::Gone(reason, Farewell::Noop),
        DisconnectReason::TransportError | DisconnectReason::PingTimeout | DisconnectReason::SlowConsumer => {
            Outcome::Gone(reason, Farewell::Close)
        }
        _ => Outcome::Closed(reason),
    }
}

/// Time in which requests on two connections may overtake each other in this process.
const CROSSING_TIME: Duration = Duration::from_millis(20);

/// One POST and one upgrade may be on their way.
const COMMANDS_MAX: usize = 2;
