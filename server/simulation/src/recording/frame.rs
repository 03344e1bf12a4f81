//! What happened in one tick, when anything did.
//!
//! ```text
//! +------+-------+- 1 -------------------+- 2 --------------------+- 4 -------------------+- 8 -+- 16 -+
//! | wait | flags | joins                 | leaves                 | inputs                | hash| end  |
//! +------+-------+-----------------------+------------------------+-----------------------+-----+------+
//!  varint   u8     varint count, each:     varint count, each:      bitmap over people,      u64   u8
//!                  player varint, name     index varint             each set: mask, bytes          0 closed, 1 crashed, 2 cut
//! ```
//!
//! A part is there when its flag is set. `wait` is the number of ticks since the last frame, at first since tick 0, 1 to
//! [`WAIT_TICKS_MAX`]; only an end may come with 0, in the tick of the frame before, and has then neither joins, leaves nor
//! inputs. Joins, leaves and inputs are what the tick begins with, in this order; the hash is that of the world after it.
//!
//! People are in ascending order of id; `index` and bitmap count them as they are after the joins, and after the joins
//! and leaves. The bitmap is as many bytes as people need, the first is bit 0. `mask` has a bit for each byte of the
//! record of `game::Intent`, which is the input and how far back its sender saw the others, and the bytes follow that differ
//! from the last one; whoever has just joined starts with the neutral input. An input holds until it changes.
//!
//! varint: 7 bits a byte, the lowest first, the highest bit set when more follow; at most 5 bytes.

use shared::ids::PlayerId;
use shared::name::PlayerName;
use shared::record::{DecodeError, Reader, Record};
use shared::tick::{TICK_HZ, Tick};

use crate::recording::header::{decode_text, encode_text};

/// Ticks that a frame may lie behind the last one. A hash is due each second, so a longer wait is never written.
pub const WAIT_TICKS_MAX: u32 = TICK_HZ as u32;

const JOINS: u8 = 1;
const LEAVES: u8 = 2;
const INPUTS: u8 = 4;
const HASH: u8 = 8;
const END: u8 = 16;

/// Why a recording ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The match was closed, or failed outside of its rules.
    Closed,
    /// The rules panicked in the tick of the frame, which comes with at least one tick of wait.
    Crashed,
    /// The match went on; the recording had reached its bound, or was not yet written any further.
    Cut,
}

impl End {
    const ALL: [Self; 3] = [Self::Closed, Self::Crashed, Self::Cut];
}

/// What happened in one tick, besides the inputs, which are kept by `People`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The tick.
    pub tick: Tick,
    /// Who comes in before the tick, in this order.
    pub joins: Vec<(PlayerId, PlayerName)>,
    /// Who goes before the tick, after the joins.
    pub leaves: Vec<PlayerId>,
    /// `Game::hash` after the tick.
    pub hash: Option<u64>,
    /// Nothing follows.
    pub end: Option<End>,
}

/// Everybody, and the inputs in force: what both sides of a recording remember from frame to frame.
#[derive(Debug)]
pub(crate) struct People<I> {
    /// In ascending order of id.
    inputs: Vec<(PlayerId, I)>,
    /// Tick of the last frame.
    tick: Tick,
}

impl<I: Record + Default> People<I> {
    /// Nobody, before the first tick.
    pub(crate) const fn new() -> Self {
        Self {
            inputs: Vec::new(),
            tick: Tick(0),
        }
    }

    /// The input of everybody, in ascending order of id.
    pub(crate) fn inputs(&self) -> &[(PlayerId, I)] {
        &self.inputs
    }

