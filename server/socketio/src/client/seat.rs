//! The place of one client in one namespace, from CONNECT to its end.
//!
//! ```text
//! state        leaves it
//! Connecting   CONNECT of the server → Connected · CONNECT_ERROR → Ended · we leave → Abandoned
//! Connected    DISCONNECT of either side → Ended
//! Abandoned    CONNECT of the server → we send DISCONNECT, Ended · CONNECT_ERROR → Ended
//! any          the connection ends → Ended
//! ```
//!
//! `Abandoned` exists because a DISCONNECT for a namespace that the server is about to refuse would end the whole
//! connection.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde_json::Value;
use tokio::sync::oneshot;

use super::encode;
use super::event::{Ack, EventRef};
use super::link::Link;
use super::outbox::Class;
use crate::ack::PendingAcks;
use crate::args::{ArgsRef, ToArgs};
use crate::error::EmitError;
use crate::packet::PacketType;
use crate::parser::{Body, Codec, DecodedArgs, Head, Outgoing, control};
use crate::reason::DisconnectReason;

pub(super) struct Seat {
    pub(super) namespace: String,
    pub(super) acks: PendingAcks,
    link: Arc<Link>,
    ack_id: AtomicU64,
    listeners: RwLock<HashMap<String, Arc<Listener>>>,
    // A std mutex, taken before that of the outbox: no event may leave behind our DISCONNECT.
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    id: String,
    disconnect_handlers: Vec<DisconnectHandler>,
}

enum Phase {
    Connecting(oneshot::Sender<Answer>),
    Connected,
    Abandoned,
    /// With the reason if it was ever connected.
    Ended(Option<DisconnectReason>),
}

/// What becomes of a CONNECT.
pub(super) enum Answer {
    Joined,
    Refused { message: String, data: Value },
    Ended(DisconnectReason),
}

