//! One event to many sockets: encoded and framed once, its bytes shared by all.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::adapter::{Delivery, Outbound, Pending, Selection, SocketRecord};
use crate::args::{Args, ToArgs};
use crate::broadcast_acks::BroadcastError;
use crate::error::AdapterError;
use crate::handshake::Handshake;
use crate::scope::Scope;
use crate::selection::RoomList;

/// A choice of sockets in one namespace, and how events are delivered to them. Every method takes a choice and
/// returns another: to keep one and narrow it as well, clone it.
#[derive(Clone)]
pub struct Broadcast {
    scope: Arc<Scope>,
    selection: Selection,
    delivery: Delivery,
    timeout: Duration,
}

impl Broadcast {
    pub(crate) fn new(scope: Arc<Scope>) -> Self {
        Self {
            timeout: scope.config.ack_timeout,
            scope,
            selection: Selection::default(),
            delivery: Delivery::default(),
        }
    }

    /// Also the sockets in `rooms`, one room or several. Rooms add up, and a socket in several of them hears an event
    /// once.
    #[must_use]
    pub fn to(mut self, rooms: impl RoomList) -> Self {
        rooms.append_to(&mut self.selection.rooms);
        self
    }

    /// The same as [`Broadcast::to`].
    #[must_use]
    pub fn in_(self, rooms: impl RoomList) -> Self {
        self.to(rooms)
    }

    /// Not the sockets in `rooms`, one room or several, whatever other room they are in.
    #[must_use]
    pub fn except(mut self, rooms: impl RoomList) -> Self {
        rooms.append_to(&mut self.selection.except);
        self
    }

    /// Only sockets of this node.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.selection.local = true;
        self
    }

    /// Only to sockets that are ready for it; the others miss the event, see [`Emission::volatile`](crate::Emission::volatile).
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.delivery.volatile = true;
        self.delivery.latest = None;
        self
    }

    /// In place of an event of the same key that still waits for a socket, see
    /// [`Emission::latest`](crate::Emission::latest).
    #[must_use]
    pub fn latest(mut self, key: &str) -> Self {
        self.delivery.latest = Some(key.to_owned());
        self.delivery.volatile = false;
        self
    }

    /// Whether transports that compress may compress the event; they may if nothing is said.
    #[must_use]
    pub fn compress(mut self, compress: bool) -> Self {
        self.delivery.compress = compress;
        self
    }

    /// How long [`Broadcast::emit_with_ack`] waits; as long as [`Config::ack_timeout`](crate::Config::ack_timeout) says
    /// if nothing is said.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends an event to all chosen sockets, writing from the calling thread. With no recipient nothing is encoded.
    ///
    /// Arguments that cannot be encoded are a mistake of the program; it is logged as an error.
    pub fn emit(&self, event: &str, args: impl ToArgs) {
        let outbound = Outbound { event, args: &args };
        self.scope
            .adapter
            .broadcast(outbound, &self.selection, &self.delivery);
    }

    /// Sends an event to all chosen sockets and waits until every one of them has answered; the answers stand in order
    /// of arrival. With no recipient the list is empty at once. A socket that is disconnected before it has answered is
    /// not waited for, so that the list may be shorter than the choice.
    ///
    /// # Errors
    /// [`BroadcastError::Timeout`], with the answers that came, when one is missing after the [`Broadcast::timeout`]; or
    /// when the event was not sent or too many broadcasts wait already.
    pub async fn emit_with_ack(&self, event: &str, args: impl ToArgs) -> Result<Vec<Args>, BroadcastError> {
        self.ask(Outbound { event, args: &args }).await
    }

    /// The chosen sockets of all nodes as they are now.
    ///
    /// # Errors
    /// When another node does not answer.
    pub async fn fetch_sockets(&self) -> Result<Vec<RemoteSocket>, AdapterError> {
        let records = self.scope.adapter.fetch_sockets(&self.selection).await?;
        let remote = |record: SocketRecord| {
            let selection = Selection::one(&record.id);
            let broadcast = Self {
                selection,
                ..Self::new(self.scope.clone())
            };
            RemoteSocket { record, broadcast }
        };
        Ok(records.into_iter().map(remote).collect())
    }

    /// Lets the chosen sockets join `rooms`, one or several. A socket that is in as many rooms as it may stays out.
    pub fn sockets_join(&self, rooms: impl RoomList) {
        let mut names = Vec::new();
        rooms.append_to(&mut names);
        self.scope.adapter.add_sockets(&self.selection, &names);
    }

    /// Lets the chosen sockets leave `rooms`, one or several.
    pub fn sockets_leave(&self, rooms: impl RoomList) {
        let mut names = Vec::new();
        rooms.append_to(&mut names);
        self.scope.adapter.del_sockets(&self.selection, &names);
    }

    /// Disconnects the chosen sockets from the namespace; with `close` all sockets of their connections, and the
    /// connections.
    pub fn disconnect_sockets(&self, close: bool) {
        self.scope.adapter.disconnect_sockets(&self.selection, close);
    }

    fn ask(&self, outbound: Outbound<'_>) -> Pending<Result<Vec<Args>, BroadcastError>> {
        self.scope
            .adapter
            .broadcast_with_ack(outbound, &self.selection, &self.delivery, self.timeout)
    }
}

/// A socket as it was when it was asked for, on whatever node it is. What is asked of it reaches it where it is now.
#[derive(Clone)]
pub struct RemoteSocket {
    record: SocketRecord,
    broadcast: Broadcast,
}

impl RemoteSocket {
    /// The public id.
    pub fn id(&self) -> &str {
        &self.record.id
    }

    /// What the client said when it connected.
    pub fn handshake(&self) -> &Handshake {
        &self.record.handshake
    }

    /// The rooms it was in; the first is the one named like its id.
    pub fn rooms(&self) -> &[String] {
        &self.record.rooms
    }

    /// What the application kept with it.
    pub fn data(&self) -> &Value {
        &self.record.data
    }

    /// The choice of this socket alone, for what can be said of a choice.
    pub fn broadcast(&self) -> Broadcast {
        self.broadcast.clone()
    }

    /// Sends it an event.
    pub fn emit(&self, event: &str, args: impl ToArgs) {
        self.broadcast.emit(event, args);
    }

    /// Sends it an event and waits for its answer.
    ///
    /// # Errors
    /// When it does not answer in time, is gone, or the event was not sent.
    pub async fn emit_with_ack(
        &self,
        event: &str,
        args: impl ToArgs,
        timeout: Duration,
    ) -> Result<Args, BroadcastError> {
        let broadcast = self.broadcast().timeout(timeout);
        let answers = broadcast.emit_with_ack(event, args).await?;
        answers.into_iter().next().ok_or(BroadcastError::Disconnected)
    }

    /// Lets it join `rooms`, one or several.
    pub fn join(&self, rooms: impl RoomList) {
        self.broadcast.sockets_join(rooms);
    }

    /// Lets it leave `rooms`, one or several.
    pub fn leave(&self, rooms: impl RoomList) {
        self.broadcast.sockets_leave(rooms);
    }

    /// Disconnects it from the namespace; with `close` all sockets of its connection, and the connection.
    pub fn disconnect(&self, close: bool) {
        self.broadcast.disconnect_sockets(close);
    }
}

impl fmt::Debug for RemoteSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSocket")
            .field("id", &self.id())
            .field("rooms", &self.rooms())
            .finish_non_exhaustive()
    }
}
