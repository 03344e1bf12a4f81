//! One node's part of a namespace: its sockets, and what can be done with those who are chosen.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::args::Args;
use crate::broadcast_acks::{BroadcastAcks, BroadcastError, LocalAnswers};
use crate::engine::config::Config;
use crate::handshake::Handshake;
use crate::kept::Pid;
use crate::live::{LiveSessions, SessionClaim};
use crate::outbound::{Outbound, Packet};
use crate::parser::Encodings;
use crate::rooms::Rooms;
use crate::seat::Seat;
use crate::selection::{Delivery, Selection};
use crate::server_side::ServerSideListeners;
use crate::stats::Stats;

/// The sockets of one namespace on this node: what an [`Adapter`](crate::adapter::Adapter) acts on. Whatever it is
/// asked to do happens to the sockets of this node alone, at once, on the calling thread. Cheap to clone.
#[derive(Clone)]
pub struct Local(Arc<Node>);

struct Node {
    name: Arc<str>,
    rooms: Rooms,
    stats: Arc<Stats>,
    ack_ids: AtomicU64,
    seat_keys: AtomicU64,
    acks: Arc<BroadcastAcks>,
    server_side: ServerSideListeners,
    config: Arc<Config>,
    recovers: AtomicBool,
    live: Arc<LiveSessions>,
    /// Some socket has or had a catch-all for what is sent.
    watched: AtomicBool,
}

/// A socket as it was when it was asked for. It travels between nodes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SocketRecord {
    /// Its public id.
    pub id: String,
    /// What its client said when it connected.
    pub handshake: Handshake,
    /// The rooms it was in, its own first.
    pub rooms: Vec<String>,
    /// What the application keeps with it.
    pub data: Value,
}

impl Local {
    pub(crate) fn new(name: &str, config: Arc<Config>, stats: Arc<Stats>) -> Self {
        Self(Arc::new(Node {
            name: name.into(),
            rooms: Rooms::new(config.rooms_max, stats.clone()),
            acks: Arc::new(BroadcastAcks::new(config.pending_broadcasts_max, stats.clone())),
            stats,
            ack_ids: AtomicU64::new(0),
            seat_keys: AtomicU64::new(0),
            server_side: ServerSideListeners::default(),
            recovers: AtomicBool::new(config.recovery.is_some()),
            config,
            live: Arc::default(),
            watched: AtomicBool::new(false),
        }))
    }

    /// Name of the namespace, starting with a slash.
    pub fn namespace(&self) -> &str {
        &self.0.name
    }

    /// Number of its sockets on this node.
    pub fn sockets_count(&self) -> usize {
        self.0.rooms.count()
    }

    /// Sends an event to the chosen sockets. It is encoded at most once for each parser, and not at all without a
    /// recipient. Arguments that cannot be encoded are a mistake of the program; it is logged as an error.
    pub fn broadcast(&self, outbound: Outbound<'_>, selection: &Selection, delivery: &Delivery) {
        let targets = self.0.rooms.select(selection);
        let outgoing = outbound.outgoing(&self.0.name, None, None);
        let mut encodings = Encodings::new(outgoing, &self.0.stats);
        let terms = delivery.terms();
        targets.for_each(|seat| {
            seat.send_shared(&mut encodings, terms);
        });
    }

    /// Whether the namespace lets clients recover. Events that are not volatile are kept then, whoever they are for.
    pub fn recovers(&self) -> bool {
        self.0.recovers.load(Ordering::Relaxed)
    }

    /// Lets the catch-alls of the chosen sockets hear of an event that [`Local::broadcast_kept`] is about to send. To be
    /// called before it, outside any lock: it runs code of the application.
    pub fn hear_outgoing(&self, packet: &Packet, selection: &Selection) {
        if !self.0.watched.load(Ordering::Relaxed) {
            return;
        }
        let outgoing = packet.outbound().outgoing(&self.0.name, None, None);
        let mut encodings = Encodings::new(outgoing, &self.0.stats);
        for seat in self.connected(selection) {
            if seat.is_watched() {
                seat.show(encodings.event_args());
            }
        }
    }

    pub(crate) fn watch(&self) {
        self.0.watched.store(true, Ordering::Relaxed);
    }

    /// Sends an event that is kept, as [`Local::broadcast`] does, with its offset as additional last argument. Sockets that
    /// cannot be recovered get it without. What is kept is sent in the order of offsets; no code of the application runs.
    pub fn broadcast_kept(&self, packet: &Packet, selection: &Selection, delivery: &Delivery, offset: &str) {
        let targets = self.0.rooms.select(selection);
        let (terms, offset) = (delivery.terms(), Arc::from(offset));
        let outbound = packet.outbound();
        let with_offset = outbound.outgoing(&self.0.name, None, Some(&offset));
        let without = outbound.outgoing(&self.0.name, None, None);
        let mut encodings = Encodings::new(with_offset, &self.0.stats);
        let mut plain = Encodings::new(without, &self.0.stats);
        targets.for_each(|seat| match &seat.trail {
            Some(trail) => seat.send_kept(&mut encodings, terms, trail, &offset),
            None => {
                seat.send_encoded(&mut plain, terms);
            }
        });
    }