    /// Reads the next frame. `players_max` bounds the people.
    pub(crate) fn decode(
        &mut self,
        reader: &mut Reader<'_>,
        players_max: usize,
    ) -> Result<Frame, DecodeError> {
        let wait = decode_varint(reader)?;
        let flags = reader.u8()?;
        let only_end = wait == 0 && flags & END != 0 && flags & (JOINS | LEAVES | INPUTS) == 0;
        if flags & !(JOINS | LEAVES | INPUTS | HASH | END) != 0
            || wait > WAIT_TICKS_MAX
            || (wait == 0 && !only_end)
        {
            return Err(DecodeError::Malformed);
        }
        self.tick = Tick(self.tick.0.checked_add(wait).ok_or(DecodeError::Malformed)?);
        let joins = self.decode_joins(flags, reader)?;
        let leaves = self.decode_leaves(flags, reader)?;
        if self.inputs.len() > players_max {
            return Err(DecodeError::TooMany {
                what: "people",
                found: self.inputs.len(),
                max: players_max,
            });
        }
        if flags & INPUTS != 0 {
            self.decode_inputs(reader)?;
        }
        let hash = if flags & HASH != 0 {
            Some(reader.u64()?)
        } else {
            None
        };
        let end = if flags & END != 0 {
            let number = reader.u8()?;
            let end = End::ALL.get(usize::from(number)).ok_or(DecodeError::Unknown {
                what: "end of a recording",
                found: number.into(),
            })?;
            if wait == 0 && *end == End::Crashed {
                return Err(DecodeError::Malformed);
            }
            Some(*end)
        } else {
            None
        };
        Ok(Frame {
            tick: self.tick,
            joins,
            leaves,
            hash,
            end,
        })
    }

    fn decode_joins(
        &mut self,
        flags: u8,
        reader: &mut Reader<'_>,
    ) -> Result<Vec<(PlayerId, PlayerName)>, DecodeError> {
        let mut joins = Vec::new();
        for _ in 0..decode_count(flags & JOINS != 0, "joins", reader)? {
            let player = u16::try_from(decode_varint(reader)?).map_err(|_| DecodeError::Malformed)?;
            let player = PlayerId(player);
            let name = PlayerName::parse(&decode_text(reader)?).map_err(|_| DecodeError::Malformed)?;
            if self.inputs.last().is_some_and(|&(last, _)| last >= player) {
                return Err(DecodeError::Malformed);
            }
            self.inputs.push((player, I::default()));
            joins.push((player, name));
        }
        Ok(joins)
    }

    fn decode_leaves(&mut self, flags: u8, reader: &mut Reader<'_>) -> Result<Vec<PlayerId>, DecodeError> {
        let mut leaves = Vec::new();
        for _ in 0..decode_count(flags & LEAVES != 0, "leaves", reader)? {
            let index = decode_varint(reader)? as usize;
            if index >= self.inputs.len() {
                return Err(DecodeError::Malformed);
            }
            leaves.push(self.inputs.remove(index).0);
        }
        Ok(leaves)
    }

    fn decode_inputs(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let bitmap = reader.bytes(self.inputs.len().div_ceil(8))?;
        let mut record = Vec::new();
        for (index, (_, input)) in self.inputs.iter_mut().enumerate() {
            if bitmap[index / 8] & 1 << (index % 8) == 0 {
                continue;
            }
            record.clear();
            input.encode(&mut record);
            let mask = reader.bytes(record.len().div_ceil(8))?;
            for (at, byte) in record.iter_mut().enumerate() {
                if mask[at / 8] & 1 << (at % 8) != 0 {
                    *byte = reader.u8()?;
                }
            }
            let mut whole = Reader::new(&record);
            *input = I::decode(&mut whole)?;
            whole.finish()?;
        }
        Ok(())
    }
}

/// Writes frames: what happens is collected during a tick, and becomes a frame when anything did.
#[derive(Debug)]
pub(crate) struct FrameWriter<I> {
    people: People<I>,
    joins: Vec<u8>,
    joins_count: u32,
    leaves: Vec<u8>,
    leaves_count: u32,
    inputs: Vec<u8>,
    /// The records of an input before and after it changed.
    records: [Vec<u8>; 2],
}

impl<I: Record + Default> FrameWriter<I> {
    pub(crate) const fn new() -> Self {
        Self {
            people: People::new(),
            joins: Vec::new(),
            joins_count: 0,
            leaves: Vec::new(),
            leaves_count: 0,
            inputs: Vec::new(),
            records: [const { Vec::new() }; 2],
        }
    }

    /// Somebody comes in before the tick, with an id above all others.
    pub(crate) fn join(&mut self, player: PlayerId, name: &PlayerName) {
        self.joins_count += 1;
        encode_varint(player.0.into(), &mut self.joins);
        encode_text(name.as_str(), &mut self.joins);
        self.people.inputs.push((player, I::default()));
    }

