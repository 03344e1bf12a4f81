//! Socket.IO on one connection: decodes its messages and hands them to its sockets.
//!
//! ```text
//! packet          namespace joined     expelled by the server     neither                  being asked about
//! CONNECT         close                ask, then join             ask, then join or        close
//!                                                                 CONNECT_ERROR
//! CONNECT_ERROR   close                close                      close                    close
//! any other       to the socket        ignore                     close                    close
//! ```
//!
//! Asking is what the namespace's middleware does, see `admission`.
//!
//! The reference has no middle column: there a packet that crosses the server's DISCONNECT ends the whole connection.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::ack::Ack;
use crate::admission::{Admission, Claim, Outcome};
use crate::attachments::{DecodeLimits, Decoder};
use crate::dispatch::dispatch;
use crate::engine::application::Client;
use crate::engine::config::Config;
use crate::engine::conversation::Cork;
use crate::engine::sessions::SessionHandle;
use crate::error::{ConnectError, DecodeError};
use crate::namespaces::{Namespaces, Visit, Way};
use crate::outbox::Class;
use crate::packet::{PacketLimits, PacketType};
use crate::parser::{Codec, Decoded, control};
use crate::piece::Piece;
use crate::reason::DisconnectReason;
use crate::searching::Searching;
use crate::socket::{Newcomer, Siblings, Socket, lock_siblings};
use crate::stats::{self, Stats};

/// One client, whatever namespaces it is in.
pub(crate) struct Connection {
    decoder: Decoder,
    router: Router,
    arrivals: Arrivals,
}

/// A client on its way into namespaces; together with those it has joined there are no more than the setting allows.
struct Arrivals {
    /// In front of those that are not there yet.
    searching: Vec<Searching>,
    /// In front of those that are.
    admissions: Vec<Admission>,
    /// When a namespace must have been joined; `None` once one was.
    connect_deadline: Option<Instant>,
}

impl Arrivals {
    fn count(&self) -> usize {
        self.searching.len() + self.admissions.len()
    }

    fn wait_for(&self, name: &str) -> bool {
        let searched = self.searching.iter().any(|searching| searching.name == name);
        let mut pending = self.admissions.iter();
        searched || pending.any(|pending| pending.namespace.name() == name)
    }
}

/// The part that acts on decoded packets, which borrow from the decoder.
struct Router {
    session: Arc<SessionHandle>,
    codec: Codec,
    sockets: Arc<Siblings>,
    namespaces: Arc<Namespaces>,
    config: Arc<Config>,
    stats: Arc<Stats>,
}

impl Connection {
    pub(crate) fn new(
        session: Arc<SessionHandle>,
        codec: Codec,
        namespaces: Arc<Namespaces>,
        config: Arc<Config>,
        stats: Arc<Stats>,
        now: Instant,
    ) -> Self {
        let limits = DecodeLimits {
            packet: PacketLimits {
                attachments_max: config.attachments_max,
                namespace_bytes_max: config.namespace_bytes_max,
                objects_max: config.json_objects_max,
                auth_bytes_max: config.auth_bytes_max,
            },
            json_depth_max: config.json_depth_max,
            attachment_bytes_max: config.max_payload_bytes,
            attachments_timeout: config.attachments_timeout,
        };
        let connect_deadline = Some(now + config.connect_timeout);
        let router = Router {
            session,
            codec: codec.clone(),
            sockets: Arc::default(),
            namespaces,
            config,
            stats,
        };
        Self {
            decoder: Decoder::new(codec, limits),
            router,
            arrivals: Arrivals {
                searching: Vec::new(),
                admissions: Vec::new(),
                connect_deadline,
            },
        }
    }

