//! The inputs of the people of a match, kept until their tick comes: exactly one of each person is used for each tick.
//!
//! Inputs arrive in bunches and late, because the network does that. Using them as they come would make a player
//! stutter and leap; so each names the tick it is for and waits in a ring. The rules:
//!
//! - for its own tick an input is used once; for the ticks `next ..< next + 64` it is kept, earlier than that it is dropped;
//! - a second input for a tick replaces the first, so a client whose clock was set back can still revise its plans;
//! - a tick without input repeats what lasts of the last one for at most 15 ticks, then the player stands still;
//! - of an input that is at most 12 ticks late what happens once is done in the next tick, unless an input for its tick was
//!   there before: nothing is ever done twice, and never anything that was not asked for.
//!
//! Each input comes with how far back its sender saw the others. It is handed on as claimed; a repeated input keeps that of
//! the last one.
//!
//! `slack` tells the client how early it sends, so that it can adjust its clock: the time from the arrival of a message to the
//! tick of its oldest input that an earlier message did not bring already. A client that stopped sending keeps its last slack.

use shared::input::{InputPacket, TickInput};
use shared::limits::INPUT_AHEAD_TICKS_MAX;
use shared::snapshot::SLACK_UNKNOWN;
use shared::tick::Tick;

use crate::ahead::ask_for;
use crate::next_tick::QUARTERS_PER_TICK;

/// How long an input stands in for missing ones: a quarter of a second covers a usual stall, and a player whose
/// client is gone does not run on for longer.
pub const REPEATED_TICKS_MAX: u8 = 15;

/// How late an action may be and still be carried out: a fifth of a second, about as long as a stall that a player takes for
/// none. Later, it would surprise.
pub const LATE_ACTION_TICKS_MAX: u32 = 12;

const RING: usize = INPUT_AHEAD_TICKS_MAX as usize;

/// People for whom there is room in the smallest ring.
const ROOM_MIN: usize = 8;

/// When a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The tick that will be simulated next.
    pub next: Tick,
    /// How long before that, quarters of a tick, 0 to 3; 0 when nobody knows.
    pub early_quarters: u8,
}

impl Arrival {
    /// At the last moment before `next`.
    pub const fn just_before(next: Tick) -> Self {
        Self {
            next,
            early_quarters: 0,
        }
    }
}

/// What became of the inputs of one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Kept for their tick, the first for it.
    pub accepted: u64,
    /// Dropped, but perhaps for an action: their tick is over, and nothing had come for it.
    pub late: u64,
    /// Of those, the ones with an action that is carried out in the next tick.
    pub late_actions: u64,
    /// Dropped: their tick is too far ahead.
    pub early: u64,
    /// For a tick that had an input already: it replaces one that waits, and is dropped when its tick is over.
    pub duplicates: u64,
}

/// Where the input of a tick comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Sent for this tick.
    Sent,
    /// The last one again, or neutral.
    Missing,
}

/// An input, and how far back its sender saw the others, quarters of a tick.
type Sent<I> = (I, u8);

/// The inputs of everybody who plays, by the place of a person in the list of people. What a tick needs of all of them lies side by
/// side: a match is cold when its turn comes, so its price is how many cache lines it asks for.
#[derive(Debug)]
pub struct InputBuffers<I> {
    heads: Vec<Head<I>>,
    /// A row for each place of the ring, in it one slot for each person, with room for `room` of them.
    /// Invariant: a filled slot of row `i` holds the input for the one tick `t` with `next ≤ t < next + 64`, `t % 64 = i`.
    rows: Vec<Option<Sent<I>>>,
    room: usize,
}

/// What is kept of one person besides what waits in the ring.
#[derive(Clone, Copy, Debug)]
struct Head<I> {
    last: Sent<I>,
    slack: i8,
    /// At most [`REPEATED_TICKS_MAX`].
    missing_ticks: u8,
    /// Bit `i` is set when nothing that comes for the tick `next − 1 − i` is carried out any more, because an input for it came
    /// in time or late. The ticks before the first are as good as over.
    over: u16,
    /// Actions that came late, for the next tick.
    late: Option<I>,
    /// `newest` of the last message.
    newest: Option<Tick>,
}

impl<I: TickInput> InputBuffers<I> {
    /// Of nobody.
    pub const fn new() -> Self {
        Self {
            heads: Vec::new(),
            rows: Vec::new(),
            room: 0,
        }
    }

    /// Somebody comes who has sent nothing yet, and is the last of all.
    pub fn enter(&mut self) {
        if self.heads.len() == self.room {
            self.make_room();
        }
        self.heads.push(Head::new());
        self.empty_slots(self.heads.len() - 1);
    }

    /// One starts anew: nothing has been sent.
    pub fn restart(&mut self, person: usize) {
        self.heads[person] = Head::new();
        self.empty_slots(person);
    }

    /// One goes, and those behind move up.
    pub fn leave(&mut self, person: usize) {
        self.heads.remove(person);
        for row in self.rows.chunks_exact_mut(self.room) {
            row.copy_within(person + 1.., person);
        }
    }

