//! The border between one node and the others: what a namespace asks of all nodes together.
//!
//! A namespace never acts on its sockets directly when a choice of them is meant; it asks its [`Adapter`]. The one in
//! [`memory`] knows no other node and does everything with [`Local`]. One that does hands the same question to the other
//! nodes, whose adapters answer it with their own `Local`: a choice ([`Selection`]), an event ([`Packet`]) and a socket
//! ([`SocketRecord`]) travel with serde. [`contract`](crate::contract)
//! checks whether an adapter does what a namespace relies on.

pub mod memory;
mod store;

use std::pin::Pin;
use std::time::Duration;

pub use crate::broadcast_acks::LocalAnswers;
pub use crate::kept::{Missed, Pid, SessionRecord};
pub use crate::live::SessionClaim;
pub use crate::local::{Local, SocketRecord};
pub use crate::outbound::{Outbound, Packet};
pub use crate::restored::{Enter, Restored};
pub use crate::selection::{Delivery, Selection};

pub use self::store::SessionStore;
use crate::args::Args;
use crate::broadcast_acks::BroadcastError;
use crate::error::AdapterError;

/// An answer that may take a while, because other nodes give it.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What reaches the sockets of one namespace on all nodes. One is made for each namespace, by what
/// [`SocketIoBuilder::adapter`](crate::SocketIoBuilder::adapter) was given.
///
/// No method may block. What those without a future are asked takes effect on each node in the order in which it was
/// asked: who shall join a room and then hear an event to that room, hears it, and who shall be disconnected hears first
/// what was sent before. When other nodes cannot be reached, an adapter logs and counts that; it must not hold back this
/// node. [`Selection::local`] says that other nodes are not meant.
pub trait Adapter: Send + Sync + 'static {
    /// Sends an event to the chosen sockets. Where [`Local::recovers`] says so, an event that is worth it, see
    /// [`Delivery::is_kept`], is kept before it is sent, and is sent with its offset, see [`Local::broadcast_kept`].
    fn broadcast(&self, outbound: Outbound<'_>, selection: &Selection, delivery: &Delivery);

    /// Sends an event to the chosen sockets; ready when all of them have answered, with the answers in order of arrival.
    /// A socket that is disconnected meanwhile is not waited for, nor is a node that leaves.
    ///
    /// # Errors
    /// [`BroadcastError::Timeout`] after `timeout`; any other as soon as it is known.
    fn broadcast_with_ack(
        &self,
        outbound: Outbound<'_>,
        selection: &Selection,
        delivery: &Delivery,
        timeout: Duration,
    ) -> Pending<Result<Vec<Args>, BroadcastError>>;

    /// The chosen sockets.
    ///
    /// # Errors
    /// When a node does not answer.
    fn fetch_sockets(&self, selection: &Selection) -> Pending<Result<Vec<SocketRecord>, AdapterError>>;

    /// Lets the chosen sockets join rooms.
    fn add_sockets(&self, selection: &Selection, rooms: &[String]);

    /// Lets the chosen sockets leave rooms.
    fn del_sockets(&self, selection: &Selection, rooms: &[String]);

    /// Disconnects the chosen sockets; with `close` their connections as well. What was sent to them before arrives
    /// before.
    fn disconnect_sockets(&self, selection: &Selection, close: bool);

    /// Hands an event to the listeners of all other nodes, see [`Local::server_side`].
    fn server_side_emit(&self, packet: Packet);

    /// The same, and collects the answers: one from each other node that is there and stays.
    ///
    /// # Errors
    /// [`BroadcastError::Timeout`] when a node has not answered after `timeout`, or will not.
    fn server_side_emit_with_ack(
        &self,
        packet: Packet,
        timeout: Duration,
    ) -> Pending<Result<Vec<Args>, BroadcastError>>;

    /// Offset of the newest event that is kept, also when there is none yet; `None` if sessions are not kept at all. No
    /// event may be on its way to sockets of this node while this is looked up: what was sent to a socket that leaves is
    /// looked up behind it, and nothing may fall between.
    fn position(&self) -> Option<String>;

    /// Keeps the session of a socket that is gone, for `time`. What is kept and the events that
    /// [`Adapter::broadcast`] keeps belong together: from one follows what of the other was missed.
    fn persist_session(&self, session: SessionRecord, time: Duration);

    /// Claims a session, see [`Local::claim_session`], and takes it out, so that nobody else gets it. One that is live on
    /// another node is ended there first, see [`Local::end_session`]: nobody is there twice. `None` if it is unknown or was away for too long, or if the
    /// event with `offset`, the last that the client saw, is unknown or something behind it is not kept any more. A client
    /// without an offset has seen nothing of its session.
    fn restore_session(&self, pid: Pid, offset: Option<String>) -> Pending<Option<Restored>>;

    /// Calls `enter` with all that the client of a restored session has missed, in a moment in which no event is sent to
    /// sockets of this node: what is sent before is missed, what is sent later finds the socket there. `false` if that is
    /// not possible any more, since something of it is gone.
    fn resume_session(&self, session: Restored, enter: Enter) -> Pending<bool>;

    /// Number of nodes, this one among them.
    fn server_count(&self) -> Pending<Result<usize, AdapterError>>;

    /// Takes leave of the other nodes; afterwards nothing more is asked. Ready when everything is freed.
    fn close(&self) -> Pending<()>;
}
