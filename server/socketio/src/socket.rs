//! One client in one namespace: its handlers, its rooms, and everything that can be sent to it.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use serde_json::Value;

use crate::ack::{PendingAck, PendingAcks};
use crate::adapter::{Pid, SessionRecord};
use crate::args::Args;
use crate::broadcast::Broadcast;
use crate::data::SocketData;
use crate::engine::config::{Config, Transport};
use crate::engine::handshake::random_id;
use crate::engine::request::RequestHead;
use crate::engine::sessions::SessionHandle;
use crate::error::{AckError, JoinError};
use crate::extensions::Extensions;
use crate::guard::guarded_event;
use crate::handlers::HandlerQueue;
use crate::handshake::Handshake;
use crate::hooks::Hooks;
use crate::mailbox::Mailboxes;
use crate::parser::Codec;
use crate::reason::DisconnectReason;
use crate::scope::Scope;
use crate::seat::{AtomicPhase, Occupant, Phase, Seat, Trail};
use crate::selection::RoomList;
use crate::stats::{self, Stats};

/// A client in a namespace. Cheap to clone; all clones are the same socket.
#[derive(Clone)]
pub struct Socket(Arc<Inner>);

struct Inner {
    seat: Arc<Seat>,
    scope: Arc<Scope>,
    handshake: Handshake,
    siblings: Arc<Siblings>,
    hooks: Hooks<Socket>,
    data: SocketData,
    extensions: Extensions,
    ending: Mutex<Ending>,
    recovered: bool,
    acks: PendingAcks,
    mailboxes: Mailboxes,
    queue: Arc<HandlerQueue>,
}

/// The connection that somebody comes by.
#[derive(Clone)]
pub(crate) struct Newcomer {
    pub(crate) session: Arc<SessionHandle>,
    pub(crate) codec: Codec,
    pub(crate) siblings: Arc<Siblings>,
}

/// The namespaces of one connection. A std mutex: held for a look into two short lists.
pub(crate) type Siblings = Mutex<Joined>;

/// What a connection has joined.
#[derive(Default)]
pub(crate) struct Joined {
    /// One for each namespace.
    pub(crate) sockets: Vec<Socket>,
    /// Namespaces from which the server has disconnected the client, which may not know yet. The latest
    /// [`Config::namespaces_max`] of them.
    pub(crate) expelled: Vec<Arc<str>>,
}

type DisconnectHandler = Box<dyn Fn(&Socket, DisconnectReason) + Send + Sync>;

#[derive(Default)]
struct Ending {
    on_disconnecting: Vec<DisconnectHandler>,
    on_disconnect: Vec<DisconnectHandler>,
    /// Set before the first are called.
    reason: Option<DisconnectReason>,
    /// The second are being called; who comes now is called at once.
    told: bool,
    /// Dropped when everything else is done.
    kept: Option<Box<dyn Send + Sync>>,
}

impl Socket {
    pub(crate) fn new(
        scope: Arc<Scope>,
        newcomer: &Newcomer,
        auth: Value,
        restored: Option<&SessionRecord>,
    ) -> Self {
        let Newcomer {
            session,
            codec,
            siblings,
        } = newcomer.clone();
        let config = &scope.config;
        let acks = PendingAcks::new(config.pending_acks_max);
        let queue = HandlerQueue::new(
            config.handler_queue_packets_max,
            config.handler_queue_bytes_max,
            session.clone(),
            scope.stats.clone(),
        );
        let handshake = Handshake::new(&session.request, auth, SystemTime::now());
        let pid = match restored {
            Some(record) => Some(record.pid.clone()),
            None => scope.local.recovers().then(Pid::random),
        };
        let socket = Self(Arc::new_cyclic(|occupant: &Weak<Inner>| {
            let seat = Seat {
                key: scope.local.next_seat_key(),
                id: restored.map_or_else(random_id, |record| record.id.clone()),
                namespace: scope.name.clone(),
                outbox: session.outbox.clone(),
                session,
                codec,
                phase: AtomicPhase::new(),
                trail: pid.map(Trail::new),
                watched: AtomicBool::new(false),
                occupant: occupant.clone() as Weak<dyn Occupant>,
            };
            scope.local.rooms().expect(&seat);
            Inner {
                seat: Arc::new(seat),
                acks,
                queue: Arc::new(queue),
                scope,
                handshake,
                siblings,
                mailboxes: Mailboxes::default(),
                hooks: Hooks::default(),
                data: SocketData::default(),
                extensions: Extensions::default(),
                ending: Mutex::default(),
                recovered: restored.is_some(),
            }
        }));
        if let Some(record) = restored {
            socket.0.data.replace(record.data.clone());
            for room in &record.rooms {
                // As many as it may, if the setting has changed meanwhile.
                let _ = socket.join(room);
            }
        }
        socket
    }

