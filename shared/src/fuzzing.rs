//! What is done with bytes that come from anywhere: each function reads them and asserts what must hold, whatever they
//! are. `shared/tests/fuzz.rs` calls them with mutations of the golden vectors in every test run, and the libFuzzer
//! targets in `shared/fuzz/` for as long as one likes. No part of the interface.

use std::collections::BTreeMap;

use crate::arena::Replica;
use crate::arena::event::Event;
use crate::arena::input::Input;
use crate::block::{BlockHead, Mode};
use crate::chunk::encode_full;
use crate::input::InputPacket;
use crate::limits::ENTITIES_MAX;
use crate::record::Reader;
use crate::snapshot::{Header, encode_head};
use crate::tick::Tick;

/// The snapshots that one client is sent, each behind its length as a `u16`. One that is refused changes nothing; what is
/// known after one that is applied makes a keyframe, from which somebody else knows the same.
pub fn snapshots(data: &[u8]) {
    let mut reader = Reader::new(data);
    let mut replica = Replica::new();
    while let Ok(length) = reader.u16() {
        let length = usize::from(length).min(reader.remaining());
        let bytes = reader.bytes(length).expect("so many are left");
        let before = replica.clone();
        if replica.apply(bytes).is_err() {
            assert_eq!(replica.latest(), before.latest(), "a refused one changes nothing");
        }
    }
    if replica.latest().is_some() {
        check(&replica);
    }
}

fn check(replica: &Replica) {
    let known = replica.latest().expect("one was applied");
    assert!(known.entities.len() <= ENTITIES_MAX);
    assert!(known.entities.is_sorted_by(|(a, _), (b, _)| a < b));
    let mut copy = Replica::new();
    copy.apply(&keyframe(replica)).expect("our own keyframe applies");
    let copied = copy.latest().expect("one was applied");
    assert_eq!(copied.entities, known.entities);
    assert_eq!((copied.status, copied.own), (known.status, known.own));
    for &(entity, _) in &known.entities {
        assert_eq!(copy.cell_of(entity), replica.cell_of(entity));
    }
}

/// Everything that is known, cell by cell.
fn keyframe(replica: &Replica) -> Vec<u8> {
    let known = replica.latest().expect("one was applied");
    let mut cells: BTreeMap<u8, Vec<_>> = BTreeMap::new();
    for &(entity, state) in &known.entities {
        let cell = replica.cell_of(entity).expect("whoever is known is somewhere");
        cells.entry(cell).or_default().push((entity, state));
    }
    let header = Header {
        base_ticks: None,
        ..known.header
    };
    let mut bytes = Vec::new();
    let no_events = std::iter::empty::<(Tick, Event)>();
    encode_head(&header, known.own, no_events, Some(&known.status), &mut bytes);
    for (cell, entities) in cells {
        let mut chunks = Vec::new();
        let head = BlockHead {
            cell,
            mode: Mode::Full,
            chunk_count: encode_full(&entities, &mut chunks),
        };
        head.encode(&mut bytes);
        bytes.extend(chunks);
    }
    bytes
}

/// One input event: what is accepted is written as it came.
pub fn input(data: &[u8]) {
    let Ok(packet) = InputPacket::<Input>::decode(data) else {
        return;
    };
    assert_eq!(packet.ticked().count(), packet.inputs.len());
    let mut again = Vec::new();
    packet.encode(&mut again);
    assert_eq!(again, data, "an input has one form");
}
