//! The bytes of one `input` event: what a client wants for its next ticks, the last snapshot it decoded, and what it sees.
//!
//! ```text
//! 0           4             8      9          10
//! +-----------+-------------+------+----------+----------------------------+
//! | acked     | newest      | meta | view_age | count inputs, oldest first |
//! +-----------+-------------+------+----------+----------------------------+
//!   u32 tick    u32 tick      u8     u8         each as the game lays it out
//! meta: bits 0-4 count, bit 5 is 0, bit 6 resync, bit 7 hidden
//! ```
//!
//! The inputs are for the ticks `newest − count + 1 ..= newest`. `acked` is 0 before the first snapshot. `view_age` holds
//! for every input of the packet: they are for consecutive ticks, and what is drawn moves on with them.
//! Invariant: 1 ≤ count ≤ [`INPUTS_PER_PACKET_MAX`], count ≤ newest.

use smallvec::SmallVec;

use crate::limits::INPUTS_PER_PACKET_MAX;
use crate::record::{DecodeError, Reader, Record};
use crate::tick::Tick;

/// Quarters of a tick in a tick, the unit of a view age.
pub const VIEW_AGE_PER_TICK: u8 = 4;

/// The view age of a client that draws nobody yet, or something older than the number can say.
pub const VIEW_AGE_UNKNOWN: u8 = u8::MAX;

const COUNT: u8 = 0b0001_1111;
const RESERVED: u8 = 1 << 5;
const RESYNC: u8 = 1 << 6;
const HIDDEN: u8 = 1 << 7;

/// The input of a game, as the simulation needs it to fill gaps and to make up for delays.
///
/// Some wishes last (a key that is held), some happen once (an action). What lasts may be repeated for a tick whose input is
/// missing; what happens once is carried out once, and a little late rather than not at all.
pub trait TickInput: Record + Default {
    /// What may stand in for the input of the next tick: without anything that happens once.
    fn held(self) -> Self;

    /// What is still worth doing some ticks later, with what it needs (a direction); `None` when there is nothing.
    fn actions(self) -> Option<Self>;

    /// This input with a late action carried out as well. What both ask for happens once, as this input has it.
    fn with_actions(self, late: Self) -> Self;
}

/// Inputs of one client for consecutive ticks; `I` is the input of the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputPacket<I> {
    /// Tick of the newest snapshot that the client decoded.
    pub acked: Tick,
    /// The tick that the last input is for.
    pub newest: Tick,
    /// Oldest first, never empty. As many as a client usually sends need no memory of their own: a message is made on one thread and
    /// dropped on another.
    pub inputs: SmallVec<[I; 4]>,
    /// How far the tick of which the client draws the others lies behind the tick that an input is for, quarters of a tick;
    /// [`VIEW_AGE_UNKNOWN`] says nothing. A claim: whoever acts on it bounds it.
    pub view_age: u8,
    /// Nobody looks at the page: some snapshots a second are enough.
    pub hidden: bool,
    /// The client could not apply a snapshot and needs a whole one.
    pub resync: bool,
}

impl<I: Record> InputPacket<I> {
    /// What a client sends that is looked at and in step.
    pub fn new(acked: Tick, newest: Tick, inputs: impl Into<SmallVec<[I; 4]>>, view_age: u8) -> Self {
        Self {
            acked,
            newest,
            inputs: inputs.into(),
            view_age,
            hidden: false,
            resync: false,
        }
    }

    /// The inputs with the ticks they are for, oldest first.
    pub fn ticked(&self) -> impl Iterator<Item = (Tick, I)> {
        let newest = self.newest.0;
        let count = self.inputs.len() as u32;
        (1..=count)
            .rev()
            .map(move |before_end| Tick(newest - (before_end - 1)))
            .zip(self.inputs.iter().copied())
    }

    /// Appends the bytes. Panics when the count breaks its bound, which is a bug of the caller.
    pub fn encode(&self, out: &mut Vec<u8>) {
        assert!(
            (1..=INPUTS_PER_PACKET_MAX).contains(&self.inputs.len()),
            "a packet has 1 to 16 inputs"
        );
        out.extend_from_slice(&self.acked.0.to_le_bytes());
        out.extend_from_slice(&self.newest.0.to_le_bytes());
        let resync = if self.resync { RESYNC } else { 0 };
        let hidden = if self.hidden { HIDDEN } else { 0 };
        out.push(self.inputs.len() as u8 | resync | hidden);
        out.push(self.view_age);
        for input in &self.inputs {
            input.encode(out);
        }
    }

    /// Reads a whole `input` event.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let acked = Tick(reader.u32()?);
        let newest = Tick(reader.u32()?);
        let meta = reader.u8()?;
        if meta & RESERVED != 0 {
            return Err(DecodeError::Unknown {
                what: "input flags",
                found: meta.into(),
            });
        }
        let view_age = reader.u8()?;
        let count = usize::from(meta & COUNT);
        if count == 0 || count as u32 > newest.0 {
            return Err(DecodeError::Unknown {
                what: "input count",
                found: count as u32,
            });
        }
        let count = reader.check_count("inputs", count, INPUTS_PER_PACKET_MAX, 1)?;
        let mut inputs = SmallVec::with_capacity(count);
        for _ in 0..count {
            inputs.push(I::decode(&mut reader)?);
        }
        reader.finish()?;
        Ok(Self {
            acked,
            newest,
            inputs,
            view_age,
            hidden: meta & HIDDEN != 0,
            resync: meta & RESYNC != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::input::Input;

    #[test]
    fn inputs_belong_to_the_ticks_up_to_the_newest() {
        for newest in [3, 70_000, u32::MAX] {
            let packet = InputPacket::new(Tick(0), Tick(newest), vec![Input::default(); 3], 0);
            let ticks: Vec<u32> = packet.ticked().map(|(tick, _)| tick.0).collect();
            assert_eq!(ticks, [newest - 2, newest - 1, newest]);
        }
    }
}