    /// The socket that sits in a seat.
    pub(crate) fn in_seat(seat: &Seat) -> Option<Self> {
        let occupant = seat.occupant.upgrade()?.into_any();
        occupant.downcast().ok().map(Self)
    }

    /// The public id: 20 random characters, new for each connection.
    pub fn id(&self) -> &str {
        &self.0.seat.id
    }

    /// Name of its namespace, starting with a slash.
    pub fn namespace(&self) -> &str {
        &self.0.scope.name
    }

    /// What the client said when it connected.
    pub fn handshake(&self) -> &Handshake {
        &self.0.handshake
    }

    /// The HTTP request that opened its connection, with what engine middleware has left in its extensions. It stays on
    /// this node.
    pub fn request(&self) -> &RequestHead {
        &self.0.seat.session.request
    }

    /// What the application keeps with it as JSON; other nodes may see it, and recovery brings it back.
    pub fn data(&self) -> &SocketData {
        &self.0.data
    }

    /// What the application keeps with it in types of its own. They are dropped behind the disconnect handlers, so that
    /// they may hold the socket; a handler that still runs then finds nothing.
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// Whether this is a socket whose client was away and came back in time, with its id, rooms and data; see
    /// [`Recovery`](crate::Recovery).
    pub fn recovered(&self) -> bool {
        self.0.recovered
    }

    /// Calls `f` once when the socket is about to leave its rooms, which can still be read, because it was disconnected
    /// for the given reason. What is emitted to it fails already. Never called if the socket is gone.
    pub fn on_disconnecting(&self, f: impl Fn(&Socket, DisconnectReason) + Send + Sync + 'static) {
        let mut ending = self.lock_ending();
        if ending.reason.is_none() {
            ending.on_disconnecting.push(Box::new(f));
        }
    }

    /// Calls `f` once when the socket is disconnected and has left its rooms, at once if it is already.
    pub fn on_disconnect(&self, f: impl Fn(&Socket, DisconnectReason) + Send + Sync + 'static) {
        let ended = {
            let mut ending = self.lock_ending();
            match ending.reason {
                Some(reason) if ending.told => reason,
                _ => return ending.on_disconnect.push(Box::new(f)),
            }
        };
        guarded_event(self.stats(), self.namespace(), "disconnect", || f(self, ended));
    }

    /// Joins `rooms`, one or several; joining twice is joining once.
    ///
    /// # Errors
    /// When the socket is gone, or is in too many rooms; it has joined those before the one that was too much.
    pub fn join(&self, rooms: impl RoomList) -> Result<(), JoinError> {
        let mut names = Vec::new();
        rooms.append_to(&mut names);
        let local = &self.0.scope.local;
        names
            .iter()
            .try_for_each(|room| local.rooms().join(&self.0.seat, room))
    }

    /// Leaves a room, if it is in it.
    pub fn leave(&self, room: &str) {
        self.0.scope.local.rooms().leave(&self.0.seat, room);
    }

    /// The rooms it is in; the first is the one named like its id.
    pub fn rooms(&self) -> Vec<String> {
        self.0.scope.local.rooms().rooms(&self.0.seat)
    }

    /// The sockets in `rooms`, one room or several, without this one.
    pub fn to(&self, rooms: impl RoomList) -> Broadcast {
        self.broadcast().to(rooms)
    }

    /// The same as [`Socket::to`].
    pub fn in_(&self, rooms: impl RoomList) -> Broadcast {
        self.to(rooms)
    }

    /// All sockets that are not in `rooms`, one room or several, without this one.
    pub fn except(&self, rooms: impl RoomList) -> Broadcast {
        self.broadcast().except(rooms)
    }

    /// All sockets of this node, without this one.
    pub fn local(&self) -> Broadcast {
        self.broadcast().local()
    }

