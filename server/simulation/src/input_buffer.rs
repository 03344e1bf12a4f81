//! The inputs of one person, kept until their tick comes: exactly one is used for each tick.
//!
//! Inputs arrive in bunches and late, because the network does that. Using them as they come would make a player
//! stutter and leap; so each names the tick it is for and waits in a ring. The rules:
//!
//! - for its own tick an input is used once; for the ticks `next ..< next + 64` it is kept, others are dropped;
//! - a second input for a tick replaces the first, so a client whose clock was set back can still revise its plans;
//! - a tick without input repeats the last one for at most 15 ticks, then the player stands still.
//!
//! `slack` tells the client how early it sends, so that it can adjust its clock: the distance from the next tick to
//! the oldest input of a message that an earlier message did not bring already. A client that stopped sending keeps
//! its last slack.

use shared::input::InputPacket;
use shared::limits::INPUT_AHEAD_TICKS_MAX;
use shared::record::Record;
use shared::snapshot::SLACK_UNKNOWN;
use shared::tick::Tick;

/// How long an input stands in for missing ones: a quarter of a second covers a usual stall, and a player whose
/// client is gone does not run on for longer.
pub const REPEATED_TICKS_MAX: u32 = 15;

const RING: usize = INPUT_AHEAD_TICKS_MAX as usize;

/// Quarters of a tick, the unit of slack.
const SLACK_PER_TICK: i64 = 4;

/// What became of the inputs of one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Kept for their tick.
    pub accepted: u64,
    /// Dropped: their tick is over.
    pub late: u64,
    /// Dropped: their tick is too far ahead.
    pub early: u64,
}

/// Where the input of a tick comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Sent for this tick.
    Sent,
    /// The last one again, or neutral.
    Missing,
}

/// See the head of this file.
#[derive(Debug)]
pub struct InputBuffer<I> {
    /// Invariant: a filled slot `i` holds the input for the one tick `t` with `next ≤ t < next + 64`, `t % 64 = i`.
    ring: [Option<I>; RING],
    last: I,
    missing_ticks: u32,
    /// `newest` of the last message.
    newest: Option<Tick>,
    slack: i8,
}

impl<I: Record + Default> InputBuffer<I> {
    /// Nothing sent yet.
    pub fn new() -> Self {
        Self {
            ring: [None; RING],
            last: I::default(),
            missing_ticks: 0,
            newest: None,
            slack: SLACK_UNKNOWN,
        }
    }

    /// Takes a message in; `next` is the tick that will be simulated next.
    pub fn receive(&mut self, packet: &InputPacket<I>, next: Tick) -> Received {
        let mut received = Received::default();
        for (tick, input) in packet.ticked() {
            if tick < next {
                received.late += 1;
            } else if tick.since(next) >= INPUT_AHEAD_TICKS_MAX {
                received.early += 1;
            } else {
                self.ring[slot(tick)] = Some(input);
                received.accepted += 1;
            }
        }
        self.slack = slack(self.oldest_new(packet), next);
        self.newest = Some(packet.newest);
        received
    }

    /// The input for `tick`. To be called for each tick once, in order.
    pub fn take(&mut self, tick: Tick) -> (I, Source) {
        if let Some(input) = self.ring[slot(tick)].take() {
            self.last = input;
            self.missing_ticks = 0;
            return (input, Source::Sent);
        }
        self.missing_ticks = self.missing_ticks.saturating_add(1);
        if self.missing_ticks > REPEATED_TICKS_MAX {
            self.last = I::default();
        }
        (self.last, Source::Missing)
    }

