//! Socket.IO on one connection: decodes its messages and hands them to its sockets.
//!
//! ```text
//! packet          namespace joined     expelled by the server     neither
//! CONNECT         close                join                       join, or CONNECT_ERROR
//! CONNECT_ERROR   close                close                      close
//! any other       to the socket        ignore                     close
//! ```
//!
//! The reference has no middle column: there a packet that crosses the server's DISCONNECT ends the whole connection.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::attachments::{DecodeLimits, Decoded, Decoder};
use crate::byte_queue::Piece;
use crate::engine::application::Client;
use crate::engine::config::Config;
use crate::engine::sessions::SessionHandle;
use crate::error::DecodeError;
use crate::namespace::Namespaces;
use crate::outbox::Class;
use crate::packet::PacketLimits;
use crate::parser;
use crate::reason::DisconnectReason;
use crate::socket::{Siblings, Socket, lock_siblings};
use crate::stats::{self, Stats};

/// One client, whatever namespaces it is in.
pub(crate) struct Connection {
    decoder: Decoder,
    router: Router,
    /// When a namespace must have been joined; `None` once one was.
    connect_deadline: Option<Instant>,
}

/// The part that acts on decoded packets, which borrow from the decoder.
struct Router {
    session: Arc<SessionHandle>,
    sockets: Arc<Siblings>,
    namespaces: Arc<Namespaces>,
    config: Arc<Config>,
    stats: Arc<Stats>,
}

impl Connection {
    pub(crate) fn new(
        session: Arc<SessionHandle>,
        namespaces: Arc<Namespaces>,
        config: Arc<Config>,
        stats: Arc<Stats>,
        now: Instant,
    ) -> Self {
        let limits = DecodeLimits {
            packet: PacketLimits {
                attachments_max: config.attachments_max,
                namespace_bytes_max: config.namespace_bytes_max,
            },
            json_depth_max: config.json_depth_max,
            attachment_bytes_max: config.max_payload_bytes,
            attachments_timeout: config.attachments_timeout,
        };
        let connect_deadline = Some(now + config.connect_timeout);
        let router = Router {
            session,
            sockets: Arc::default(),
            namespaces,
            config,
            stats,
        };
        Self {
            decoder: Decoder::new(limits),
            router,
            connect_deadline,
        }
    }

    fn handle(
        router: &Router,
        connect_deadline: &mut Option<Instant>,
        decoded: Result<Decoded<'_>, DecodeError>,
        bytes: usize,
    ) -> Result<(), DisconnectReason> {
        match decoded {
            Ok(Decoded::Incomplete) => Ok(()),
            Ok(Decoded::Event {
                namespace,
                id,
                name,
                args,
            }) => match router.socket(&namespace)? {
                Some(socket) => socket.dispatch(&name, id, args, bytes),
                None => Ok(()),
            },
            Ok(Decoded::Ack { namespace, id, args }) => {
                if let Some(socket) = router.socket(&namespace)? {
                    socket.resolve_ack(id, args);
                }
                Ok(())
            }
            Ok(Decoded::Connect { namespace, auth }) => {
                if router.connect(namespace, auth)? {
                    *connect_deadline = None;
                }
                Ok(())
            }
            Ok(Decoded::Disconnect { namespace }) => {
                if let Some(socket) = router.socket(namespace)? {
                    socket.finish(DisconnectReason::ClientNamespaceDisconnect);
                }
                Ok(())
            }
            Ok(Decoded::ConnectError) => Err(DisconnectReason::ForcedServerClose),
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
        Self::handle(&self.router, &mut self.connect_deadline, decoded, text.len())
    }

    fn on_binary(&mut self, _now: Instant, data: Bytes) -> Result<(), DisconnectReason> {
        let bytes = data.len();
        let decoded = self.decoder.on_binary(data);
        Self::handle(&self.router, &mut self.connect_deadline, decoded, bytes)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        [self.connect_deadline, self.decoder.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DisconnectReason> {
        if self.connect_deadline.is_some_and(|deadline| now >= deadline) {
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
        let sockets = lock_siblings(&self.router.sockets).sockets.clone();
        for socket in sockets {
            // A client that is told so does not take the end for an accident.
            if matches!(
                reason,
                DisconnectReason::ServerShuttingDown | DisconnectReason::Other(_)
            ) {
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

    /// Joins a namespace; `Ok(false)` if there is none of that name.
    fn connect(&self, name: &str, auth: Value) -> Result<bool, DisconnectReason> {
        {
            let mut joined = lock_siblings(&self.sockets);
            let sockets = &joined.sockets;
            if sockets.iter().any(|socket| socket.namespace() == name)
                || sockets.len() >= self.config.namespaces_max
            {
                return Err(DisconnectReason::ForcedServerClose);
            }
            joined.expelled.retain(|expelled| **expelled != *name);
        }
        let Some(namespace) = self.namespaces.get(name) else {
            let error = json!({"message": "Invalid namespace"});
            self.send(&format!("4{}{error}", parser::namespace_part(name)));
            return Ok(false);
        };
        let socket = Socket::new(
            namespace.scope().clone(),
            self.session.clone(),
            self.sockets.clone(),
            auth,
        );
        lock_siblings(&self.sockets).sockets.push(socket.clone());
        namespace.scope().adapter.add(socket.seat().clone());
        self.send(&format!(
            "0{}{{\"sid\":\"{}\"}}",
            parser::namespace_part(name),
            socket.id()
        ));
        namespace.announce(&socket);
        Ok(true)
    }

    fn send(&self, text: &str) {
        // A closed outbox is noticed by the driver.
        let _ = self
            .session
            .outbox
            .send(Piece::Borrowed(&parser::encode_text(text)), 1, Class::Data);
    }
}
