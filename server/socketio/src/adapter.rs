//! The border between one node and the others: what a namespace asks of all nodes together.
//!
//! A namespace never acts on its sockets directly when a choice of them is meant; it asks its [`Adapter`]. The one in
//! [`memory`] knows no other node and does everything with [`Local`]. One that does hands the same question to the other
//! nodes, whose adapters answer it with their own `Local`: a choice ([`Selection`]), an event ([`Packet`]) and a socket
//! ([`SocketRecord`]) travel with serde.

pub mod memory;

use std::pin::Pin;
use std::time::Duration;

pub use crate::broadcast_acks::LocalAnswers;
pub use crate::local::{Local, SocketRecord};
pub use crate::outbound::{Outbound, Packet};
pub use crate::selection::{Delivery, Selection};

use crate::args::Args;
use crate::broadcast_acks::BroadcastError;
use crate::error::AdapterError;

/// An answer that may take a while, because other nodes give it.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What reaches the sockets of one namespace on all nodes. One is made for each namespace, by what
/// [`SocketIoBuilder::adapter`](crate::SocketIoBuilder::adapter) was given.
///
/// No method may block. Those without a future are done for this node when they return, and are on their way to the
/// others, in order: who is asked to join a room and then hears an event to that room, hears it. When the other
/// nodes cannot be reached, an adapter logs and counts that; it must not hold back this node.
/// [`Selection::local`] says that other nodes are not meant.
pub trait Adapter: Send + Sync + 'static {
    /// Sends an event to the chosen sockets.
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

    /// Number of nodes, this one among them.
    fn server_count(&self) -> Pending<Result<usize, AdapterError>>;

    /// Takes leave of the other nodes; afterwards nothing more is asked. Ready when everything is freed.
    fn close(&self) -> Pending<()>;
}
