//! The bytes of one `input` event: what a client wants for its next ticks, and the last snapshot it decoded.
//!
//! ```text
//! 0           4             8       9
//! +-----------+-------------+-------+----------------------------+
//! | acked     | newest      | count | count inputs, oldest first |
//! +-----------+-------------+-------+----------------------------+
//!   u32 tick    u32 tick      u8      each as the game lays it out
//! ```
//!
//! The inputs are for the ticks `newest − count + 1 ..= newest`. `acked` is 0 before the first snapshot.
//! Invariant: 1 ≤ count ≤ [`INPUTS_PER_PACKET_MAX`], count ≤ newest.

use crate::limits::INPUTS_PER_PACKET_MAX;
use crate::record::{DecodeError, Reader, Record};
use crate::tick::Tick;

/// Inputs of one client for consecutive ticks; `I` is the input of the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputPacket<I> {
    /// Tick of the newest snapshot that the client decoded.
    pub acked: Tick,
    /// The tick that the last input is for.
    pub newest: Tick,
    /// Oldest first, never empty.
    pub inputs: Vec<I>,
}

impl<I: Record> InputPacket<I> {
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
        out.push(self.inputs.len() as u8);
        for input in &self.inputs {
            input.encode(out);
        }
    }

    /// Reads a whole `input` event.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let acked = Tick(reader.u32()?);
        let newest = Tick(reader.u32()?);
        let count = usize::from(reader.u8()?);
        if count == 0 || count as u32 > newest.0 {
            return Err(DecodeError::Unknown {
                what: "input count",
                found: count as u32,
            });
        }
        let count = reader.check_count("inputs", count, INPUTS_PER_PACKET_MAX, 1)?;
        let mut inputs = Vec::with_capacity(count);
        for _ in 0..count {
            inputs.push(I::decode(&mut reader)?);
        }
        reader.finish()?;
        Ok(Self {
            acked,
            newest,
            inputs,
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
            let packet = InputPacket {
                acked: Tick(0),
                newest: Tick(newest),
                inputs: vec![Input::default(); 3],
            };
            let ticks: Vec<u32> = packet.ticked().map(|(tick, _)| tick.0).collect();
            assert_eq!(ticks, [newest - 2, newest - 1, newest]);
        }
    }
}
