//! A client on its way into a namespace: its session, if it claims to have one; what the middleware says, one after
//! another; and then its entry.
//!
//! ```text
//! stage       what it waits for                       leaves it
//! Restoring   the session of a private id             Asked, as that socket or as a new one
//! Asked       the middleware                          Entering, or refused: the session is kept again
//! Entering    a moment in which nobody sends          the socket is connected behind all that it has missed
//! ```
//!
//! Until all have agreed the socket is not connected: it may enter rooms and be given listeners, but hears nothing and
//! says nothing. So the middleware decides before anything is sent again. Admissions belong to the connection and are
//! polled by its driver, so none outlives it and no task is spawned.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use serde_json::Value;

use crate::adapter::{Enter, Missed, Pending, Pid, Restored};
use crate::engine::config::Config;
use crate::engine::conversation::now;
use crate::entrance::Verdict;
use crate::error::ConnectError;
use crate::guard::report_panic;
use crate::namespace::Namespace;
use crate::namespaces::{Lease, Visit};
use crate::reason::DisconnectReason;
use crate::socket::{Newcomer, Socket};
use crate::stats;

pub(crate) struct Admission {
    pub(crate) namespace: Namespace,
    /// Keeps the namespace while nobody else does.
    lease: Lease,
    newcomer: Newcomer,
    stage: Stage,
    /// What is kept again if the client does not get in.
    restored: Option<(Restored, Instant)>,
}

enum Stage {
    Restoring {
        auth: Value,
        restored: Pending<Option<Restored>>,
    },
    Asked {
        socket: Socket,
        /// `None` where there is no middleware, so that nothing is allocated.
        verdict: Option<Verdict>,
    },
    Entering {
        socket: Socket,
        entered: Pending<bool>,
    },
}

/// What has become of a client.
pub(crate) enum Outcome {
    /// It is connected and answered; the application does not know of it yet.
    Entered(Socket),
    Refused(ConnectError),
    /// It can neither go on nor start anew on this connection.
    Lost,
}

/// The session that a client claims to have, taken out of what handlers see.
pub(crate) struct Claim {
    pid: Pid,
    offset: Option<String>,
}

impl Claim {
    /// Takes the claim out of the payload of a CONNECT.
    pub(crate) fn take(auth: &mut Value) -> Option<Self> {
        let fields = auth.as_object_mut()?;
        let (pid, offset) = (fields.remove("pid"), fields.remove("offset"));
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) if text.len() <= CLAIM_BYTES_MAX => Some(text),
            _ => None,
        };
        Some(Self {
            pid: Pid::new(text(pid)?),
            offset: text(offset),
        })
    }
}