    /// All sockets of the namespace, without this one.
    pub fn broadcast(&self) -> Broadcast {
        Broadcast::new(self.0.scope.clone()).except(self.id())
    }

    /// Disconnects the socket from its namespace; with `close` all sockets of the connection, and the connection.
    pub fn disconnect(&self, close: bool) {
        if !close {
            self.leave_namespace();
            return;
        }
        // Copied first: ending a socket takes it out of this list.
        let siblings = lock_siblings(&self.0.siblings).sockets.clone();
        for socket in siblings {
            socket.leave_namespace();
        }
        self.0
            .seat
            .session
            .outbox
            .request_close(DisconnectReason::ForcedServerClose);
    }

    /// Closes the connection for a reason of the application, which is logged, counted, and given to the
    /// disconnect handlers.
    pub fn disconnect_with(&self, reason: &'static str) {
        self.close_for(DisconnectReason::Other(reason));
    }

    /// Closes the connection as [`disconnect_with`](Self::disconnect_with) does, but invites the client to come back: it is
    /// told of no DISCONNECT, after which clients stay away, and the close frame has the code 1013, "try again later".
    pub fn disconnect_for_now(&self, reason: &'static str) {
        self.close_for(DisconnectReason::TryAgain(reason));
    }

    fn close_for(&self, reason: DisconnectReason) {
        tracing::debug!(?reason, "connection closed by the application");
        self.0.seat.session.outbox.request_close(reason);
    }

    /// Whether the socket is still in its namespace.
    pub fn is_connected(&self) -> bool {
        self.0.seat.is_connected()
    }