    /// How early the last message came, quarters of a tick; `SLACK_UNKNOWN` before the first.
    pub const fn slack(&self) -> i8 {
        self.slack
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

impl<I: Record + Default> Default for InputBuffer<I> {
    fn default() -> Self {
        Self::new()
    }
}

const fn slot(tick: Tick) -> usize {
    tick.0 as usize % RING
}

fn slack(oldest_new: Tick, next: Tick) -> i8 {
    let quarters = (i64::from(oldest_new.0) - i64::from(next.0)) * SLACK_PER_TICK;
    quarters.clamp(-i64::from(i8::MAX), i64::from(i8::MAX)) as i8
}

#[cfg(test)]
mod tests {
    use shared::arena::input::Input;

    use super::*;

    const NEXT: Tick = Tick(1000);

    fn input(number: i8) -> Input {
        Input {
            move_x: number,
            move_y: 1,
            ..Input::default()
        }
    }

    /// Inputs for the ticks `newest − numbers.len() + 1 ..= newest`.
    fn packet(newest: u32, numbers: &[i8]) -> InputPacket<Input> {
        InputPacket {
            acked: Tick(0),
            newest: Tick(newest),
            inputs: numbers.iter().copied().map(input).collect(),
        }
    }

    /// Receives the messages at one tick and compares what became of the last one and the slack.
    fn check(messages: &[(u32, &[i8])], accepted: u64, late: u64, early: u64, slack: i8) {
        let mut buffer = InputBuffer::new();
        let mut received = Received::default();
        for &(newest, numbers) in messages {
            received = buffer.receive(&packet(newest, numbers), NEXT);
        }
        let expected = Received {
            accepted,
            late,
            early,
        };
        assert_eq!((received, buffer.slack()), (expected, slack), "{messages:?}");
    }

    #[test]
    fn inputs_are_kept_for_the_ticks_of_the_ring() {
        check(&[(1000, &[1])], 1, 0, 0, 0);
        check(&[(1001, &[1, 2])], 2, 0, 0, 0);
        check(&[(1000, &[1, 2])], 1, 1, 0, -4);
        check(&[(999, &[1, 2])], 0, 2, 0, -8);
        check(&[(1063, &[1])], 1, 0, 0, i8::MAX);
        check(&[(1064, &[1, 2])], 1, 0, 1, i8::MAX);
        check(&[(u32::MAX, &[1, 2])], 0, 0, 2, i8::MAX);
        check(&[(2, &[1, 2])], 0, 2, 0, -i8::MAX);
    }

    #[test]
    fn slack_is_that_of_the_oldest_input_the_last_message_did_not_bring() {
        check(&[(1003, &[1, 2]), (1005, &[3, 4])], 2, 0, 0, 16);
        check(&[(1003, &[1, 2]), (1005, &[1, 2, 3, 4])], 4, 0, 0, 16);
        check(&[(1003, &[1, 2]), (1003, &[1, 2])], 2, 0, 0, 8);
        check(&[(1020, &[1, 2]), (1003, &[1, 2])], 2, 0, 0, 8);
        check(&[(u32::MAX, &[1]), (1003, &[1, 2])], 2, 0, 0, 8);
    }

    #[test]
    fn slack_is_unknown_before_the_first_message_and_kept_after_the_last() {
        let mut buffer = InputBuffer::new();
        assert_eq!(buffer.slack(), SLACK_UNKNOWN);
        buffer.receive(&packet(1002, &[1]), NEXT);
        for tick in 0..200 {
            buffer.take(NEXT.after(tick));
        }
        assert_eq!(buffer.slack(), 8);
    }

    #[test]
    fn each_tick_gets_its_own_input_once_and_the_newest_word_counts() {
        let mut buffer = InputBuffer::new();
        buffer.receive(&packet(1003, &[3]), NEXT);
        buffer.receive(&packet(1001, &[0, 1]), NEXT);
        buffer.receive(&packet(1003, &[2, 33]), NEXT);
        for (tick, expected) in [(1000, 0), (1001, 1), (1002, 2), (1003, 33)] {
            assert_eq!(buffer.take(Tick(tick)), (input(expected), Source::Sent));
        }
        assert_eq!(buffer.take(Tick(1004)), (input(33), Source::Missing));
    }

    #[test]
    fn a_missing_input_is_the_last_one_for_a_while_and_then_neutral() {
        let mut buffer = InputBuffer::new();
        assert_eq!(buffer.take(NEXT), (Input::default(), Source::Missing));
        for round in 0..3 {
            let start = 1001 + round * 100;
            buffer.receive(&packet(start, &[9]), Tick(start));
            assert_eq!(buffer.take(Tick(start)), (input(9), Source::Sent));
            for missing in 1..100 {
                let expected = if missing <= REPEATED_TICKS_MAX {
                    input(9)
                } else {
                    Input::default()
                };
                assert_eq!(
                    buffer.take(Tick(start + missing)),
                    (expected, Source::Missing),
                    "{missing}"
                );
            }
        }
    }

    #[test]
    fn the_ring_serves_many_rounds() {
        let mut buffer = InputBuffer::new();
        for tick in 0..1000_u32 {
            let newest = tick + 63;
            let number = (newest % 100) as i8;
            buffer.receive(&packet(newest, &[number]), Tick(tick));
            if tick >= 63 {
                assert_eq!(buffer.take(Tick(tick)), (input((tick % 100) as i8), Source::Sent));
            } else {
                buffer.take(Tick(tick));
            }
        }
    }
}
