//! Namespaces: who is told of a new socket, and what can be sent to all of them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::SetOnce;

use crate::adapter::{Adapter, Outbound, Packet, Selection};
use crate::args::{Args, ToArgs};
use crate::broadcast::{Broadcast, RemoteSocket};
use crate::broadcast_acks::BroadcastError;
use crate::entrance::{Entrance, Middleware};
use crate::error::{AdapterError, ConnectError, EmitError};
use crate::guard::guarded_event;
use crate::room_events::RoomEvent;
use crate::scope::Scope;
use crate::selection::RoomList;
use crate::server_side::{self, ServerSideEvent};
use crate::socket::Socket;

/// A namespace of a [`SocketIo`](crate::SocketIo). Cheap to clone; all clones are the same namespace.
#[derive(Clone)]
pub struct Namespace(Arc<Inner>);

struct Inner {
    scope: Arc<Scope>,
    entrance: Entrance,
    /// The entrance of the dynamic namespace it came from; who enters passes it first.
    inherited: Option<Arc<Entrance>>,
    /// Set when those who are told of new namespaces have been told of this one; nobody enters before.
    opened: SetOnce<()>,
}

impl Namespace {
    /// Its name, starting with a slash.
    pub fn name(&self) -> &str {
        &self.0.scope.name
    }

