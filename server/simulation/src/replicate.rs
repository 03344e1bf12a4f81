//! From the world to the mailboxes: the entities are encoded once for a match, then copied behind the header of each
//! client.
//!
//! Events and the note of a slipped clock ride in the snapshots. A client has them for certain when it has taken the
//! snapshot that carried them, and a superseded snapshot was not taken; so for each client two points of progress are
//! kept, that of the last taken snapshot and that of the one in the mailbox:
//!
//! ```text
//! events of the match   0 1 2 3 4 5 6 7 8 9
//!                             ^       ^     ^
//!                         taken    sent     end of the log
//! next snapshot, if the one in the mailbox was taken:       7 8 9
//! next snapshot, if it is superseded:               3 4 5 6 7 8 9
//! ```

use bevy_ecs::world::World;
use bytes::BytesMut;
use shared::ids::EntityId;
use shared::limits::SNAPSHOT_BYTES_MAX;
use shared::snapshot::{Header, encode_entities, encode_header};
use shared::tick::Tick;

use crate::event_log::{EventLog, EventSeq};
use crate::game::{Game, Observer};
use crate::mailbox::{MailboxWriter, Previous};
use crate::roster::Seat;
use crate::stats::Stats;

/// How much of what happened a snapshot covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The first event that it does not carry.
    pub(crate) events: EventSeq,
    /// How often the clock of the match had slipped.
    pub(crate) slips: u32,
}

/// What one client has seen, and the way to it. Invariant: `taken ≤ sent` in every part.
#[derive(Debug)]
pub(crate) struct ClientView {
    mailbox: MailboxWriter,
    taken: Progress,
    sent: Progress,
    /// Owns the memory of the snapshot in the mailbox and uses it again when the client is done with it. Each client
    /// has its own: one shared by all would be kept alive as a whole by the slowest of them.
    buffer: BytesMut,
}

impl ClientView {
    /// A client that sees what happens after `now`.
    pub(crate) fn new(mailbox: MailboxWriter, now: Progress) -> Self {
        Self {
            mailbox,
            taken: now,
            sent: now,
            buffer: BytesMut::new(),
        }
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.mailbox.is_abandoned()
    }
}

/// Everything a snapshot takes from a match besides the world.
pub(crate) struct Moment<'a, E> {
    pub(crate) tick: Tick,
    pub(crate) events: &'a EventLog<E>,
    pub(crate) progress: Progress,
}

/// The buffers of one match, used again for each snapshot.
pub(crate) struct Replicator<G: Game> {
    observer: Observer<G::State>,
    entities: Vec<u8>,
    header: Vec<u8>,
}

impl<G: Game> Replicator<G> {
    pub(crate) fn new() -> Self {
        Self {
            observer: Observer::new(),
            entities: Vec::new(),
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
        self.entities.clear();
        encode_entities(self.observer.sorted(), &mut self.entities);
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
        match view.mailbox.take_back() {
            Previous::Taken => view.taken = view.sent,
            Previous::Superseded => stats.snapshots_superseded.add(1),
        }
        let (events, lost) = moment.events.since(view.taken.events);
        view.taken.events.skip(lost);
        stats.events_dropped.add(lost);
        let header = Header {
            tick: moment.tick,
            slack: seat.inputs.slack(),
            own: seat.entity,
            slipped: view.taken.slips != moment.progress.slips,
        };
        self.header.clear();
        encode_header(&header, events, &mut self.header);
        let bytes = self.header.len() + self.entities.len();
        debug_assert!(
            bytes <= SNAPSHOT_BYTES_MAX,
            "entities and events have bounds that fit"
        );
        view.buffer.reserve(bytes);
        view.buffer.extend_from_slice(&self.header);
        view.buffer.extend_from_slice(&self.entities);
        view.mailbox.put(view.buffer.split().freeze());
        view.sent = moment.progress;
        bytes
    }
}
