//! The adapter of a server that is alone.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Adapter, Delivery, Enter, Local, Outbound, Packet, Pending, Pid, Restored, Selection, SessionRecord,
    SessionStore, SocketRecord,
};
use crate::args::Args;
use crate::broadcast_acks::BroadcastError;
use crate::error::AdapterError;

/// Knows no other node: whatever it is asked, it asks of [`Local`].
pub struct Memory {
    local: Local,
    /// `None` where recovery is off.
    store: Option<Arc<SessionStore>>,
}

impl Memory {
    /// The adapter of one namespace.
    pub fn new(local: Local) -> Self {
        let store = SessionStore::new(&local);
        Self { local, store }
    }
}

impl Adapter for Memory {
    fn broadcast(&self, outbound: Outbound<'_>, selection: &Selection, delivery: &Delivery) {
        let store = match &self.store {
            Some(store) if self.local.recovers() && delivery.is_kept() => store,
            _ => return self.local.broadcast(outbound, selection, delivery),
        };
        match outbound.to_packet() {
            Ok(packet) => {
                self.local.hear_outgoing(&packet, selection);
                store.append(packet, selection, |packet, offset| {
                    self.local.broadcast_kept(packet, selection, delivery, offset);
                });
            }
            Err(error) => tracing::error!(event = outbound.event, %error, "a broadcast cannot be encoded"),
        }
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

    fn position(&self) -> Option<String> {
        self.store.as_ref().map(|store| store.position())
    }

    fn persist_session(&self, session: SessionRecord, time: Duration) {
        if let Some(store) = &self.store {
            store.persist(session, time);
        }
    }

    fn restore_session(&self, pid: Pid, offset: Option<String>) -> Pending<Option<Restored>> {
        let Some(store) = self.store.clone() else {
            return Box::pin(ready(None));
        };
        let claim = self.local.claim_session(pid);
        Box::pin(async move { store.restore(claim.await, offset.as_deref()) })
    }

    fn resume_session(&self, session: Restored, enter: Enter) -> Pending<bool> {
        let resumed = self
            .store
            .as_ref()
            .is_some_and(|store| store.resume(session, enter));
        Box::pin(ready(resumed))
    }

    fn server_count(&self) -> Pending<Result<usize, AdapterError>> {
        Box::pin(ready(Ok(1)))
    }

    fn close(&self) -> Pending<()> {
        if let Some(store) = &self.store {
            store.close();
        }
        Box::pin(ready(()))
    }
}
