//! What one client is told in a snapshot: the events since the last one that it took, and those that go on and reach it now.
//!
//! An event of the log is told once, to whom it concerns. One that stands, as a shot in the air does, is told again to
//! whoever did not have it in view at its last snapshot: it came in another cell, the client's interest has moved, or the
//! client starts anew. Both rules may name the same event; it is told once all the same.

use shared::ids::EntityId;
use shared::limits::EVENTS_PER_SNAPSHOT_MAX;
use shared::record::Record;
use shared::tick::Tick;

use crate::cells::CellSet;
use crate::event_log::{EventLog, EventSeq};
use crate::frames::{Frames, Slot};
use crate::grid::Grid;
use crate::urgency::Others;

/// Whom it is for.
pub(crate) struct Listener {
    /// Whose part in an event is told wherever it happens.
    pub(crate) own: Option<EntityId>,
    /// The first event it may not have.
    pub(crate) from: EventSeq,
    pub(crate) interest: CellSet,
    /// The snapshot that it took last and what was in its interest then; `None` when it starts anew.
    pub(crate) base: Option<(Slot, CellSet)>,
}

/// Scratch, used again for each client.
#[derive(Debug)]
pub(crate) struct Told<E> {
    events: Vec<(Tick, E)>,
    /// The frame for which `cells_then` holds.
    since: Option<Slot>,
    /// For each event that stands now, the cell it was in then.
    cells_then: Vec<Option<u8>>,
}

impl<E: Record> Told<E> {
    pub(crate) const fn new() -> Self {
        Self {
            events: Vec::new(),
            since: None,
            cells_then: Vec::new(),
        }
    }

    /// A new frame: what was known about the others holds no more.
    pub(crate) const fn clear(&mut self) {
        self.since = None;
    }

    /// What is told, those of the log first.
    pub(crate) fn events(&self) -> &[(Tick, E)] {
        &self.events
    }

    /// Collects it; gives how many events the log does not have any more.
    pub(crate) fn collect<M: Record, S: Record>(
        &mut self,
        listener: &Listener,
        log: &EventLog<E>,
        frames: &Frames<M, S, E>,
        grid: &Grid,
        others: &mut Others,
    ) -> u64 {
        self.events.clear();
        let (logged, lost) = log.since(listener.from);
        for logged in logged {
            let audience = &logged.audience;
            let concerns = audience.concerns(|place| listener.interest.contains(grid.cell(place)));
            let named = listener.own.filter(|own| audience.also.contains(own));
            if let Some(own) = named {
                others.note(audience.also, own, logged.tick);
            }
            if concerns || named.is_some() {
                self.events.push((logged.tick, logged.event));
            }
        }
        self.add_standing(listener, frames);
        lost
    }

    /// The youngest first, so that if there are too many those are left out that end soonest.
    fn add_standing<M: Record, S: Record>(&mut self, listener: &Listener, frames: &Frames<M, S, E>) {
        let standing = &frames.now().standing;
        if standing.is_empty() {
            return;
        }
        if let Some((slot, _)) = listener.base {
            self.look_back(frames, slot);
        }
        let logged_count = self.events.len();
        for (index, (cell, stands)) in standing.iter().enumerate().rev() {
            if self.events.len() == EVENTS_PER_SNAPSHOT_MAX {
                return;
            }
            let was_told = listener.base.is_some_and(|(_, interest)| {
                self.cells_then[index].is_some_and(|cell| interest.contains(cell))
            });
            let event = (stands.since, stands.event);
            if listener.interest.contains(*cell) && !was_told && !self.events[..logged_count].contains(&event)
            {
                self.events.push(event);
            }
        }
    }

    /// Finds where what stands now was at an earlier frame. Both lists are in the order in which events began.
    fn look_back<M: Record, S: Record>(&mut self, frames: &Frames<M, S, E>, slot: Slot) {
        if self.since == Some(slot) {
            return;
        }
        self.since = Some(slot);
        let then = frames.frame(slot);
        let mut rest = then.standing.as_slice();
        self.cells_then.clear();
        self.cells_then
            .extend(frames.now().standing.iter().map(|(_, stands)| {
                if stands.since > then.tick {
                    return None;
                }
                let index = rest
                    .iter()
                    .position(|(_, other)| (other.since, other.event) == (stands.since, stands.event))?;
                let cell = rest[index].0;
                rest = &rest[index + 1..];
                Some(cell)
            }));
    }
}
