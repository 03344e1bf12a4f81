//! The place of one client in one namespace, over all of its sessions.
//!
//! ```text
//! phase        what it waits for                 leaves it
//! Idle         somebody to want it               connect → Waiting
//! Waiting      a session                         a session opens → Authorizing · given up → Idle
//! Authorizing  the application's authentication  it is there: CONNECT is sent → Connecting
//! Connecting   the server's answer               CONNECT → Connected · CONNECT_ERROR → Idle · we leave → Abandoned
//! Connected    –                                 DISCONNECT of either side → Idle
//! Abandoned    the same, but we have left        CONNECT → we send DISCONNECT, Idle · CONNECT_ERROR → Idle
//! any          –                                 the session is lost → Waiting if there will be another, else Idle
//! ```
//!
//! `Abandoned` exists because a DISCONNECT for a namespace that the server is about to refuse would end the whole
//! connection. Who wants the seat again meanwhile gets a new CONNECT after the answer.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::auth::{Auth, Recovery, connect_payload};
use super::config::NAMESPACE_BYTES_MAX;
use super::error::ClientError;
use super::link::Link;
use super::offline::Offline;
use super::outbox::Outbox;
use super::sending::send_kept;
use super::socket::ClientSocket;
use crate::ack::PendingAcks;
use crate::error::EmitError;
use crate::guard::report_panic;
use crate::handlers::HandlerQueue;
use crate::hooks::Hooks;
use crate::outbox::Class;
use crate::packet::PacketType;
use crate::parser::control;
use crate::piece::Piece;
use crate::reason::DisconnectReason;
use crate::stats;

pub(super) struct Seat {
    pub(super) namespace: String,
    pub(super) link: Arc<Link>,
    pub(super) acks: PendingAcks,
    pub(super) hooks: Hooks<ClientSocket>,
    pub(super) queue: Arc<HandlerQueue>,
    ack_id: AtomicU64,
    // A std mutex, taken before that of the outbox: no event may leave behind our DISCONNECT.
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) phase: Phase,
    /// Counts the joins, so that what belongs to one is not used in another.
    pub(super) join: u64,
    id: String,
    auth: Auth,
    pub(super) recovery: Option<Recovery>,
    is_recovered: bool,
    pub(super) offline: Offline,
    waiters: Vec<Waiter>,
    handlers: Handlers,
}

pub(super) enum Phase {
    Idle,
    Waiting,
    Authorizing,
    Connecting(Arc<Outbox>),
    Connected(Arc<Outbox>),
    Abandoned {
        outbox: Arc<Outbox>,
        /// Somebody wants it again.
        again: bool,
    },
}

/// Somebody who waits for the seat to be connected.
pub(super) struct Waiter {
    /// CONNECT was sent.
    pub(super) asked: Option<oneshot::Sender<()>>,
    pub(super) answer: oneshot::Sender<Result<(), ClientError>>,
}

/// Handlers of what becomes of the seat. They are few, and shared while they run.
#[derive(Clone, Default)]
pub(super) struct Handlers {
    pub(super) connect: Vec<Arc<ConnectHandler>>,
    pub(super) disconnect: Vec<Arc<DisconnectHandler>>,
    pub(super) connect_error: Vec<Arc<ConnectErrorHandler>>,
}

type ConnectHandler = dyn Fn(&ClientSocket) + Send + Sync;
type DisconnectHandler = dyn Fn(&ClientSocket, DisconnectReason) + Send + Sync;
type ConnectErrorHandler = dyn Fn(&ClientSocket, &ClientError) + Send + Sync;

impl Seat {
    pub(super) fn new(namespace: String, link: Arc<Link>) -> Self {
        let config = &link.config;
        let queue = HandlerQueue::new(
            config.handler_queue_packets_max,
            config.handler_queue_bytes_max,
            link.clone(),
            link.stats.clone(),
        );
        let state = State {
            phase: Phase::Idle,
            join: 0,
            id: String::new(),
            auth: Auth::Value(Value::Null),
            recovery: None,
            is_recovered: false,
            offline: Offline::default(),
            waiters: Vec::new(),
            handlers: Handlers::default(),
        };
        Self {
            namespace,
            acks: PendingAcks::new(config.pending_acks_max),
            link,
            hooks: Hooks::default(),
            queue: Arc::new(queue),
            ack_id: AtomicU64::new(0),
            state: Mutex::new(state),
        }
    }