type Listener = dyn Fn(EventRef<'_>) + Send + Sync;
type DisconnectHandler = Box<dyn Fn(DisconnectReason) + Send + Sync>;

impl Seat {
    pub(super) fn new(namespace: String, link: Arc<Link>, answer: oneshot::Sender<Answer>) -> Self {
        let state = State {
            phase: Phase::Connecting(answer),
            id: String::new(),
            disconnect_handlers: Vec::new(),
        };
        Self {
            namespace,
            acks: PendingAcks::new(link.config.pending_acks_max),
            link,
            ack_id: AtomicU64::new(0),
            listeners: RwLock::default(),
            state: Mutex::new(state),
        }
    }

    /// The id the server gave; empty before it has answered.
    pub(super) fn id(&self) -> String {
        self.lock().id.clone()
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.lock().phase, Phase::Connected)
    }

    pub(super) fn next_ack_id(&self) -> u64 {
        self.ack_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Sets the listener for an event name in place of an earlier one.
    pub(super) fn listen(&self, event: &str, listener: Arc<Listener>) {
        // The lock on the state is held, so that a listener never comes after the end has dropped them.
        let state = self.lock();
        if matches!(state.phase, Phase::Ended(_)) {
            return;
        }
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        let replaced = listeners.insert(event.to_owned(), listener);
        drop((listeners, state));
        // Outside the locks, since dropping a listener runs code of the application.
        drop(replaced);
    }

    pub(super) fn on_disconnect(&self, handler: DisconnectHandler) {
        let ended = {
            let mut state = self.lock();
            match state.phase {
                Phase::Ended(reason) => reason,
                _ => return state.disconnect_handlers.push(handler),
            }
        };
        if let Some(reason) = ended {
            guarded(|| handler(reason));
        }
    }

    /// Encodes a packet and sends it from the calling thread.
    pub(super) fn send(&self, body: Body<'_>, id: Option<u64>, args: &dyn ToArgs) -> Result<(), EmitError> {
        if !self.is_connected() {
            return Err(EmitError::Disconnected);
        }
        let outgoing = Outgoing {
            head: Head {
                body,
                namespace: &self.namespace,
                id,
            },
            args,
            offset: None,
        };
        encode::with_frames(&outgoing, self.link.payload_bytes_max, |frames| {
            let state = self.lock();
            match state.phase {
                Phase::Connected => self.link.outbox.send(frames, Class::Data),
                _ => Err(EmitError::Disconnected),
            }
        })?
    }

    /// CONNECT of the server, which gives the id.
    pub(super) fn accept(&self, id: &str) -> Result<(), DisconnectReason> {
        let mut state = self.lock();
        match std::mem::replace(&mut state.phase, Phase::Connected) {
            Phase::Connecting(answer) => {
                state.id = id.to_owned();
                // When the join is given up in this moment, nobody listens, and its guard leaves.
                let _ = answer.send(Answer::Joined);
            }
            Phase::Abandoned => {
                state.phase = Phase::Abandoned;
                self.send_disconnect();
                self.end(state, Answer::Ended(DisconnectReason::ClientNamespaceDisconnect));
            }
            Phase::Connected => return Err(DisconnectReason::ParseError),
            ended @ Phase::Ended(_) => state.phase = ended,
        }
        Ok(())
    }

    /// CONNECT_ERROR of the server.
    pub(super) fn refuse(&self, message: String, data: Value) -> Result<(), DisconnectReason> {
        let state = self.lock();
        if matches!(state.phase, Phase::Connected) {
            return Err(DisconnectReason::ParseError);
        }
        self.end(state, Answer::Refused { message, data });
        Ok(())
    }

    /// We leave the namespace. Only the first call does something.
    pub(super) fn leave(&self) {
        let reason = DisconnectReason::ClientNamespaceDisconnect;
        let mut state = self.lock();
        match std::mem::replace(&mut state.phase, Phase::Abandoned) {
            Phase::Connecting(answer) => {
                let _ = answer.send(Answer::Ended(reason));
            }
            Phase::Connected => {
                state.phase = Phase::Connected;
                self.send_disconnect();
                self.end(state, Answer::Ended(reason));
            }
            unchanged => state.phase = unchanged,
        }
    }

    /// The server or the end of the connection takes the seat away. Only the first call does something.
    pub(super) fn finish(&self, reason: DisconnectReason) {
        self.end(self.lock(), Answer::Ended(reason));
    }

    /// Hands an event to its listener, in place. One without a listener is ignored, as is one outside of the
    /// connected time.
    pub(super) fn dispatch(self: &Arc<Self>, name: &str, id: Option<u64>, args: &DecodedArgs) {
        if !self.is_connected() {
            return;
        }
        let listener = self
            .listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned();
        let Some(listener) = listener else { return };
        let args = match args {
            DecodedArgs::OneBinary(data) => ArgsRef::OneBinary(data),
            DecodedArgs::Many(args) => ArgsRef::Many(args),
        };
        let ack = id.map(|id| Ack::new(self.clone(), id));
        guarded(|| listener(EventRef::new(self, name, args, ack)));
    }

    fn end(&self, mut state: MutexGuard<'_, State>, answer: Answer) {
        let reason = match (&state.phase, &answer) {
            (Phase::Ended(_), _) => return,
            (Phase::Connected, Answer::Ended(reason)) => Some(*reason),
            _ => None,
        };
        let phase = std::mem::replace(&mut state.phase, Phase::Ended(reason));
        let handlers = std::mem::take(&mut state.disconnect_handlers);
        drop(state);
        self.link.remove(self);
        self.acks.close();
        if let Phase::Connecting(sender) = phase {
            let _ = sender.send(answer);
        }
        if let Some(reason) = reason {
            for handler in &handlers {
                guarded(|| handler(reason));
            }
        }
        // Handlers usually hold a clone of their socket; without this it would keep itself alive.
        let listeners = std::mem::take(&mut *self.listeners.write().unwrap_or_else(PoisonError::into_inner));
        drop(listeners);
    }

    fn send_disconnect(&self) {
        let message = control::<()>(&Codec::Default, PacketType::Disconnect, &self.namespace, None);
        // A closed outbox is noticed by the driver.
        let _ = self
            .link
            .outbox
            .send(&encode::message_frame(&message), Class::Control);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs code of the application; a panic ends there.
fn guarded(run: impl FnOnce()) {
    // Whatever the closure leaves half done belongs to the application.
    if catch_unwind(AssertUnwindSafe(run)).is_err() {
        tracing::error!("a handler panicked");
    }
}