    /// Takes a message of one in.
    pub fn receive(&mut self, person: usize, packet: &InputPacket<I>, arrival: Arrival) -> Received {
        let next = arrival.next;
        let head = &mut self.heads[person];
        let mut received = Received::default();
        for (tick, input) in packet.ticked() {
            if tick < next {
                head.receive_late(next.since(tick), input, &mut received);
            } else if tick.since(next) >= INPUT_AHEAD_TICKS_MAX {
                received.early += 1;
            } else {
                let slot = &mut self.rows[row(tick) * self.room + person];
                if slot.replace((input, packet.view_age)).is_some() {
                    received.duplicates += 1;
                } else {
                    received.accepted += 1;
                }
            }
        }
        head.slack = slack(head.oldest_new(packet), arrival);
        head.newest = Some(packet.newest);
        received
    }

    /// The input of one for `tick`, how far back its sender saw the others, and where that comes from. To be called for each tick
    /// once, in order.
    pub fn take(&mut self, person: usize, tick: Tick) -> (I, u8, Source) {
        let sent = self.rows[row(tick) * self.room + person].take();
        self.heads[person].take(sent)
    }

    /// Asks for what `next` and the messages that come before it need: these are most often for the two ticks behind it.
    pub fn look_ahead(&self, next: Tick) {
        ask_for(self.heads.as_slice());
        let begin = row(next) * self.room;
        let end = self.rows.len().min(begin + 3 * self.room);
        ask_for(&self.rows[begin..end]);
    }

    /// How early the last message of one came, quarters of a tick; `SLACK_UNKNOWN` before the first.
    pub fn slack(&self, person: usize) -> i8 {
        self.heads[person].slack
    }

    fn empty_slots(&mut self, person: usize) {
        for row in self.rows.chunks_exact_mut(self.room) {
            row[person] = None;
        }
    }

    /// Twice as much in each row, at least for a small match.
    fn make_room(&mut self) {
        let room = (self.room * 2).max(ROOM_MIN);
        let mut rows = vec![None; RING * room];
        if self.room > 0 {
            let pairs = rows.chunks_exact_mut(room).zip(self.rows.chunks_exact(self.room));
            for (new, old) in pairs {
                new[..old.len()].copy_from_slice(old);
            }
        }
        (self.rows, self.room) = (rows, room);
    }
}

impl<I: TickInput> Default for InputBuffers<I> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I: TickInput> Head<I> {
    fn new() -> Self {
        Self {
            last: (I::default(), 0),
            slack: SLACK_UNKNOWN,
            missing_ticks: 0,
            over: u16::MAX,
            late: None,
            newest: None,
        }
    }

    /// `ticks` late, at least 1.
    fn receive_late(&mut self, ticks: u32, input: I, received: &mut Received) {
        if ticks > LATE_ACTION_TICKS_MAX {
            received.late += 1;
            return;
        }
        let tick_bit = 1 << (ticks - 1);
        if self.over & tick_bit != 0 {
            received.duplicates += 1;
            return;
        }
        self.over |= tick_bit;
        received.late += 1;
        if let Some(actions) = input.actions() {
            received.late_actions += 1;
            self.late = Some(self.late.map_or(actions, |first| first.with_actions(actions)));
        }
    }

    /// `sent` is what came for this tick.
    fn take(&mut self, sent: Option<Sent<I>>) -> (I, u8, Source) {
        let source = if sent.is_some() {
            Source::Sent
        } else {
            Source::Missing
        };
        self.over = self.over << 1 | u16::from(source == Source::Sent);
        let (input, view_age) = sent.unwrap_or_else(|| self.stand_in());
        if sent.is_some() {
            self.last = (input, view_age);
            self.missing_ticks = 0;
        }
        let late = self.late.take();
        let input = late.map_or(input, |late| input.with_actions(late));
        (input, view_age, source)
    }

    /// What is used when nothing came.
    fn stand_in(&mut self) -> Sent<I> {
        if self.missing_ticks < REPEATED_TICKS_MAX {
            self.missing_ticks += 1;
        } else {
            self.last.0 = I::default();
        }
        (self.last.0.held(), self.last.1)
    }

    /// A message that goes back behind the last one comes from a clock that was set back: all of it is new.
    fn oldest_new(&self, packet: &InputPacket<I>) -> Tick {
        let oldest = Tick(packet.newest.0 - (packet.inputs.len() as u32 - 1));
        match self.newest {
            Some(newest) if newest < packet.newest => oldest.max(newest.after(1)),
            _ => oldest,
        }
    }
}

const fn row(tick: Tick) -> usize {
    tick.0 as usize % RING
}

fn slack(oldest_new: Tick, Arrival { next, early_quarters }: Arrival) -> i8 {
    let ticks = i64::from(oldest_new.0) - i64::from(next.0);
    let quarters = ticks * i64::from(QUARTERS_PER_TICK) + i64::from(early_quarters);
    quarters.clamp(-i64::from(i8::MAX), i64::from(i8::MAX)) as i8
}

#[cfg(test)]
mod tests;
