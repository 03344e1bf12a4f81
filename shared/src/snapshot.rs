//! The bytes of one `snapshot` event: what one client may see at one tick.
//!
//! ```text
//! 0      1        5       6       8       9
//! +------+--------+-------+-------+-------+-------------+--------+--------+-----------------------+
//! | kind | tick   | slack | own   | flags | event block | status | count  | count entities        |
//! +------+--------+-------+-------+-------+-------------+--------+--------+-----------------------+
//!   u8=1   u32      i8      u16     u8      see below     record   u16      each: u16 entity, record
//!                                                         \_________ the same for all clients _____/
//! event block:  u8 count, then for each event: u8 age in ticks (255 = that or older), event
//! ```
//!
//! `slack` says how early the client's last inputs came, in quarters of a tick: 0 is just in time, negative is too
//! late, [`SLACK_UNKNOWN`] is "no input yet". `own` is the entity of the receiver, [`EntityId::NONE`] for a watcher.
//! Bit 0 of `flags`: the server has dropped time since the last snapshot and clocks must follow.
//!
//! Status and entities are encoded once for a match and copied behind the header of each client.

use crate::ids::EntityId;
use crate::limits::{ENTITIES_MAX, EVENTS_PER_SNAPSHOT_MAX};
use crate::record::{DecodeError, Reader, Record};
use crate::tick::Tick;

/// First byte of a snapshot that shows everything.
pub const KIND_FULL: u8 = 1;

/// `slack` of a client that has sent no input.
pub const SLACK_UNKNOWN: i8 = i8::MIN;

const FLAG_SLIPPED: u8 = 1;

/// What differs from client to client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The tick that the state belongs to.
    pub tick: Tick,
    /// Quarters of a tick, see above.
    pub slack: i8,
    /// The receiver's own entity.
    pub own: EntityId,
    /// The server dropped time since the last snapshot.
    pub slipped: bool,
}

/// A decoded snapshot; `M` is the status record of the match, `S` the state record and `E` the event of the game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<M, S, E> {
    /// What differs from client to client.
    pub header: Header,
    /// What happened since the last snapshot that this client took, with its age in ticks.
    pub events: Vec<(u8, E)>,
    /// What belongs to the match and to no entity.
    pub status: M,
    /// Every entity the client may see, in ascending order of id.
    pub entities: Vec<(EntityId, S)>,
}

/// Appends header and event block.
///
/// Panics when there are more than [`EVENTS_PER_SNAPSHOT_MAX`] events: the queue they come from has that bound.
pub fn encode_header<'a, E: Record>(
    header: &Header,
    events: impl ExactSizeIterator<Item = &'a (Tick, E)>,
    out: &mut Vec<u8>,
) {
    assert!(
        events.len() <= EVENTS_PER_SNAPSHOT_MAX,
        "the event queue of a client is bounded"
    );
    out.push(KIND_FULL);
    out.extend_from_slice(&header.tick.0.to_le_bytes());
    out.push(header.slack as u8);
    out.extend_from_slice(&header.own.0.to_le_bytes());
    out.push(if header.slipped { FLAG_SLIPPED } else { 0 });
    out.push(events.len() as u8);
    for (tick, event) in events {
        out.push(u8::try_from(header.tick.since(*tick)).unwrap_or(u8::MAX));
        event.encode(out);
    }
}

/// Appends the block that all clients of a match share.
///
/// Panics when there are more than [`ENTITIES_MAX`] entities: the match keeps that bound.
pub fn encode_body<M: Record, S: Record>(status: &M, entities: &[(EntityId, S)], out: &mut Vec<u8>) {
    assert!(
        entities.len() <= ENTITIES_MAX,
        "a match keeps the bound of entities"
    );
    status.encode(out);
    out.extend_from_slice(&(entities.len() as u16).to_le_bytes());
    for (entity, state) in entities {
        out.extend_from_slice(&entity.0.to_le_bytes());
        state.encode(out);
    }
}

/// Reads a whole `snapshot` event.
pub fn decode<M: Record, S: Record, E: Record>(bytes: &[u8]) -> Result<Snapshot<M, S, E>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let header = decode_header(&mut reader)?;
    let event_count = usize::from(reader.u8()?);
    let event_count = reader.check_count("events", event_count, EVENTS_PER_SNAPSHOT_MAX, 2)?;
    let mut events = Vec::with_capacity(event_count);
    for _ in 0..event_count {
        events.push((reader.u8()?, E::decode(&mut reader)?));
    }
    let status = M::decode(&mut reader)?;
    let entity_count = usize::from(reader.u16()?);
    let entity_count = reader.check_count("entities", entity_count, ENTITIES_MAX, 2)?;
    let mut entities = Vec::with_capacity(entity_count);
    for _ in 0..entity_count {
        entities.push((EntityId(reader.u16()?), S::decode(&mut reader)?));
    }
    reader.finish()?;
    Ok(Snapshot {
        header,
        events,
        status,
        entities,
    })
}

fn decode_header(reader: &mut Reader<'_>) -> Result<Header, DecodeError> {
    let kind = reader.u8()?;
    if kind != KIND_FULL {
        return Err(DecodeError::Unknown {
            what: "snapshot kind",
            found: kind.into(),
        });
    }
    let tick = Tick(reader.u32()?);
    let slack = reader.i8()?;
    let own = EntityId(reader.u16()?);
    let flags = reader.u8()?;
    if flags & !FLAG_SLIPPED != 0 {
        return Err(DecodeError::Unknown {
            what: "snapshot flags",
            found: flags.into(),
        });
    }
    Ok(Header {
        tick,
        slack,
        own,
        slipped: flags & FLAG_SLIPPED != 0,
    })
}