    fn handle(
        router: &Router,
        arrivals: &mut Arrivals,
        decoded: Result<Decoded<'_>, DecodeError>,
    ) -> Result<(), DisconnectReason> {
        match decoded {
            Ok(Decoded::Incomplete) => Ok(()),
            Ok(Decoded::Event {
                namespace,
                id,
                name,
                args,
            }) => match router.socket(&namespace)? {
                Some(socket) => {
                    let ack = id.map(|id| Ack::new(socket.seat().clone(), id));
                    dispatch(&socket, &name, ack, args)
                }
                None => Ok(()),
            },
            Ok(Decoded::Ack { namespace, id, args }) => {
                if let Some(socket) = router.socket(&namespace)? {
                    socket.resolve_ack(id, args);
                }
                Ok(())
            }
            Ok(Decoded::Connect { namespace, auth }) => router.connect(arrivals, &namespace, auth),
            Ok(Decoded::Disconnect { namespace }) => {
                if let Some(socket) = router.socket(&namespace)? {
                    socket.finish(DisconnectReason::ClientNamespaceDisconnect);
                }
                Ok(())
            }
            Ok(Decoded::ConnectError { .. }) => Err(DisconnectReason::ForcedServerClose),
            Err(error) => {
                tracing::debug!(%error, "malformed packet");
                stats::increment(&router.stats.parse_errors);
                Err(DisconnectReason::ParseError)
            }
        }
    }
}

impl Client for Connection {
    fn on_text(&mut self, now: Instant, text: &str) -> Result<(), DisconnectReason> {
        let decoded = self.decoder.on_text(now, text);
        Self::handle(&self.router, &mut self.arrivals, decoded)
    }

