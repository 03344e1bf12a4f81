//! A person's seat in a match: the inputs that come from there, and what its client has seen.
//!
//! Events, cells and the note of a slipped clock ride in the snapshots. A client has them for certain when it has taken
//! the snapshot that carried them, and a superseded snapshot was not taken; so for each client two states are kept, that
//! of the last taken snapshot and that of the one in the mailbox:
//!
//! ```text
//! events of the match   0 1 2 3 4 5 6 7 8 9
//!                             ^       ^     ^
//!                         taken    sent     end of the log
//! next snapshot, if the one in the mailbox was taken:       7 8 9
//! next snapshot, if it is superseded:               3 4 5 6 7 8 9
//! ```
//!
//! The same holds for cells: the next snapshot is taken against the last one that was taken.

use bytes::BytesMut;
use shared::ids::{EntityId, PlayerId};
use shared::input::InputPacket;
use shared::snapshot::SLACK_UNKNOWN;
use shared::tick::Tick;

use crate::budget::Budget;
use crate::cell_plan::Holding;
use crate::cells::CellSet;
use crate::event_log::EventSeq;
use crate::flow::{Change, Flow, Turn};
use crate::mailbox::{MailboxWriter, Previous};
use crate::places::Place;
use crate::settings::MatchSettings;
use crate::urgency::{Others, Urgency};
use crate::view_age::view_age_max;

/// A person in a match, as far as only snapshots need it: what each tick needs of a person is its [`Front`] and its inputs, which lie
/// beside those of the others.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) player: PlayerId,
    pub(crate) entity: EntityId,
    /// How early its inputs come, as of the snapshot that is made.
    slack: i8,
    pub(crate) view: ClientView,
    pub(crate) name: String,
    /// Given back when the seat is dropped.
    pub(crate) _place: Place,
}

impl Seat {
    /// Of somebody who has sent nothing yet.
    pub(crate) const fn new(
        player: PlayerId,
        entity: EntityId,
        name: String,
        view: ClientView,
        place: Place,
    ) -> Self {
        Self {
            player,
            entity,
            slack: SLACK_UNKNOWN,
            view,
            name,
            _place: place,
        }
    }

    /// Takes in what its client said; false when an acknowledgement is a lie.
    pub(crate) fn listen(&mut self, heard: Heard, front: &mut Front) -> bool {
        let is_true = self
            .view
            .listen(heard.acked, heard.hidden, heard.resync, heard.next);
        front.view_age_max = view_age_max(self.view.flow.round_trip_ticks());
        is_true
    }

    /// Before a snapshot: its inputs come so early.
    pub(crate) const fn note_slack(&mut self, slack: i8) {
        self.slack = slack;
    }

    /// As the one that a snapshot is made for.
    pub(crate) const fn recipient(&mut self) -> Recipient<'_> {
        Recipient {
            own: Some(self.entity),
            eyes: Some(self.entity),
            slack: self.slack,
            view: &mut self.view,
        }
    }
}

/// What each tick needs of a person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Front {
    pub(crate) player: PlayerId,
    /// The oldest view that is believed of this person, quarters of a tick.
    pub(crate) view_age_max: u8,
    heard: Option<Heard>,
}

/// What a message says about the snapshots of its sender. It matters to the next snapshot and no earlier, and is noted until then:
/// what is known of a client is cold in a tick without snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    acked: Tick,
    /// The tick that was to be simulated next when it came.
    next: Tick,
    hidden: bool,
    resync: bool,
}

impl Heard {
    pub(crate) const fn new<I>(packet: &InputPacket<I>, next: Tick) -> Self {
        Self {
            acked: packet.acked,
            next,
            hidden: packet.hidden,
            resync: packet.resync,
        }
    }

    /// True when `later` says nothing beyond this.
    fn covers(self, later: Self) -> bool {
        self.acked == later.acked && self.hidden == later.hidden && !later.resync
    }
}

impl Front {
    pub(crate) fn new(player: PlayerId, view: &ClientView) -> Self {
        Self {
            player,
            view_age_max: view_age_max(view.flow.round_trip_ticks()),
            heard: None,
        }
    }

    /// Notes what a message says. Gives what was noted before, if that says something else: it is to be taken in now, in its order.
    pub(crate) fn hear(&mut self, heard: Heard) -> Option<Heard> {
        if self.heard.is_some_and(|earlier| earlier.covers(heard)) {
            return None;
        }
        self.heard.replace(heard)
    }

    /// Takes what is noted.
    pub(crate) const fn take_heard(&mut self) -> Option<Heard> {
        self.heard.take()
    }
}

/// One client that a snapshot is made for, whether it plays or watches.
pub(crate) struct Recipient<'a> {
    /// What it steers.
    pub(crate) own: Option<EntityId>,
    /// Whose surroundings it sees; without one it sees what is around `view.place`.
    pub(crate) eyes: Option<EntityId>,
    /// How early its inputs come.
    pub(crate) slack: i8,
    pub(crate) view: &'a mut ClientView,
}

/// How much of what happened a snapshot covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The first event that it does not carry.
    pub(crate) events: EventSeq,
    /// How often the clock of the match had slipped.
    pub(crate) slips: u32,
}

/// What a client has once it has a certain snapshot.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    /// That of the snapshot; 0 before the first.
    pub(crate) tick: Tick,
    pub(crate) progress: Progress,
    pub(crate) is_keyframe: bool,
    pub(crate) interest: CellSet,
    pub(crate) holding: Holding,
}