    /// Claims a session for a client that comes back to this node. A live socket of this node is ended first, and another
    /// claim is waited for: it becomes a live socket, or its session is kept again.
    pub fn claim_session(&self, pid: Pid) -> impl Future<Output = SessionClaim> + Send + use<> {
        let live = self.0.live.clone();
        async move { live.claim(pid).await }
    }

    /// Ends the live socket that a session has on this node, if there is one: its client has come back to another node.
    /// Ready when the session was persisted.
    pub fn end_session(&self, pid: Pid) -> impl Future<Output = ()> + Send + use<> {
        let live = self.0.live.clone();
        async move { live.end(&pid).await }
    }

    /// Sends an event to the chosen sockets and expects an answer from each that was connected and, if the event is
    /// volatile, was ready for it.
    ///
    /// # Errors
    /// When too many broadcasts wait already.
    pub fn broadcast_with_ack(
        &self,
        outbound: Outbound<'_>,
        selection: &Selection,
        delivery: &Delivery,
    ) -> Result<LocalAnswers, BroadcastError> {
        let targets = self.0.rooms.select(selection);
        let asked: Vec<&Arc<Seat>> = targets.iter().filter(|seat| seat.is_connected()).collect();
        let keys: HashSet<u64> = asked.iter().map(|seat| seat.key).collect();
        let id = self.next_ack_id();
        let answers = self.0.acks.expect(id, keys)?;
        let outgoing = outbound.outgoing(&self.0.name, Some(id), None);
        let mut encodings = Encodings::new(outgoing, &self.0.stats);
        let terms = delivery.terms();
        for seat in asked {
            // The second look catches one that has gone before it was expected to answer.
            if !seat.send_shared(&mut encodings, terms) || !seat.is_connected() {
                self.0.acks.forget(id, seat.key);
            }
        }
        match encodings.failure() {
            Some(error) => Err(error.clone().into()),
            None => Ok(answers),
        }
    }

    /// The chosen sockets as they are now.
    pub fn fetch_sockets(&self, selection: &Selection) -> Vec<SocketRecord> {
        let record = |seat: &Arc<Seat>| {
            let occupant = seat.occupant.upgrade()?;
            Some(SocketRecord {
                id: seat.id.clone(),
                handshake: occupant.handshake(),
                rooms: self.0.rooms.rooms(seat),
                data: occupant.data(),
            })
        };
        self.connected(selection).iter().filter_map(record).collect()
    }

    /// Lets the chosen sockets join `rooms`. One that is in too many rooms already stays as it is, which is logged.
    pub fn add_sockets(&self, selection: &Selection, rooms: &[String]) {
        for seat in self.connected(selection) {
            for room in rooms {
                if let Err(error) = self.0.rooms.join(&seat, room) {
                    tracing::debug!(%error, room, "a chosen socket does not join");
                }
            }
        }
    }

    /// Lets the chosen sockets leave `rooms`.
    pub fn del_sockets(&self, selection: &Selection, rooms: &[String]) {
        for seat in self.connected(selection) {
            for room in rooms {
                self.0.rooms.leave(&seat, room);
            }
        }
    }

    /// Disconnects the chosen sockets; with `close` their connections as well.
    pub fn disconnect_sockets(&self, selection: &Selection, close: bool) {
        for seat in self.connected(selection) {
            if let Some(occupant) = seat.occupant.upgrade() {
                occupant.disconnect(close);
            }
        }
    }

    /// Hands an event of another node to the listeners of this one. If the other node has `asked` for an answer, the
    /// future gives it, or `None` as soon as nobody is left who could give one.
    pub fn server_side(
        &self,
        packet: &Packet,
        asked: bool,
    ) -> impl Future<Output = Option<Args>> + Send + use<> {
        let answer = self.0.server_side.call(packet, asked, &self.0.stats);
        async move { answer.await.ok() }
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.0.name
    }

    pub(crate) fn rooms(&self) -> &Rooms {
        &self.0.rooms
    }

    pub(crate) fn live(&self) -> &LiveSessions {
        &self.0.live
    }

    pub(crate) fn set_recovers(&self, recovers: bool) {
        let recovers = recovers && self.0.config.recovery.is_some();
        self.0.recovers.store(recovers, Ordering::Relaxed);
    }

    pub(crate) fn config(&self) -> &Arc<Config> {
        &self.0.config
    }

    pub(crate) fn stats(&self) -> &Arc<Stats> {
        &self.0.stats
    }

    pub(crate) fn acks(&self) -> &BroadcastAcks {
        &self.0.acks
    }

    pub(crate) fn server_side_listeners(&self) -> &ServerSideListeners {
        &self.0.server_side
    }

    pub(crate) fn next_ack_id(&self) -> u64 {
        self.0.ack_ids.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn next_seat_key(&self) -> u64 {
        self.0.seat_keys.fetch_add(1, Ordering::Relaxed)
    }

    /// The chosen seats, taken before anything happens to them: that may change who is chosen.
    pub(crate) fn connected(&self, selection: &Selection) -> Vec<Arc<Seat>> {
        let targets = self.0.rooms.select(selection);
        targets
            .iter()
            .filter(|seat| seat.is_connected())
            .cloned()
            .collect()
    }
}
