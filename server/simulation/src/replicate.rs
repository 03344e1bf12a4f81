//! From the world to the mailboxes: the entities are encoded once for a match, as one cell in full, then copied behind the
//! header of each client.

use bevy_ecs::world::World;
use shared::block::{BlockHead, Mode};
use shared::chunk::encode_full;
use shared::ids::EntityId;
use shared::limits::SNAPSHOT_BYTES_MAX;
use shared::snapshot::{Header, encode_head};
use shared::tick::Tick;

use crate::event_log::EventLog;
use crate::game::{Game, Observer};
use crate::mailbox::Previous;
use crate::seat::{Progress, Seat};
use crate::stats::Stats;

/// Everything a snapshot takes from a match besides the world.
pub(crate) struct Moment<'a, E> {
    pub(crate) tick: Tick,
    pub(crate) events: &'a EventLog<E>,
    pub(crate) progress: Progress,
}

/// The buffers of one match, used again for each snapshot.
pub(crate) struct Replicator<G: Game> {
    observer: Observer<G::State>,
    /// The chunks of all entities.
    chunks: Vec<u8>,
    body: Vec<u8>,
    head: Vec<u8>,
}

impl<G: Game> Replicator<G> {
    pub(crate) fn new() -> Self {
        Self {
            observer: Observer::new(),
            chunks: Vec::new(),
            body: Vec::new(),
            head: Vec::new(),
        }
    }

    /// What clients may see now, in ascending order of id.
    pub(crate) fn observe(&mut self, world: &mut World) -> &[(EntityId, G::State)] {
        self.observer.clear();
        G::observe(world, &mut self.observer);
        self.observer.sorted()
    }

    /// Puts a snapshot into every mailbox.
    pub(crate) fn send(
        &mut self,
        world: &mut World,
        moment: &Moment<'_, G::Event>,
        people: &mut [Seat<G::Input>],
        stats: &Stats,
    ) {
        self.observe(world);
        self.encode_body();
        let status = G::status(world);
        let mut bytes = 0;
        for seat in &mut *people {
            bytes += self.send_to(seat, moment, &status, stats);
        }
        stats.snapshots.add(people.len() as u64);
        stats.snapshot_bytes.add(bytes as u64);
    }

    fn encode_body(&mut self) {
        self.chunks.clear();
        let head = BlockHead {
            cell: 0,
            mode: Mode::Full,
            chunk_count: encode_full(self.observer.sorted(), &mut self.chunks),
        };
        self.body.clear();
        head.encode(&mut self.body);
        self.body.extend_from_slice(&self.chunks);
    }

    /// Gives the number of bytes.
    fn send_to(
        &mut self,
        seat: &mut Seat<G::Input>,
        moment: &Moment<'_, G::Event>,
        status: &G::Status,
        stats: &Stats,
    ) -> usize {
        let view = &mut seat.view;
        if view.settle() == Previous::Superseded {
            stats.snapshots_superseded.add(1);
        }
        let (events, lost) = moment.events.since(view.taken().events);
        view.lose_events(lost);
        stats.events_dropped.add(lost);
        let header = Header {
            tick: moment.tick,
            slack: seat.inputs.slack(),
            slipped: view.taken().slips != moment.progress.slips,
            base_ticks: None,
        };
        self.head.clear();
        let own = Some((seat.entity, ()));
        encode_head(&header, own, events.copied(), Some(status), &mut self.head);
        let bytes = self.head.len() + self.body.len();
        debug_assert!(
            bytes <= SNAPSHOT_BYTES_MAX,
            "entities and events have bounds that fit"
        );
        view.put(&self.head, &self.body, moment.progress);
        bytes
    }
}
