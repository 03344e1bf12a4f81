//! From the world to the mailboxes: status and entities are encoded once for a match, then copied behind the header
//! of each client.

use bevy_ecs::world::World;
use shared::ids::EntityId;
use shared::limits::SNAPSHOT_BYTES_MAX;
use shared::snapshot::{Header, encode_body, encode_header};
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
    body: Vec<u8>,
    header: Vec<u8>,
}

impl<G: Game> Replicator<G> {
    pub(crate) fn new() -> Self {
        Self {
            observer: Observer::new(),
            body: Vec::new(),
            header: Vec::new(),
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
        self.body.clear();
        encode_body(&G::status(world), self.observer.sorted(), &mut self.body);
        let mut bytes = 0;
        for seat in &mut *people {
            bytes += self.send_to(seat, moment, stats);
        }
        stats.snapshots.add(people.len() as u64);
        stats.snapshot_bytes.add(bytes as u64);
    }

    /// Gives the number of bytes.
    fn send_to(&mut self, seat: &mut Seat<G::Input>, moment: &Moment<'_, G::Event>, stats: &Stats) -> usize {
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
            own: seat.entity,
            slipped: view.taken().slips != moment.progress.slips,
        };
        self.header.clear();
        encode_header(&header, events, &mut self.header);
        let bytes = self.header.len() + self.body.len();
        debug_assert!(
            bytes <= SNAPSHOT_BYTES_MAX,
            "entities and events have bounds that fit"
        );
        view.put(&self.header, &self.body, moment.progress);
        bytes
    }
}