    /// How the client is connected at this moment; a polling client may move to WebSocket.
    pub fn transport(&self) -> Transport {
        self.0.seat.session.transport()
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// The private id of its session, where it can be recovered.
    pub(crate) fn private_id(&self) -> Option<&Pid> {
        self.0.seat.trail.as_ref().map(|trail| &trail.pid)
    }

    pub(crate) fn seat(&self) -> &Arc<Seat> {
        &self.0.seat
    }

    pub(crate) fn stats(&self) -> &Arc<Stats> {
        &self.0.scope.stats
    }

    pub(crate) fn queue(&self) -> &Arc<HandlerQueue> {
        &self.0.queue
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.scope.config
    }

    /// Opens a question to the client; its id goes with it.
    pub(crate) fn expect_ack(&self) -> Result<(u64, PendingAck<'_>), AckError> {
        let id = self.0.scope.local.next_ack_id();
        Ok((id, self.0.acks.expect(id)?))
    }

    /// Whether it wants to hear of what is sent to it.
    pub(crate) fn set_watched(&self, watched: bool) {
        if watched {
            self.0.scope.local.watch();
        }
        self.0.seat.watched.store(watched, Ordering::Relaxed);
    }

    pub(crate) fn mailboxes(&self) -> &Mailboxes {
        &self.0.mailboxes
    }

    pub(crate) fn hooks(&self) -> &Hooks<Socket> {
        &self.0.hooks
    }

    pub(crate) fn resolve_ack(&self, id: u64, args: Args) {
        if let Err(args) = self.0.acks.resolve(id, args) {
            self.0.scope.local.acks().resolve(id, self.0.seat.key, args);
        }
    }

    /// Makes an expected socket a connected one. `answer` sends the answer to CONNECT: nothing that others send to
    /// the socket overtakes it.
    pub(crate) fn connect(&self, answer: impl FnOnce()) {
        stats::increment(&self.stats().sockets_connected);
        lock_siblings(&self.0.siblings).sockets.push(self.clone());
        self.0.scope.local.rooms().add(self.0.seat.clone());
        answer();
        let seat = &self.0.seat;
        if !seat.phase.connect() {
            // It has ended meanwhile, and nobody else takes back what is done here.
            lock_siblings(&self.0.siblings)
                .sockets
                .retain(|sibling| !Arc::ptr_eq(&sibling.0, &self.0));
            self.0.scope.local.rooms().remove(seat);
            stats::decrement(&self.stats().sockets_connected);
            return;
        }
        if let Some(trail) = &seat.trail {
            self.0.scope.local.live().begin(&trail.pid, seat);
        }
    }

    /// Ends the socket, connected or only expected: takes it out of its rooms, calls its disconnect handlers before and
    /// behind that, and lets go of everything that could refer to it. Only the first call does something.
    pub(crate) fn finish(&self, reason: DisconnectReason) {
        let phase = self.0.seat.phase.end();
        if phase == Phase::Gone {
            return;
        }
        {
            let mut joined = lock_siblings(&self.0.siblings);
            joined.sockets.retain(|sibling| !Arc::ptr_eq(&sibling.0, &self.0));
            if phase == Phase::Connected && reason == DisconnectReason::ServerNamespaceDisconnect {
                // A packet for a name that is forgotten closes the connection, as in the reference.
                if joined.expelled.len() >= self.0.scope.config.namespaces_max {
                    joined.expelled.remove(0);
                }
                joined.expelled.push(self.0.scope.name.clone());
            }
        }
        self.0.queue.close();
        self.0.acks.close();
        self.0.mailboxes.close();
        self.0.scope.local.acks().forget_seat(self.0.seat.key);
        let on_disconnecting = {
            let mut ending = self.lock_ending();
            ending.reason = Some(reason);
            std::mem::take(&mut ending.on_disconnecting)
        };
        self.tell("disconnecting", on_disconnecting, reason);
        let may_return = phase == Phase::Connected && reason.keeps_session() && self.persist();
        self.0.scope.local.rooms().remove(&self.0.seat);
        if let Some(trail) = &self.0.seat.trail {
            self.0.scope.local.live().forget(&trail.pid, &self.0.seat);
        }
        let (on_disconnect, kept) = {
            let mut ending = self.lock_ending();
            ending.told = true;
            (std::mem::take(&mut ending.on_disconnect), ending.kept.take())
        };
        self.tell("disconnect", on_disconnect, reason);
        self.0.hooks.close();
        self.0.extensions.clear();
        match (kept, &self.0.scope.away) {
            (Some(kept), Some(away)) if may_return => away.keep(kept),
            (kept, _) => drop(kept),
        }
        if phase == Phase::Connected {
            stats::decrement(&self.0.scope.stats.sockets_connected);
        }
    }

    /// Keeps something until the socket has ended, for its drop. To be called before it is connected.
    pub(crate) fn keep(&self, kept: Option<Box<dyn Send + Sync>>) {
        self.lock_ending().kept = kept;
    }

    /// Keeps what the client needs to be this socket again, if it may be. It is still in its rooms, so that nothing is
    /// missed between.
    fn persist(&self) -> bool {
        let Scope { config, adapter, .. } = &*self.0.scope;
        let (Some(trail), Some(recovery)) = (&self.0.seat.trail, &config.recovery) else {
            return false;
        };
        // Before what was sent is looked up: what comes between counts as missed.
        let Some(position) = adapter.position() else {
            return false;
        };
        let record = SessionRecord {
            pid: trail.pid.clone(),
            id: self.id().to_owned(),
            rooms: self.rooms(),
            data: self.0.data.snapshot(),
            sent: trail.sent(),
            position,
        };
        adapter.persist_session(record, recovery.max_disconnection_duration);
        true
    }

    fn tell(&self, event: &str, handlers: Vec<DisconnectHandler>, reason: DisconnectReason) {
        for handler in handlers {
            guarded_event(self.stats(), self.namespace(), event, || handler(self, reason));
        }
    }

    fn leave_namespace(&self) {
        if self.is_connected() {
            self.0.seat.send_disconnect();
            self.finish(DisconnectReason::ServerNamespaceDisconnect);
        }
    }

    fn lock_ending(&self) -> MutexGuard<'_, Ending> {
        self.0.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Occupant for Inner {
    fn handshake(&self) -> Handshake {
        self.handshake.clone()
    }

    fn data(&self) -> Value {
        self.data.snapshot()
    }

    fn disconnect(self: Arc<Self>, close: bool) {
        Socket(self).disconnect(close);
    }

    fn evict(self: Arc<Self>) {
        let socket = Socket(self);
        socket.finish(DisconnectReason::ForcedServerClose);
        let outbox = &socket.0.seat.session.outbox;
        outbox.request_close(DisconnectReason::ForcedServerClose);
    }

    fn hear_outgoing(self: Arc<Self>, event: &str, args: &Args) {
        let socket = Socket(self);
        socket.hooks().overhear(&socket, event, args);
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

pub(crate) fn lock_siblings(siblings: &Siblings) -> MutexGuard<'_, Joined> {
    siblings.lock().unwrap_or_else(PoisonError::into_inner)
}