    /// Asks `f` about each client that wants to enter, after all that were added before; the first refusal is what
    /// the client hears as `connect_error`, and its connection stays open.
    ///
    /// Until all have agreed the socket is not connected: what is emitted to it fails and no handler runs, but it may
    /// enter rooms and be given listeners. If it is refused or the client leaves, it leaves its rooms, its
    /// disconnect handlers run, and a middleware at work is dropped at its next await. A client that sends to
    /// the namespace before it was answered is disconnected. Waiting counts against
    /// [`Config::connect_timeout`](crate::Config::connect_timeout). A panic refuses the client.
    pub fn use_middleware<F, Fut>(&self, f: F)
    where
        F: Fn(Socket) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), ConnectError>> + Send + 'static,
    {
        self.0.entrance.use_middleware(f);
    }

    /// Calls `f` for each new socket on the read task of its connection. No later packet of that client is read
    /// before `f` has returned, so listeners registered in it miss nothing. What it emits leaves after the answer
    /// to CONNECT. A panic in it disconnects the socket.
    pub fn on_connection(&self, f: impl Fn(&Socket) + Send + Sync + 'static) {
        self.0.entrance.on_connection(f);
    }

    /// The sockets in `rooms`, one room or several.
    pub fn to(&self, rooms: impl RoomList) -> Broadcast {
        self.broadcast().to(rooms)
    }

    /// The same as [`Namespace::to`].
    pub fn in_(&self, rooms: impl RoomList) -> Broadcast {
        self.to(rooms)
    }

    /// All sockets that are not in `rooms`, one room or several.
    pub fn except(&self, rooms: impl RoomList) -> Broadcast {
        self.broadcast().except(rooms)
    }

    /// All sockets of this node.
    pub fn local(&self) -> Broadcast {
        self.broadcast().local()
    }

    /// All sockets, see [`Broadcast::volatile`].
    pub fn volatile(&self) -> Broadcast {
        self.broadcast().volatile()
    }

    /// All sockets, see [`Broadcast::compress`].
    pub fn compress(&self, compress: bool) -> Broadcast {
        self.broadcast().compress(compress)
    }

    /// All sockets, see [`Broadcast::timeout`].
    pub fn timeout(&self, timeout: Duration) -> Broadcast {
        self.broadcast().timeout(timeout)
    }

    /// All sockets of the namespace.
    pub fn broadcast(&self) -> Broadcast {
        Broadcast::new(self.0.scope.clone())
    }

    /// Sends an event to all sockets of the namespace, see [`Broadcast::emit`].
    pub fn emit(&self, event: &str, args: impl ToArgs) {
        self.broadcast().emit(event, args);
    }

    /// Sends an event to all sockets and waits for their answers, see [`Broadcast::emit_with_ack`].
    ///
    /// # Errors
    /// See [`Broadcast::emit_with_ack`].
    pub async fn emit_with_ack(&self, event: &str, args: impl ToArgs) -> Result<Vec<Args>, BroadcastError> {
        self.broadcast().emit_with_ack(event, args).await
    }

    /// All sockets of all nodes, see [`Broadcast::fetch_sockets`].
    ///
    /// # Errors
    /// When another node does not answer.
    pub async fn fetch_sockets(&self) -> Result<Vec<RemoteSocket>, AdapterError> {
        self.broadcast().fetch_sockets().await
    }

    /// Lets all sockets join `rooms`, see [`Broadcast::sockets_join`].
    pub fn sockets_join(&self, rooms: impl RoomList) {
        self.broadcast().sockets_join(rooms);
    }

    /// Lets all sockets leave `rooms`, see [`Broadcast::sockets_leave`].
    pub fn sockets_leave(&self, rooms: impl RoomList) {
        self.broadcast().sockets_leave(rooms);
    }

    /// Disconnects all sockets, see [`Broadcast::disconnect_sockets`].
    pub fn disconnect_sockets(&self, close: bool) {
        self.broadcast().disconnect_sockets(close);
    }

    /// Number of sockets connected to it on this node.
    pub fn sockets_count(&self) -> usize {
        self.0.scope.local.sockets_count()
    }

    /// The sockets connected to it on this node.
    pub fn sockets(&self) -> Vec<Socket> {
        let seats = self.0.scope.local.connected(&Selection::default());
        seats.iter().filter_map(|seat| Socket::in_seat(seat)).collect()
    }

    /// The socket `id`, if it is connected on this node.
    pub fn socket(&self, id: &str) -> Option<Socket> {
        let seat = self.0.scope.local.rooms().find(id)?;
        Socket::in_seat(&seat)
    }

    /// Emits an event to the other nodes, whose applications hear it with [`Namespace::on_server_side`]. A server that is
    /// alone reaches nobody.
    ///
    /// # Errors
    /// When the event name is reserved (`connect`, `connection`, `new_namespace`) or an argument cannot be encoded.
    pub fn server_side_emit(&self, event: &str, args: impl ToArgs) -> Result<(), EmitError> {
        let packet = server_side_packet(event, &args)?;
        self.0.scope.adapter.server_side_emit(packet);
        Ok(())
    }

    /// Emits an event to the other nodes and waits for an answer from each; the answers stand in order of arrival. A
    /// server that is alone gets an empty list.
    ///
    /// # Errors
    /// [`BroadcastError::Timeout`], with the answers that came, when a node has not answered after `timeout`; or when the
    /// event was not sent.
    pub async fn server_side_emit_with_ack(
        &self,
        event: &str,
        args: impl ToArgs,
        timeout: Duration,
    ) -> Result<Vec<Args>, BroadcastError> {
        let packet = server_side_packet(event, &args)?;
        let answers = self.0.scope.adapter.server_side_emit_with_ack(packet, timeout);
        answers.await
    }

    /// Calls `f` for each `event` that another node emits with [`Namespace::server_side_emit`]. It runs where the adapter
    /// hears of it and must not block. Several may listen to the same event; the first answer counts.
    pub fn on_server_side(&self, event: &str, f: impl Fn(ServerSideEvent) + Send + Sync + 'static) {
        self.0.scope.local.server_side_listeners().add(event, f);
    }

    /// Calls `f` when a room of this node comes or goes and when a socket joins or leaves one, in the order in which
    /// that happened. It runs on the thread of whoever caused it, or of one who did before, and must not block.
    pub fn on_room_event(&self, f: impl Fn(&RoomEvent) + Send + Sync + 'static) {
        self.0.scope.local.rooms().events.listen(f);
    }

    /// Whether clients of this namespace may recover; they may if [`Config::recovery`](crate::Config::recovery) is set. To
    /// be said before the first client enters: it counts for sockets and events from now on.
    pub fn set_recovery(&self, recovers: bool) {
        self.0.scope.local.set_recovers(recovers);
    }

    /// What connects it to the other nodes.
    pub fn adapter(&self) -> &dyn Adapter {
        &*self.0.scope.adapter
    }

    pub(crate) fn scope(&self) -> &Arc<Scope> {
        &self.0.scope
    }

    pub(crate) fn new(scope: Scope, inherited: Option<Arc<Entrance>>) -> Self {
        Self(Arc::new(Inner {
            scope: Arc::new(scope),
            entrance: Entrance::default(),
            inherited,
            opened: SetOnce::new(),
        }))
    }

    /// Lets clients in from now on.
    pub(crate) fn open(&self) {
        // It is opened once, by whoever has made it.
        let _ = self.0.opened.set(());
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.opened.initialized()
    }

    pub(crate) async fn wait_open(&self) {
        self.0.opened.wait().await;
    }

    pub(crate) async fn close(&self) {
        if let Some(away) = &self.0.scope.away {
            away.close();
        }
        self.0.scope.adapter.close().await;
        self.0.scope.local.server_side_listeners().clear();
        self.0.scope.local.rooms().events.clear();
    }

    fn entrances(&self) -> impl Iterator<Item = &Entrance> {
        self.0.inherited.as_deref().into_iter().chain([&self.0.entrance])
    }

    pub(crate) fn middleware(&self) -> Vec<Middleware> {
        self.entrances().flat_map(Entrance::middleware).collect()
    }

    /// Tells the application of a new socket.
    pub(crate) fn announce(&self, socket: &Socket) {
        for handler in self.entrances().flat_map(Entrance::connection_handlers) {
            if !guarded_event(socket.stats(), self.name(), "connection", || handler(socket)) {
                return socket.disconnect(false);
            }
        }
    }
}

/// Two handles are equal when they are the same namespace.
impl PartialEq for Namespace {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Namespace").field(&self.name()).finish()
    }
}

fn server_side_packet(event: &str, args: &dyn ToArgs) -> Result<Packet, EmitError> {
    if server_side::RESERVED_NAMES.contains(&event) {
        return Err(EmitError::ReservedName);
    }
    Outbound { event, args }.to_packet()
}