    fn on_binary(&mut self, _now: Instant, data: Bytes) -> Result<(), DisconnectReason> {
        let decoded = self.decoder.on_binary(data);
        Self::handle(&self.router, &mut self.arrivals, decoded)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Result<(), DisconnectReason> {
        if self.router.session.outbox.answer_knock() {
            let sockets = lock_siblings(&self.router.sockets).sockets.clone();
            for socket in sockets {
                socket.deliver_mail(cx);
            }
        }
        if self.arrivals.count() == 0 {
            return Ok(());
        }
        self.router.poll(&mut self.arrivals, cx)?;
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Instant> {
        [self.arrivals.connect_deadline, self.decoder.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DisconnectReason> {
        let connect_deadline = self.arrivals.connect_deadline;
        if connect_deadline.is_some_and(|deadline| now >= deadline) {
            stats::increment(&self.router.stats.connect_timeouts);
            return Err(DisconnectReason::ForcedServerClose);
        }
        if self.decoder.deadline().is_some_and(|deadline| now >= deadline) {
            tracing::debug!(error = %DecodeError::AttachmentsLate, "malformed packet");
            stats::increment(&self.router.stats.parse_errors);
            return Err(DisconnectReason::ParseError);
        }
        Ok(())
    }

    fn on_close(&mut self, reason: DisconnectReason) {
        self.arrivals.searching.clear();
        for admission in self.arrivals.admissions.drain(..) {
            admission.end(reason);
        }
        let sockets = lock_siblings(&self.router.sockets).sockets.clone();
        for socket in sockets {
            // A client that is told so does not come back by itself, as it does when the server shuts down.
            if matches!(reason, DisconnectReason::Other(_)) {
                socket.seat().send_disconnect();
            }
            socket.finish(reason);
        }
    }
}

impl Drop for Connection {
    /// Usually nothing is left to do; but when the driver is dropped in the middle, e.g. with its runtime, the
    /// disconnect handlers still run.
    fn drop(&mut self) {
        self.on_close(DisconnectReason::ForcedClose);
    }
}

impl Router {
    /// The socket of a namespace, or `None` if the server has expelled the client from it.
    fn socket(&self, namespace: &str) -> Result<Option<Socket>, DisconnectReason> {
        let joined = lock_siblings(&self.sockets);
        if let Some(socket) = joined
            .sockets
            .iter()
            .find(|socket| socket.namespace() == namespace)
        {
            return Ok(Some(socket.clone()));
        }
        if joined.expelled.iter().any(|name| **name == *namespace) {
            return Ok(None);
        }
        Err(DisconnectReason::ForcedServerClose)
    }

    /// Takes a client in front of a namespace.
    fn connect(&self, arrivals: &mut Arrivals, name: &str, auth: Value) -> Result<(), DisconnectReason> {
        {
            let mut joined = lock_siblings(&self.sockets);
            let sockets = &joined.sockets;
            if arrivals.wait_for(name)
                || sockets.iter().any(|socket| socket.namespace() == name)
                || sockets.len() + arrivals.count() >= self.config.namespaces_max
            {
                return Err(DisconnectReason::ForcedServerClose);
            }
            joined.expelled.retain(|expelled| **expelled != *name);
        }
        // Who decides about names is application code, and the private id is no business of it.
        let shown = self.config.recovery.as_ref().map(|_| {
            let mut shown = auth.clone();
            Claim::take(&mut shown);
            shown
        });
        match self.namespaces.find(name, shown.as_ref().unwrap_or(&auth)) {
            Way::In(visit) => self.admit(arrivals, visit, auth),
            Way::Nowhere => self.refuse(name, &ConnectError::new("Invalid namespace")),
            Way::Wait(search) => {
                let name = name.to_owned();
                arrivals.searching.push(Searching { name, auth, search });
            }
        }
        // A wake-up during this poll is not lost: the driver polls again behind its reads.
        self.poll(arrivals, &mut Context::from_waker(Waker::noop()))
    }

    /// Goes on with those on their way.
    fn poll(&self, arrivals: &mut Arrivals, cx: &mut Context<'_>) -> Result<(), DisconnectReason> {
        if arrivals.count() == 0 {
            return Ok(());
        }
        // The answer and what the application says to a newcomer leave in one write.
        let _cork = Cork::new(self.session.clone());
        let mut index = 0;
        while let Some(searching) = arrivals.searching.get_mut(index) {
            let Poll::Ready(found) = searching.poll(cx, &self.stats) else {
                index += 1;
                continue;
            };
            let Searching { name, auth, .. } = arrivals.searching.remove(index);
            match found {
                Ok(visit) => self.admit(arrivals, visit, auth),
                Err(error) => self.refuse(&name, &error),
            }
        }
        arrivals.searching.shrink_to_fit();
        let mut index = 0;
        while let Some(admission) = arrivals.admissions.get_mut(index) {
            let Poll::Ready(outcome) = admission.poll(cx) else {
                index += 1;
                continue;
            };
            let admission = arrivals.admissions.remove(index);
            let namespace = admission.namespace.clone();
            // First, so that whoever hears of a refusal finds nothing left of the attempt.
            drop(admission);
            match outcome {
                Outcome::Entered(socket) => {
                    arrivals.connect_deadline = None;
                    namespace.scope().local.rooms().events.tell();
                    namespace.announce(&socket);
                }
                Outcome::Refused(error) => self.refuse(namespace.name(), &error),
                Outcome::Lost => return Err(DisconnectReason::ForcedServerClose),
            }
        }
        // Those who are in hold no place in front of the door.
        arrivals.admissions.shrink_to_fit();
        Ok(())
    }

    fn admit(&self, arrivals: &mut Arrivals, visit: Visit, mut auth: Value) {
        let recovers = visit.namespace.scope().local.recovers();
        let claim = recovers.then(|| Claim::take(&mut auth)).flatten();
        let newcomer = Newcomer {
            session: self.session.clone(),
            codec: self.codec.clone(),
            siblings: self.sockets.clone(),
        };
        let admission = Admission::new(visit, newcomer, auth, claim);
        arrivals.admissions.push(admission);
    }

    fn refuse(&self, namespace: &str, error: &ConnectError) {
        let refused = Refused {
            message: &error.message,
            data: error.data.as_ref(),
        };
        self.send(PacketType::ConnectError, namespace, &refused);
    }

    fn send(&self, kind: PacketType, namespace: &str, data: &impl Serialize) {
        let frame = control(&self.codec, kind, namespace, Some(data)).to_frame();
        // A closed outbox is noticed by the driver.
        let _ = self
            .session
            .outbox
            .send(Piece::borrowed(&frame, 1), Class::Control);
    }
}

/// The data of a CONNECT_ERROR.
#[derive(Serialize)]
struct Refused<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
}