    /// Somebody goes before the tick, after the joins.
    pub(crate) fn leave(&mut self, player: PlayerId) {
        let people = &mut self.people.inputs;
        let index = people
            .binary_search_by_key(&player, |&(player, _)| player)
            .expect("whoever leaves has joined");
        people.remove(index);
        self.leaves_count += 1;
        encode_varint(index as u32, &mut self.leaves);
    }

    /// The inputs of the tick: those of everybody who is there, in ascending order of id.
    pub(crate) fn inputs(&mut self, inputs: &[(PlayerId, I)]) {
        debug_assert!(
            inputs
                .iter()
                .map(|(player, _)| player)
                .eq(self.people.inputs.iter().map(|(player, _)| player)),
            "the recording knows who is there"
        );
        let bitmap_bytes = inputs.len().div_ceil(8);
        for (index, (last, &(_, input))) in self.people.inputs.iter_mut().zip(inputs).enumerate() {
            if last.1 == input {
                continue;
            }
            if self.inputs.is_empty() {
                self.inputs.resize(bitmap_bytes, 0);
            }
            self.inputs[index / 8] |= 1 << (index % 8);
            encode_change(&last.1, &input, &mut self.records, &mut self.inputs);
            last.1 = input;
        }
    }

    /// Appends the frame of this tick, if there is anything in it.
    pub(crate) fn finish(&mut self, tick: Tick, hash: Option<u64>, end: Option<End>, out: &mut Vec<u8>) {
        let mut flags = 0;
        for (flag, is_there) in [
            (JOINS, self.joins_count > 0),
            (LEAVES, self.leaves_count > 0),
            (INPUTS, !self.inputs.is_empty()),
            (HASH, hash.is_some()),
            (END, end.is_some()),
        ] {
            flags |= if is_there { flag } else { 0 };
        }
        if flags == 0 {
            return;
        }
        encode_varint(tick.since(self.people.tick), out);
        self.people.tick = tick;
        out.push(flags);
        for (count, bytes) in [
            (&mut self.joins_count, &mut self.joins),
            (&mut self.leaves_count, &mut self.leaves),
        ] {
            if *count > 0 {
                encode_varint(*count, out);
                out.append(bytes);
                *count = 0;
            }
        }
        out.append(&mut self.inputs);
        if let Some(hash) = hash {
            out.extend_from_slice(&hash.to_le_bytes());
        }
        if let Some(end) = end {
            out.push(end as u8);
        }
    }
}

/// Appends mask and changed bytes.
fn encode_change<I: Record>(last: &I, input: &I, records: &mut [Vec<u8>; 2], out: &mut Vec<u8>) {
    let [before, after] = records;
    before.clear();
    after.clear();
    last.encode(before);
    input.encode(after);
    assert_eq!(
        before.len(),
        after.len(),
        "an input has the same length whatever it says"
    );
    let mask_at = out.len();
    out.resize(mask_at + after.len().div_ceil(8), 0);
    for (at, (before, after)) in before.iter().zip(after.iter()).enumerate() {
        if before != after {
            out[mask_at + at / 8] |= 1 << (at % 8);
            out.push(*after);
        }
    }
}

/// Bits of a byte of a varint that carry the number.
const VARINT_BITS: u32 = 7;

fn encode_varint(mut number: u32, out: &mut Vec<u8>) {
    while number >= 1 << VARINT_BITS {
        out.push(number as u8 | 1 << VARINT_BITS);
        number >>= VARINT_BITS;
    }
    out.push(number as u8);
}

fn decode_varint(reader: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let mut number = 0_u64;
    for shift in (0..35).step_by(VARINT_BITS as usize) {
        let byte = reader.u8()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(number).map_err(|_| DecodeError::Malformed);
        }
    }
    Err(DecodeError::Malformed)
}

/// A count of things of at least a byte each; 0 when the part is not there.
fn decode_count(is_there: bool, what: &'static str, reader: &mut Reader<'_>) -> Result<usize, DecodeError> {
    if !is_there {
        return Ok(0);
    }
    let found = decode_varint(reader)? as usize;
    reader.check_count(what, found, u16::MAX.into(), 1)
}

#[cfg(test)]
mod tests;
