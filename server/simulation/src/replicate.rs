//! From the world to the mailboxes: each entity is observed once and encoded once, and what a client gets is a head of its
//! own and copies of what all share.
//!
//! ```text
//! world ─observe─► frame ─┬─ blob of cell 0 ─┐
//!                         ├─ blob of cell 1 ─┼─ copied ─► head of Ada │ cell 0 │ cell 1
//!                         └─ blob of cell 2 ─┘         ─► head of Eve │ cell 1 │ cell 2
//! ```

use std::cmp::Reverse;
use std::num::NonZeroU8;

use shared::ids::EntityId;
use shared::limits::SNAPSHOT_BYTES_MAX;
use shared::snapshot::{Header, encode_head};
use shared::tick::Tick;

use crate::audience::Standing;
use crate::blobs::Blobs;
use crate::cell_plan::CellPlan;
use crate::cells::CellSet;
use crate::client::Client;
use crate::event_log::EventLog;
use crate::flow::{Change, Turn};
use crate::frames::{Frames, Slot};
use crate::game::{Game, Observer};
use crate::grid::{Distance, Grid};
use crate::mailbox::Previous;
use crate::seat::{ClientView, Progress, Recipient, Seat};
use crate::space::{NOT_NOW, OWN_CELL, Space};
use crate::stats::Stats;
use crate::told::{Listener, Told};
use crate::viewers::Viewer;

/// Everything a snapshot takes from a match besides the world.
pub(crate) struct Moment<'a, E> {
    pub(crate) tick: Tick,
    pub(crate) events: &'a EventLog<E>,
    pub(crate) progress: Progress,
}

/// What one match keeps to make snapshots of, and buffers that are used again for each.
pub(crate) struct Replicator<G: Game> {
    observer: Observer<G::State>,
    standing: Standing<G::Event>,
    grid: Grid,
    frames: Frames<G::Status, G::State, G::Event>,
    blobs: Blobs<G::State>,
    told: Told<G::Event>,
    plan: CellPlan,
    packet: Vec<u8>,
}

/// Counted for all clients of a snapshot, and then once for all matches.
#[derive(Default)]
struct Counts {
    snapshots: u64,
    bytes: u64,
    superseded: u64,
    keyframes: u64,
    events_dropped: u64,
    blobs_copied: u64,
    cells_skipped: u64,
}

impl<G: Game> Replicator<G> {
    /// Up to `see_all_max` entities everybody is told of all of them.
    pub(crate) fn new(see_all_max: usize) -> Self {
        Self {
            observer: Observer::new(),
            standing: Standing::new(),
            grid: Grid::new(G::INTEREST, see_all_max),
            frames: Frames::new(),
            blobs: Blobs::new(),
            told: Told::new(),
            plan: CellPlan::new(),
            packet: Vec::new(),
        }
    }

    /// True when clients see only what is around them, as of the last snapshot.
    pub(crate) const fn is_divided(&self) -> bool {
        self.grid.is_divided()
    }

    /// What clients may see now, in ascending order of id.
    pub(crate) fn observe(&mut self, world: &mut G::World) -> &[(EntityId, G::State)] {
        self.observer.clear();
        G::observe(world, &mut self.observer);
        self.observer.sorted()
    }

    /// Puts a snapshot into the mailbox of everybody whose turn it is. Gives those whose connections are to be given up.
    pub(crate) fn send(
        &mut self,
        world: &mut G::World,
        moment: &Moment<'_, G::Event>,
        people: &mut [Seat],
        viewers: &mut [Viewer],
        stats: &Stats,
    ) -> Vec<Client> {
        let gone = judge(people, viewers, moment.tick, stats);
        let mut views = people
            .iter()
            .map(|seat| &seat.view)
            .chain(viewers.iter().map(|viewer| &viewer.view));
        if views.all(|view| view.turn == Turn::Wait) {
            return gone;
        }
        self.take_frame(world, moment.tick);
        let mut counts = Counts::default();
        let players = people.iter_mut().map(Seat::recipient);
        for mut recipient in players.chain(viewers.iter_mut().map(Viewer::recipient)) {
            if let Turn::Send { keyframe, far } = recipient.view.turn {
                self.serve(world, &mut recipient, moment, (keyframe, far), &mut counts);
            }
        }
        stats.chunks_encoded.add(self.blobs.take_chunks_encoded());
        counts.flush(stats);
        gone
    }

