//! The bytes of one `snapshot` event: what one client may see at one tick, as the difference to what it has.
//!
//! ```text
//! 0      1        5       6       7      8
//! +------+--------+-------+-------+------+-----------+-------------+---------+--------------------------+
//! | kind | tick   | slack | flags | base | own block | event block | status  | cell blocks, to the end  |
//! +------+--------+-------+-------+------+-----------+-------------+---------+--------------------------+
//!   u8=2   u32      i8      u8      u8     if bit 3    see below     if bit 2   as in block.rs
//! flags: bit 0 slipped, bit 1 keyframe, bit 2 status, bit 3 own; the others are 0
//! own block:    u16 entity, then the record of what only its player sees
//! event block:  u8 count, then for each event: u8 age in ticks (255 = that or older), event
//! ```
//!
//! `slack` says how early the client's last inputs came, in quarters of a tick: 0 is just in time, negative is too
//! late, [`SLACK_UNKNOWN`] is "no input yet". Slipped: the server has dropped time since the last snapshot and clocks must
//! follow.
//!
//! `base` is how many ticks before this one the client was handed its last snapshot. The bytes come in order, so the client
//! has that one unless it could not apply it; then it is out of step and asks for a keyframe, which has base 0 and is
//! taken against nothing. A status that is left out is the same as before; an own block that is left out means that the
//! receiver steers nothing.

use std::num::NonZeroU8;

use crate::ids::EntityId;
use crate::limits::EVENTS_PER_SNAPSHOT_MAX;
use crate::record::{DecodeError, Reader, Record};
use crate::tick::Tick;

/// First byte of a snapshot. 1 was one that always showed everything.
pub const KIND: u8 = 2;

/// `slack` of a client that has sent no input.
pub const SLACK_UNKNOWN: i8 = i8::MIN;

const SLIPPED: u8 = 1;
const KEYFRAME: u8 = 2;
const STATUS: u8 = 4;
const OWN: u8 = 8;

/// What every snapshot begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The tick that the state belongs to.
    pub tick: Tick,
    /// Quarters of a tick, see above.
    pub slack: i8,
    /// The server dropped time since the last snapshot.
    pub slipped: bool,
    /// Ticks since the snapshot that this one is taken against, at most `tick`; `None` for a keyframe.
    pub base_ticks: Option<NonZeroU8>,
}

impl Header {
    /// The header alone, for whoever reads no further.
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (header, _) = decode_header(&mut Reader::new(bytes))?;
        Ok(header)
    }

    /// The snapshot this one is taken against; `None` for a keyframe.
    pub fn base(&self) -> Option<Tick> {
        let ticks = self.base_ticks?;
        Some(Tick(self.tick.0 - u32::from(ticks.get())))
    }
}

/// A snapshot as its client sees it when everything in it is applied. `M` is the status record of the match, `O` what only
/// the player itself sees, `S` the state record and `E` the event of the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<M, O, S, E> {
    /// What it began with.
    pub header: Header,
    /// The receiver's own entity and what only the receiver may know; `None` for a watcher.
    pub own: Option<(EntityId, O)>,
    /// What happened since the last snapshot that this client took, with its age in ticks.
    pub events: Vec<(u8, E)>,
    /// What belongs to the match and to no entity.
    pub status: M,
    /// Every entity the client may see, in ascending order of id.
    pub entities: Vec<(EntityId, S)>,
}

impl<M, O, S, E> Snapshot<M, O, S, E> {
    /// The receiver's own entity, [`EntityId::NONE`] for a watcher.
    pub fn own_entity(&self) -> EntityId {
        self.own.as_ref().map_or(EntityId::NONE, |(entity, _)| *entity)
    }
}

/// Appends everything before the cell blocks.
///
/// Panics when there are more than [`EVENTS_PER_SNAPSHOT_MAX`] events, or no status in a keyframe: bugs of the caller.
pub fn encode_head<M: Record, O: Record, E: Record>(
    header: &Header,
    own: Option<(EntityId, O)>,
    events: impl Iterator<Item = (Tick, E)>,
    status: Option<&M>,
    out: &mut Vec<u8>,
) {
    assert!(
        header.base_ticks.is_some() || status.is_some(),
        "a keyframe leaves nothing out"
    );
    let flag = |bit, set: bool| if set { bit } else { 0 };
    let flags = flag(SLIPPED, header.slipped)
        | flag(KEYFRAME, header.base_ticks.is_none())
        | flag(STATUS, status.is_some())
        | flag(OWN, own.is_some());
    let base = header.base_ticks.map_or(0, NonZeroU8::get);
    out.push(KIND);
    out.extend_from_slice(&header.tick.0.to_le_bytes());
    out.extend_from_slice(&[header.slack as u8, flags, base]);
    if let Some((entity, own)) = own {
        out.extend_from_slice(&entity.0.to_le_bytes());
        own.encode(out);
    }
    encode_events(header.tick, events, out);
    if let Some(status) = status {
        status.encode(out);
    }
}

fn encode_events<E: Record>(tick: Tick, events: impl Iterator<Item = (Tick, E)>, out: &mut Vec<u8>) {
    let count_at = out.len();
    out.push(0);
    for (index, (happened, event)) in events.enumerate() {
        assert!(
            index < EVENTS_PER_SNAPSHOT_MAX,
            "the events of a snapshot are bounded"
        );
        out[count_at] += 1;
        out.push(u8::try_from(tick.since(happened)).unwrap_or(u8::MAX));
        event.encode(out);
    }
}

/// Everything before the cell blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head<M, O, E> {
    pub(crate) header: Header,
    pub(crate) own: Option<(EntityId, O)>,
    pub(crate) events: Vec<(u8, E)>,
    /// There is one in a keyframe.
    pub(crate) status: Option<M>,
}

impl<M: Record, O: Record, E: Record> Head<M, O, E> {
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (header, flags) = decode_header(reader)?;
        let own = match flags & OWN {
            0 => None,
            _ => Some((EntityId(reader.u16()?), O::decode(reader)?)),
        };
        let event_count = usize::from(reader.u8()?);
        let event_count = reader.check_count("events", event_count, EVENTS_PER_SNAPSHOT_MAX, 1)?;
        let mut events = Vec::with_capacity(event_count);
        for _ in 0..event_count {
            events.push((reader.u8()?, E::decode(reader)?));
        }
        let status = match flags & STATUS {
            0 => None,
            _ => Some(M::decode(reader)?),
        };
        Ok(Self {
            header,
            own,
            events,
            status,
        })
    }
}

/// The header, and the flags that tell what else is there.
fn decode_header(reader: &mut Reader<'_>) -> Result<(Header, u8), DecodeError> {
    let unknown = |what, found| Err(DecodeError::Unknown { what, found });
    let kind = reader.u8()?;
    if kind != KIND {
        return unknown("snapshot kind", kind.into());
    }
    let (tick, slack) = (Tick(reader.u32()?), reader.i8()?);
    let (flags, base) = (reader.u8()?, reader.u8()?);
    let is_keyframe = flags & KEYFRAME != 0;
    if flags & !(SLIPPED | KEYFRAME | STATUS | OWN) != 0 || (is_keyframe && flags & STATUS == 0) {
        return unknown("snapshot flags", flags.into());
    }
    if is_keyframe != (base == 0) || u32::from(base) > tick.0 {
        return unknown("snapshot base", base.into());
    }
    let header = Header {
        tick,
        slack,
        slipped: flags & SLIPPED != 0,
        base_ticks: NonZeroU8::new(base),
    };
    Ok((header, flags))
}
