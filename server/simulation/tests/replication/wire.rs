//! The bytes of a snapshot of the plain, read without anything of the crates under test.

use shared::ids::EntityId;
use shared::tick::Tick;

pub(crate) struct Read {
    pub(crate) tick: Tick,
    pub(crate) is_keyframe: bool,
    pub(crate) blocks: Vec<Block>,
}

pub(crate) struct Block {
    pub(crate) cell: u8,
    pub(crate) is_forgotten: bool,
    /// Entities of which anything is said but that they are not here.
    pub(crate) shown: Vec<EntityId>,
}

const OWN_BYTES: usize = 2 + 4;
const EVENT_BYTES: usize = 1 + 9;
const FULL_BYTES: usize = 5;
const DELTA_BYTES: usize = 7;

pub(crate) fn read(mut bytes: &[u8]) -> Read {
    assert_eq!(bytes[0], 2);
    let tick = Tick(u32::from_le_bytes(bytes[1..5].try_into().unwrap()));
    let flags = bytes[6];
    assert_eq!(flags & 8, 8, "everybody has an entity");
    bytes = &bytes[8 + OWN_BYTES..];
    bytes = &bytes[1 + EVENT_BYTES * usize::from(bytes[0])..];
    let mut blocks = Vec::new();
    while !bytes.is_empty() {
        blocks.push(block(&mut bytes));
    }
    Read {
        tick,
        is_keyframe: flags & 2 != 0,
        blocks,
    }
}

fn block(bytes: &mut &[u8]) -> Block {
    let (cell, head) = (byte(bytes), byte(bytes));
    let mode = head & 3;
    if mode == 3 {
        byte(bytes);
    }
    let count = match head >> 2 {
        63 => number(bytes),
        count => count.into(),
    };
    let mut shown = Vec::new();
    let mut next = 0;
    for _ in 0..count {
        let head = byte(bytes);
        let id = match head >> 2 {
            63 => number(bytes),
            gap => next + u16::from(gap),
        };
        next = id + 1;
        let length = match head & 3 {
            0 => DELTA_BYTES,
            1 => FULL_BYTES,
            _ => 0,
        };
        if length > 0 {
            shown.push(EntityId(id));
        }
        *bytes = &bytes[length..];
    }
    Block {
        cell,
        is_forgotten: mode == 2,
        shown,
    }
}

fn byte(bytes: &mut &[u8]) -> u8 {
    let (&first, rest) = bytes.split_first().unwrap();
    *bytes = rest;
    first
}

fn number(bytes: &mut &[u8]) -> u16 {
    u16::from_le_bytes([byte(bytes), byte(bytes)])
}