    fn take_frame(&mut self, world: &mut G::World, tick: Tick) {
        self.standing.start(tick);
        G::standing(world, &mut self.standing);
        let status = G::status(world);
        self.observe(world);
        let seen = self.observer.sorted();
        if self.grid.choose(seen.len()) {
            self.frames.clear();
        }
        let standing = self.standing.all();
        self.frames
            .push(tick, status, seen, standing, &self.grid, G::position);
        self.blobs.clear();
        self.told.clear();
    }

    /// Makes the snapshot of one client.
    fn serve(
        &mut self,
        world: &G::World,
        recipient: &mut Recipient<'_>,
        moment: &Moment<'_, G::Event>,
        (keyframe, far): (bool, bool),
        counts: &mut Counts,
    ) {
        let view = &mut *recipient.view;
        if view.settle() == Previous::Superseded {
            counts.superseded += 1;
        }
        let base = if keyframe { None } else { self.base(view) };
        self.look_around(recipient.eyes, base.is_some(), view);
        self.packet.clear();
        counts.events_dropped += self.write_head(world, recipient, base, moment);
        self.write_cells(recipient, base, far, counts);
        debug_assert!(
            self.packet.len() <= SNAPSHOT_BYTES_MAX,
            "entities and events have bounds that fit"
        );
        counts.snapshots += 1;
        counts.bytes += self.packet.len() as u64;
        counts.keyframes += u64::from(base.is_none());
        recipient
            .view
            .put(&self.packet, moment.tick, moment.progress, base.is_none());
    }

    /// The frame of the client's last snapshot, when differences can be taken against it.
    fn base(&self, view: &ClientView) -> Option<Slot> {
        self.frames
            .slot(view.taken.tick)
            .filter(|&slot| self.age(slot).is_some())
    }

    /// Ticks since a frame, if the wire can say it.
    fn age(&self, slot: Slot) -> Option<NonZeroU8> {
        let ticks = self.frames.now().tick.since(self.frames.frame(slot).tick);
        NonZeroU8::new(u8::try_from(ticks).ok()?)
    }

    /// What the client has an interest in from where it is.
    fn look_around(&self, eyes: Option<EntityId>, goes_on: bool, view: &mut ClientView) {
        if let Some(state) = eyes.and_then(|eyes| self.frames.now().state(eyes)) {
            view.place = G::position(state);
        }
        let before = if goes_on {
            &view.taken.interest
        } else {
            &CellSet::EMPTY
        };
        view.sent.interest = self.grid.interest(view.place, before);
    }

    /// Everything before the cells; gives how many events are lost.
    fn write_head(
        &mut self,
        world: &G::World,
        recipient: &mut Recipient<'_>,
        base: Option<Slot>,
        moment: &Moment<'_, G::Event>,
    ) -> u64 {
        let view = &mut *recipient.view;
        let listener = Listener {
            own: recipient.eyes,
            from: view.taken.progress.events,
            interest: view.sent.interest,
            base: base.map(|slot| (slot, view.taken.interest)),
        };
        let lost = self.told.collect(
            &listener,
            moment.events,
            &self.frames,
            &self.grid,
            &mut view.others,
        );
        view.lose_events(lost);
        let header = Header {
            tick: moment.tick,
            slack: recipient.slack,
            slipped: view.taken.progress.slips != moment.progress.slips,
            base_ticks: base.and_then(|slot| self.age(slot)),
        };
        let status = &self.frames.now().status;
        let is_known = base.is_some_and(|slot| self.frames.frame(slot).status == *status);
        encode_head(
            &header,
            recipient.own.map(|entity| (entity, G::own(world, entity))),
            self.told.events().iter().copied(),
            (!is_known).then_some(status),
            &mut self.packet,
        );
        lost
    }