impl Handed {
    fn clone_from(&mut self, other: &Self) {
        self.tick = other.tick;
        self.progress = other.progress;
        self.is_keyframe = other.is_keyframe;
        self.interest = other.interest;
        self.holding.clone_from(&other.holding);
    }
}

/// What one client has seen, and the way to it.
#[derive(Debug)]
pub(crate) struct ClientView {
    mailbox: MailboxWriter,
    /// From one snapshot of the match to the next.
    interval_ticks: u32,
    pub(crate) flow: Flow,
    pub(crate) budget: Budget,
    pub(crate) urgency: Urgency,
    pub(crate) others: Others,
    /// As of the last snapshot that was taken.
    pub(crate) taken: Handed,
    /// As of the one in the mailbox, while `is_out`.
    pub(crate) sent: Handed,
    is_out: bool,
    sent_bytes: usize,
    budget_filled: Tick,
    /// The middle of what the client sees, in units of length: where the entity that it sees with was last, or where its
    /// camera stands; before that, the corner.
    pub(crate) place: (f32, f32),
    /// What it gets at this tick.
    pub(crate) turn: Turn,
    /// Owns the memory of the snapshot in the mailbox and uses it again when the client is done with it. Each client
    /// has its own: one shared by all would be kept alive as a whole by the slowest of them.
    buffer: BytesMut,
}

impl ClientView {
    /// A client that comes at `now` and sees what happens after `progress`.
    pub(crate) fn new(
        mailbox: MailboxWriter,
        progress: Progress,
        now: Tick,
        settings: &MatchSettings,
    ) -> Self {
        let interval_ticks = settings.snapshot_interval_ticks.into();
        Self {
            mailbox,
            interval_ticks,
            flow: Flow::new(now, interval_ticks),
            budget: Budget::new(settings.snapshot_bytes_per_s),
            urgency: Urgency::new(),
            others: Others::new(),
            taken: Handed {
                progress,
                ..Handed::default()
            },
            sent: Handed::default(),
            is_out: false,
            sent_bytes: 0,
            budget_filled: now,
            place: (0.0, 0.0),
            turn: Turn::Wait,
            buffer: BytesMut::new(),
        }
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.mailbox.is_abandoned()
    }

    /// True while nobody has taken the last snapshot.
    pub(crate) fn is_waiting(&self) -> bool {
        self.mailbox.is_waiting()
    }

    /// Takes in what a message of the client says about its snapshots; false when its acknowledgement is a lie. `now` is the
    /// tick that will be simulated next.
    pub(crate) fn listen(&mut self, acked: Tick, hidden: bool, resync: bool, now: Tick) -> bool {
        // What it acknowledges is known to have been taken, most of the time.
        if acked > self.taken.tick {
            self.notice_taken();
        }
        self.flow.hide(hidden, now);
        if resync {
            self.flow.resync(now);
        }
        self.flow.acknowledge(acked, self.taken.tick, now)
    }

    /// Judges how the client keeps up and decides what it gets at this tick.
    pub(crate) fn judge(&mut self, now: Tick) -> Option<Change> {
        self.notice_taken();
        let is_late = self.is_out && now.since(self.sent.tick) >= self.interval_ticks;
        let change = self.flow.observe(self.taken.tick, is_late, now);
        if change == Some(Change::Stalled) {
            // It would be told what is old by the time it comes back, and gets everything anew.
            self.settle();
        }
        self.turn = self.flow.turn(now);
        change
    }

    /// Takes the last snapshot back if nobody took it. To be called before the next one is made.
    pub(crate) fn settle(&mut self) -> Previous {
        let previous = self.mailbox.take_back();
        match (previous, self.is_out) {
            (Previous::Taken, true) => self.accept(),
            (Previous::Superseded, _) => self.budget.give_back(self.sent_bytes),
            (Previous::Taken, false) => {}
        }
        self.is_out = false;
        previous
    }

    /// Gives up events that are not kept any longer.
    pub(crate) const fn lose_events(&mut self, lost: u64) {
        self.taken.progress.events.skip(lost);
    }

    /// Lets the budget grow; gives for how many ticks.
    pub(crate) fn fill_budget(&mut self, now: Tick) -> u32 {
        let ticks = now.since(self.budget_filled);
        self.budget_filled = now;
        self.budget.fill(ticks);
        ticks
    }

    /// Puts a snapshot in. What it does to cells and interest is in `sent` already.
    pub(crate) fn put(&mut self, packet: &[u8], tick: Tick, progress: Progress, is_keyframe: bool) {
        self.sent.tick = tick;
        self.sent.progress = progress;
        self.sent.is_keyframe = is_keyframe;
        self.flow.made(is_keyframe, tick);
        self.budget.spend(packet.len());
        self.buffer.extend_from_slice(packet);
        self.mailbox.put(self.buffer.split().freeze());
        self.sent_bytes = packet.len();
        self.is_out = true;
    }

    fn notice_taken(&mut self) {
        if self.is_out && !self.mailbox.is_waiting() {
            self.accept();
        }
    }

    fn accept(&mut self) {
        self.is_out = false;
        self.taken.clone_from(&self.sent);
        if self.taken.is_keyframe {
            self.flow.keyframe_taken();
        }
    }
}