impl Admission {
    pub(crate) fn new(visit: Visit, newcomer: Newcomer, auth: Value, claim: Option<Claim>) -> Self {
        let Visit { namespace, lease } = visit;
        let stage = match claim {
            Some(Claim { pid, offset }) => Stage::Restoring {
                auth,
                restored: namespace.scope().adapter.restore_session(pid, offset),
            },
            None => ask(&namespace, &newcomer, auth, None),
        };
        Self {
            namespace,
            lease,
            newcomer,
            stage,
            restored: None,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome> {
        loop {
            match &mut self.stage {
                Stage::Restoring { auth, restored } => {
                    let restored = ready!(restored.as_mut().poll(cx));
                    let auth = std::mem::take(auth);
                    self.restore(restored, auth);
                }
                Stage::Asked { socket, verdict } => {
                    if let Some(verdict) = verdict
                        && let Err(error) = ready!(poll_guarded(verdict, socket, cx))
                    {
                        // First, so that whoever hears of the refusal finds nothing left of the attempt.
                        socket.finish(DisconnectReason::ServerNamespaceDisconnect);
                        return Poll::Ready(Outcome::Refused(error));
                    }
                    let socket = socket.clone();
                    socket.keep(self.lease.take());
                    match self.restored.take() {
                        Some((restored, _)) => self.resume(socket, restored),
                        None => {
                            enter(&socket, &[]);
                            return Poll::Ready(Outcome::Entered(socket));
                        }
                    }
                }
                Stage::Entering { socket, entered } => {
                    if ready!(entered.as_mut().poll(cx)) {
                        stats::increment(&socket.stats().recovered);
                        return Poll::Ready(Outcome::Entered(socket.clone()));
                    }
                    stats::increment(&socket.stats().recoveries_refused);
                    socket.finish(DisconnectReason::ForcedServerClose);
                    return Poll::Ready(Outcome::Lost);
                }
            }
        }
    }

    /// The connection ends.
    pub(crate) fn end(self, reason: DisconnectReason) {
        match &self.stage {
            Stage::Restoring { .. } => {}
            Stage::Asked { socket, .. } | Stage::Entering { socket, .. } => socket.finish(reason),
        }
    }

    fn restore(&mut self, restored: Option<Restored>, auth: Value) {
        let scope = self.namespace.scope();
        let restored = restored.filter(|restored| fits(&restored.missed, &scope.config));
        if restored.is_none() {
            stats::increment(&scope.stats.recoveries_refused);
        }
        self.stage = ask(&self.namespace, &self.newcomer, auth, restored.as_ref());
        self.restored = restored.map(|restored| (restored, now()));
    }

    fn resume(&mut self, socket: Socket, restored: Restored) {
        let enters = socket.clone();
        let enter: Enter = Box::new(move |missed| enter(&enters, &missed));
        let adapter = &self.namespace.scope().adapter;
        self.stage = Stage::Entering {
            entered: adapter.resume_session(restored, enter),
            socket,
        };
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some((restored, since)) = self.restored.take() {
            let remaining = restored.remaining.saturating_sub(now() - since);
            let adapter = &self.namespace.scope().adapter;
            adapter.persist_session(restored.record, remaining);
        }
    }
}

/// Makes the socket, and asks the middleware about it.
fn ask(namespace: &Namespace, newcomer: &Newcomer, auth: Value, restored: Option<&Restored>) -> Stage {
    let scope = namespace.scope();
    let record = restored.map(|restored| &restored.record);
    let socket = Socket::new(scope.clone(), newcomer, auth, record);
    let recovery = scope.config.recovery.as_ref();
    let skip = record.is_some() && recovery.is_some_and(|recovery| recovery.skip_middleware);
    let middleware = if skip { Vec::new() } else { namespace.middleware() };
    let verdict = (!middleware.is_empty()).then(|| {
        let socket = socket.clone();
        let verdict: Verdict = Box::pin(async move {
            for ask in middleware {
                ask(socket.clone()).await?;
            }
            Ok(())
        });
        verdict
    });
    Stage::Asked { socket, verdict }
}

/// Ready once all have agreed or one has refused. A panic is a refusal.
fn poll_guarded(
    verdict: &mut Verdict,
    socket: &Socket,
    cx: &mut Context<'_>,
) -> Poll<Result<(), ConnectError>> {
    // Whoever panicked is not polled again: the admission ends with it.
    catch_unwind(AssertUnwindSafe(|| verdict.as_mut().poll(cx))).unwrap_or_else(|_| {
        report_panic(socket.stats());
        Poll::Ready(Err(ConnectError::new("internal error")))
    })
}

/// Connects a socket: what it has missed, then the answer to its CONNECT, leave in one write.
fn enter(socket: &Socket, missed: &[Missed]) {
    let _cork = socket.cork();
    socket.connect(|| {
        let seat = socket.seat();
        seat.send_missed(missed);
        seat.send_connect();
    });
}

/// Whether a client can be sent at once what it has missed.
fn fits(missed: &[Missed], config: &Config) -> bool {
    let bytes: usize = missed.iter().map(|missed| missed.packet.bytes()).sum();
    let packets = missed.iter().map(|missed| missed.packet.attachments_count() + 1);
    bytes <= config.outbox_bytes_max / 2 && packets.sum::<usize>() <= config.outbox_packets_max / 2
}

/// More is no id of ours, and need not be held.
const CLAIM_BYTES_MAX: usize = 256;