    /// The cells that there is room for.
    fn write_cells(
        &mut self,
        recipient: &mut Recipient<'_>,
        base: Option<Slot>,
        far: bool,
        counts: &mut Counts,
    ) {
        let view = &mut *recipient.view;
        let (interest, next) = (view.sent.interest, &mut view.sent.holding);
        match base {
            None => self
                .plan
                .start_anew(&self.frames, &mut self.blobs, &interest, next),
            Some(slot) => {
                let from = (slot, &view.taken.holding);
                self.plan
                    .go_on(&self.frames, &mut self.blobs, &interest, from, next);
            }
        }
        self.plan.write_forgotten(&mut self.packet);
        let waited_ticks = view.fill_budget(self.frames.now().tick);
        let bytes_with_all = self.packet.len() + self.plan.bytes_max();
        let mut space = Space::new(bytes_with_all, far, &view.budget);
        if !space.is_ample() {
            self.rank(recipient.eyes, far, waited_ticks, view);
        }
        for pending in &self.plan.pending {
            let bytes = self.packet.len() + pending.bytes_max();
            if space.takes(bytes, pending.urgency, &view.budget) {
                CellPlan::write(pending, &self.blobs, &mut view.sent.holding, &mut self.packet);
                view.urgency.serve(pending.cell);
                counts.blobs_copied += 1;
            } else {
                CellPlan::skip(pending, &mut view.sent.holding);
                counts.cells_skipped += 1;
            }
        }
    }

    /// Puts the cells in the order in which they get what room there is.
    fn rank(&mut self, eyes: Option<EntityId>, far: bool, waited_ticks: u32, view: &mut ClientView) {
        let now = self.frames.now();
        let is_there = eyes.is_none_or(|eyes| now.state(eyes).is_some());
        let own_cell = is_there.then(|| self.grid.cell(view.place));
        for pending in &mut self.plan.pending {
            let cell = pending.cell;
            let distance = self.grid.distance(view.place, cell);
            pending.urgency = if own_cell == Some(cell) {
                OWN_CELL
            } else if distance == Distance::Far && !far {
                NOT_NOW
            } else {
                let mut others = view.others.recent(now.tick);
                let is_hot = others.any(|other| now.is_in(other, cell));
                drop(others);
                view.urgency.wait(cell, distance, is_hot, waited_ticks).into()
            };
        }
        self.plan
            .pending
            .sort_unstable_by_key(|pending| (Reverse(pending.urgency), pending.cell));
    }
}

impl Counts {
    fn flush(&self, stats: &Stats) {
        stats.snapshots.add(self.snapshots);
        stats.snapshot_bytes.add(self.bytes);
        stats.snapshots_superseded.add(self.superseded);
        stats.keyframes.add(self.keyframes);
        stats.events_dropped.add(self.events_dropped);
        stats.blobs_copied.add(self.blobs_copied);
        stats.cells_skipped.add(self.cells_skipped);
    }
}

/// Decides what each client gets at this tick. Gives those that have just been given up.
fn judge(people: &mut [Seat], viewers: &mut [Viewer], now: Tick, stats: &Stats) -> Vec<Client> {
    let players = people
        .iter_mut()
        .map(|seat| (Client::Player(seat.player), &mut seat.view));
    let watchers = viewers
        .iter_mut()
        .map(|viewer| (Client::Viewer(viewer.id), &mut viewer.view));
    let mut gone = Vec::new();
    for (client, view) in players.chain(watchers) {
        match view.judge(now) {
            None => {}
            Some(Change::Congested) => stats.clients_congested.add(1),
            Some(Change::Stalled) => stats.clients_stalled.add(1),
            Some(Change::Gone) => {
                stats.clients_gone.add(1);
                gone.push(client);
            }
        }
    }
    gone
}