    /// The id the server gave; empty while not connected.
    pub(super) fn id(&self) -> String {
        let state = self.lock();
        match state.phase {
            Phase::Connected(_) => state.id.clone(),
            _ => String::new(),
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.lock().phase, Phase::Connected(_))
    }

    pub(super) fn is_recovered(&self) -> bool {
        let state = self.lock();
        matches!(state.phase, Phase::Connected(_)) && state.is_recovered
    }

    /// Whether somebody wants it connected.
    pub(super) fn is_active(&self) -> bool {
        !matches!(
            self.lock().phase,
            Phase::Idle | Phase::Abandoned { again: false, .. }
        )
    }

    pub(super) fn next_ack_id(&self) -> u64 {
        self.ack_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn set_auth(&self, auth: Auth) {
        let replaced = std::mem::replace(&mut self.lock().auth, auth);
        // Outside the lock, since dropping a function runs code of the application.
        drop(replaced);
    }

    pub(super) fn add_handler(&self, add: impl FnOnce(&mut Handlers)) {
        add(&mut self.lock().handlers);
    }

    /// Wants it connected.
    pub(super) fn connect(self: &Arc<Self>, waiter: Waiter) {
        let checked = check_name(&self.namespace);
        let mut state = self.lock();
        match (&mut state.phase, checked) {
            (Phase::Connected(_), _) => {
                let _ = waiter.answer.send(Ok(()));
                return;
            }
            (_, Err(error)) => {
                let _ = waiter.answer.send(Err(error));
                return;
            }
            (phase @ Phase::Idle, _) => *phase = Phase::Waiting,
            (Phase::Abandoned { again, .. }, _) => *again = true,
            (Phase::Waiting | Phase::Authorizing | Phase::Connecting(_), _) => {}
        }
        state.waiters.push(waiter);
        drop(state);
        self.link.want();
        if let Some(outbox) = self.link.session() {
            self.join(&outbox);
        }
    }

    /// A session is open: asks for the namespace, if it is wanted.
    pub(super) fn join(self: &Arc<Self>, outbox: &Arc<Outbox>) {
        let (join, auth) = {
            let mut state = self.lock();
            if !matches!(state.phase, Phase::Waiting) {
                return;
            }
            state.phase = Phase::Authorizing;
            state.join += 1;
            (state.join, state.auth.clone())
        };
        match auth {
            Auth::Value(value) => self.ask(join, outbox, Ok(value)),
            Auth::Function(function) => {
                let (seat, outbox) = (self.clone(), outbox.clone());
                tokio::spawn(async move {
                    let value = AssertUnwindSafe(async move { function().await }).catch_unwind();
                    let value = value.await.map_err(|_| {
                        report_panic(&seat.link.stats);
                        ClientError::Auth
                    });
                    seat.ask(join, &outbox, value);
                });
            }
        }
    }

    /// Sends CONNECT.
    fn ask(self: &Arc<Self>, join: u64, outbox: &Arc<Outbox>, auth: Result<Value, ClientError>) {
        let mut state = self.lock();
        if !matches!(state.phase, Phase::Authorizing) || state.join != join {
            return;
        }
        let asked = auth
            .and_then(|auth| connect_payload(auth, state.recovery.as_ref()))
            .and_then(|payload| {
                let frame = self.control(PacketType::Connect, payload.as_ref());
                match outbox.send(Piece::borrowed(&frame, 1), Class::Data) {
                    // A session that is closing is lost in a moment, and then the seat waits for the next.
                    Ok(_) | Err(EmitError::Disconnected) => Ok(()),
                    Err(error) => Err(error.into()),
                }
            });
        match asked {
            Ok(()) => {
                state.phase = Phase::Connecting(outbox.clone());
                for waiter in &mut state.waiters {
                    if let Some(asked) = waiter.asked.take() {
                        let _ = asked.send(());
                    }
                }
            }
            Err(error) => self.rest(state, Err(error)),
        }
    }

    /// CONNECT of the server, which gives the id.
    pub(super) fn accept(self: &Arc<Self>, id: &str, pid: Option<&str>) -> Result<(), DisconnectReason> {
        let mut state = self.lock();
        match std::mem::replace(&mut state.phase, Phase::Idle) {
            Phase::Connecting(outbox) => {
                state.id = id.to_owned();
                state.is_recovered =
                    pid.is_some() && state.recovery.as_ref().map(|recovery| recovery.pid.as_str()) == pid;
                if !state.is_recovered {
                    state.recovery = pid.map(|pid| Recovery {
                        pid: pid.to_owned(),
                        offset: None,
                    });
                }
                let lost = send_kept(&mut state.offline, &outbox);
                state.phase = Phase::Connected(outbox);
                stats::increment(&self.link.stats.sockets_connected);
                let waiters = std::mem::take(&mut state.waiters);
                let handlers = state.handlers.connect.clone();
                drop(state);
                self.link.room.notify_waiters();
                self.forget(lost);
                for waiter in waiters {
                    let _ = waiter.answer.send(Ok(()));
                }
                self.tell(&handlers, |handler, socket| handler(socket));
            }
            Phase::Abandoned { outbox, again } => {
                self.send_disconnect(&outbox);
                if again {
                    state.phase = Phase::Waiting;
                    drop(state);
                    self.join(&outbox);
                }
            }
            Phase::Connected(outbox) => {
                state.phase = Phase::Connected(outbox);
                return Err(DisconnectReason::ParseError);
            }
            other => state.phase = other,
        }
        Ok(())
    }

    /// CONNECT_ERROR of the server.
    pub(super) fn refuse(self: &Arc<Self>, message: String, data: Value) -> Result<(), DisconnectReason> {
        let mut state = self.lock();
        match &state.phase {
            Phase::Connected(_) => return Err(DisconnectReason::ParseError),
            Phase::Connecting(_) => {
                state.recovery = None;
                self.rest(state, Err(ClientError::ConnectRefused { message, data }));
            }
            Phase::Abandoned { outbox, again: true } => {
                let outbox = outbox.clone();
                state.phase = Phase::Waiting;
                drop(state);
                self.join(&outbox);
            }
            Phase::Abandoned { again: false, .. } => state.phase = Phase::Idle,
            Phase::Idle | Phase::Waiting | Phase::Authorizing => {}
        }
        Ok(())
    }

    /// CONNECT of a server whose compact events are not ours: it would misunderstand us, so we leave.
    pub(super) fn disagree(self: &Arc<Self>) {
        let state = self.lock();
        if let Phase::Connecting(outbox) | Phase::Abandoned { outbox, .. } = &state.phase {
            self.send_disconnect(outbox);
            self.rest(state, Err(ClientError::CompactEvents));
        }
    }

    /// We leave the namespace, or give up joining it.
    pub(super) fn leave(self: &Arc<Self>) {
        let reason = DisconnectReason::ClientNamespaceDisconnect;
        let mut state = self.lock();
        // The server forgets the session as well.
        state.recovery = None;
        match std::mem::replace(&mut state.phase, Phase::Idle) {
            Phase::Connecting(outbox) => {
                self.rest_in(state, Phase::Abandoned { outbox, again: false }, Ok(reason));
            }
            Phase::Abandoned { outbox, .. } => {
                self.rest_in(state, Phase::Abandoned { outbox, again: false }, Ok(reason));
            }
            Phase::Connected(outbox) => {
                self.send_disconnect(&outbox);
                state.phase = Phase::Connected(outbox);
                self.rest(state, Ok(reason));
            }
            Phase::Idle => {}
            phase @ (Phase::Waiting | Phase::Authorizing) => {
                state.phase = phase;
                self.rest(state, Ok(reason));
            }
        }
    }

    /// DISCONNECT of the server.
    pub(super) fn expel(self: &Arc<Self>) {
        let mut state = self.lock();
        match state.phase {
            Phase::Connected(_) | Phase::Connecting(_) => {
                state.recovery = None;
                self.rest(state, Ok(DisconnectReason::ServerNamespaceDisconnect));
            }
            // It crossed ours.
            Phase::Abandoned { .. } | Phase::Idle | Phase::Waiting | Phase::Authorizing => {}
        }
    }

    /// The session is over; `again` if there will be another.
    pub(super) fn lose(self: &Arc<Self>, reason: DisconnectReason, again: bool) {
        let state = self.lock();
        let phase = match state.phase {
            Phase::Idle | Phase::Abandoned { again: false, .. } => Phase::Idle,
            _ if again => Phase::Waiting,
            _ => Phase::Idle,
        };
        self.rest_in(state, phase, Ok(reason));
    }

    /// There will be no session.
    pub(super) fn give_up(self: &Arc<Self>, error: &ClientError) {
        let state = self.lock();
        if matches!(state.phase, Phase::Idle) {
            return;
        }
        self.rest(state, Err(error.clone()));
    }

    /// A session could not be opened, and it will be tried again.
    pub(super) fn fail(self: &Arc<Self>, error: &ClientError) {
        let state = self.lock();
        if matches!(state.phase, Phase::Waiting) {
            let handlers = state.handlers.connect_error.clone();
            drop(state);
            self.tell(&handlers, |handler, socket| handler(socket, error));
        }
    }

    /// Lets go of what would keep itself alive.
    pub(super) fn release(&self) {
        let handlers = {
            let mut state = self.lock();
            let auth = std::mem::replace(&mut state.auth, Auth::Value(Value::Null));
            (std::mem::take(&mut state.handlers), auth)
        };
        drop(handlers);
        self.hooks.close();
        self.queue.close();
        self.acks.close();
    }

    /// Comes to rest, with the reason of the end or why it never was connected.
    fn rest(self: &Arc<Self>, state: MutexGuard<'_, State>, why: Result<DisconnectReason, ClientError>) {
        self.rest_in(state, Phase::Idle, why);
    }

    fn rest_in(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        next: Phase,
        why: Result<DisconnectReason, ClientError>,
    ) {
        let keeps = matches!(next, Phase::Waiting);
        let was = std::mem::replace(&mut state.phase, next);
        let handlers = state.handlers.clone();
        let waiters = match keeps {
            true => Vec::new(),
            false => std::mem::take(&mut state.waiters),
        };
        let unsent = match keeps {
            true => Default::default(),
            false => state.offline.take(),
        };
        drop(state);
        let was_connected = matches!(was, Phase::Connected(_));
        if was_connected {
            // What was sent and not answered never will be.
            self.acks.abandon_all();
            stats::decrement(&self.link.stats.sockets_connected);
        }
        self.link.room.notify_waiters();
        self.forget(unsent);
        let error = match &why {
            Ok(reason) => ClientError::Disconnected(*reason),
            Err(error) => error.clone(),
        };
        for waiter in waiters {
            let _ = waiter.answer.send(Err(error.clone()));
        }
        match why {
            Ok(reason) if was_connected => {
                self.tell(&handlers.disconnect, |handler, socket| handler(socket, reason))
            }
            Err(error) => self.tell(&handlers.connect_error, |handler, socket| handler(socket, &error)),
            Ok(_) => {}
        }
    }

    fn send_disconnect(&self, outbox: &Outbox) {
        outbox.send_frame(&self.control(PacketType::Disconnect, None));
    }

    fn control(&self, kind: PacketType, data: Option<&Map<String, Value>>) -> Vec<u8> {
        control(&self.link.codec, kind, &self.namespace, data).to_frame()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A comma ends the name in a packet.
fn check_name(namespace: &str) -> Result<(), ClientError> {
    match namespace.contains(',') || namespace.len() > NAMESPACE_BYTES_MAX {
        true => Err(ClientError::Namespace),
        false => Ok(()),
    }
}
