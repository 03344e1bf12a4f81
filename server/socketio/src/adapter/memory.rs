//! The adapter of a server that is alone.

use std::future::ready;
use std::time::Duration;

use super::{Adapter, Delivery, Local, Outbound, Packet, Pending, Selection, SocketRecord};
use crate::args::Args;
use crate::broadcast_acks::BroadcastError;
use crate::error::AdapterError;

/// Knows no other node: whatever it is asked, it asks of [`Local`].
pub struct Memory {
    local: Local,
}

impl Memory {
    /// The adapter of one namespace.
    pub fn new(local: Local) -> Self {
        Self { local }
    }
}

impl Adapter for Memory {
    fn broadcast(&self, outbound: Outbound<'_>, selection: &Selection, delivery: &Delivery) {
        self.local.broadcast(outbound, selection, delivery);
    }

    fn broadcast_with_ack(
        &self,
        outbound: Outbound<'_>,
        selection: &Selection,
        delivery: &Delivery,
        timeout: Duration,
    ) -> Pending<Result<Vec<Args>, BroadcastError>> {
        let answers = self.local.broadcast_with_ack(outbound, selection, delivery);
        Box::pin(async move { answers?.collect(timeout).await })
    }

    fn fetch_sockets(&self, selection: &Selection) -> Pending<Result<Vec<SocketRecord>, AdapterError>> {
        Box::pin(ready(Ok(self.local.fetch_sockets(selection))))
    }

    fn add_sockets(&self, selection: &Selection, rooms: &[String]) {
        self.local.add_sockets(selection, rooms);
    }

    fn del_sockets(&self, selection: &Selection, rooms: &[String]) {
        self.local.del_sockets(selection, rooms);
    }

    fn disconnect_sockets(&self, selection: &Selection, close: bool) {
        self.local.disconnect_sockets(selection, close);
    }

    fn server_side_emit(&self, _packet: Packet) {}

    fn server_side_emit_with_ack(
        &self,
        _packet: Packet,
        _timeout: Duration,
    ) -> Pending<Result<Vec<Args>, BroadcastError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn server_count(&self) -> Pending<Result<usize, AdapterError>> {
        Box::pin(ready(Ok(1)))
    }

    fn close(&self) -> Pending<()> {
        Box::pin(ready(()))
    }
}
