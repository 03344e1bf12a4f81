use std::num::NonZeroU8;

use arena::bot::level::Level;
use shared::arena::state::Body;
use shared::arena::status::{Phase, Status};
use shared::block::{BlockHead, Mode};
use shared::chunk::{DeltaRecord, encode_full};
use shared::record::Record;
use shared::replica;
use shared::snapshot::encode_head;

use super::*;

const OWN: EntityId = EntityId(4);
const OTHER: EntityId = EntityId(9);
const INTERVAL_MS: f64 = 50.0;

/// A server that says of each snapshot what the test wants.
struct Server {
    pilot: Pilot,
    tick: Tick,
}

impl Server {
    fn new() -> Self {
        let mut pilot = Pilot::new(Brain::new(Level::Normal, 1), 10.0);
        pilot.set_map(NavMap::new(Map {
            name: "test".into(),
            width: 2000,
            height: 1500,
            walls: Vec::new(),
            ..Map::default()
        }));
        Self {
            pilot,
            tick: Tick(300),
        }
    }

    fn now_ms(&self) -> f64 {
        f64::from(self.tick.0) * TICK_MS
    }

    /// The bytes of a keyframe or of a snapshot that changes nothing, of the present tick.
    fn snapshot(&self, base_ticks: Option<u8>, slack: i8) -> Vec<u8> {
        let header = Header {
            tick: self.tick,
            slack,
            slipped: false,
            base_ticks: base_ticks.and_then(NonZeroU8::new),
        };
        let mut bytes = Vec::new();
        head_for(&self.pilot.replica, &header, &mut bytes);
        if base_ticks.is_none() {
            let entities = [OWN, OTHER].map(|entity| (entity, standing(entity)));
            BlockHead {
                cell: 0,
                mode: Mode::Full,
                chunk_count: entities.len(),
            }
            .encode(&mut bytes);
            encode_full(&entities, &mut bytes);
        }
        bytes
    }

    /// The next snapshot arrives.
    fn send(&mut self, base_ticks: Option<u8>, slack: i8) -> Result<Noticed, ApplyError> {
        self.tick = self.tick.after(SNAPSHOT_INTERVAL_TICKS.into());
        let bytes = self.snapshot(base_ticks, slack);
        self.pilot.receive(&bytes, self.now_ms())
    }

    /// What is sent when the present tick and one more interval are over.
    fn packet(&mut self, is_writable: bool) -> Option<InputPacket<Input>> {
        self.pilot.advance(self.now_ms() + INTERVAL_MS, is_writable)
    }
}

/// What only the receiver may see is not what these tests are about.
fn head_for<O: Record + Default, S: DeltaRecord>(
    _: &replica::Replica<Status, O, S, Event>,
    header: &Header,
    out: &mut Vec<u8>,
) {
    let status = Status {
        phase: Phase::Live,
        round: 0,
        ends: Tick(60_000),
        teams: None,
    };
    encode_head::<Status, O, Event>(
        header,
        Some((OWN, O::default())),
        std::iter::empty(),
        Some(&status),
        out,
    );
}

fn standing(entity: EntityId) -> PlayerState {
    PlayerState {
        body: Body {
            x: 32 * 100 * entity.0,
            y: 32 * 700,
            ..Body::default()
        },
        alive: true,
        health: 100,
        ..PlayerState::default()
    }
}

#[test]
fn nothing_is_sent_before_the_first_snapshot() {
    let mut server = Server::new();
    assert_eq!(server.packet(true), None);
    assert_eq!(server.pilot.due_in_ms(), IDLE_MS);
}

#[test]
fn inputs_are_for_ticks_to_come_and_say_what_is_seen() {
    let mut server = Server::new();
    server.send(None, SLACK_UNKNOWN).expect("it is a keyframe");
    server.send(Some(3), SLACK_UNKNOWN).expect("it is the next");
    let packet = server.packet(true).expect("two intervals are over");
    assert_eq!(packet.acked, server.tick);
    assert!(
        packet.newest.since(server.tick) >= 7,
        "the interval, and the first lead"
    );
    assert_eq!(packet.inputs.len(), 6);
    // The oldest snapshot is shown, since others are drawn an interval and a half ago.
    let shown = packet.newest.since(server.tick) + 3;
    assert_eq!(u32::from(packet.view_age), shown * u32::from(VIEW_AGE_PER_TICK));
    assert!(!packet.resync && !packet.hidden);
}

#[test]
fn what_cannot_be_applied_asks_for_a_keyframe_until_one_comes() {
    let mut server = Server::new();
    server.send(None, SLACK_UNKNOWN).expect("it is a keyframe");
    assert_eq!(server.send(Some(1), 0), Err(ApplyError::OutOfStep));
    assert!(server.packet(true).expect("inputs are due").resync);
    assert!(server.send(None, 0).expect("it is a keyframe").is_keyframe);
    assert!(!server.packet(true).expect("inputs are due").resync);
    assert!(matches!(
        server.pilot.receive(&[1, 2, 3], 0.0),
        Err(ApplyError::Malformed(_))
    ));
    assert!(server.pilot.resync);
}

#[test]
fn inputs_wait_while_the_way_is_full_and_only_the_newest_are_kept() {
    let mut server = Server::new();
    server.send(None, SLACK_UNKNOWN).expect("it is a keyframe");
    for _ in 0..20 {
        assert_eq!(server.packet(false), None);
        server.send(None, 0).expect("it is a keyframe");
    }
    let packet = server.packet(true).expect("inputs have waited");
    assert_eq!(packet.inputs.len(), INPUTS_PER_PACKET_MAX);
}

#[test]
fn an_input_is_timed_until_a_snapshot_shows_it_and_a_late_one_is_counted_instead() {
    let check = |slack, shown: bool| {
        let mut server = Server::new();
        server.send(None, SLACK_UNKNOWN).expect("it is a keyframe");
        let packet = server.packet(true).expect("inputs are due");
        let sent_ms = server.now_ms() + INTERVAL_MS;
        server.tick = packet.newest;
        let noticed = server.send(None, slack).expect("it is a keyframe");
        let took_ms = server.now_ms() - sent_ms;
        let times = vec![took_ms; packet.inputs.len()];
        let expected = if shown { (times, 0) } else { (Vec::new(), 1) };
        assert_eq!((noticed.shown_after_ms, noticed.messages_late), expected);
    };
    check(0, true);
    check(-4, false);
}

#[test]
fn a_place_that_was_not_predicted_is_a_correction() {
    let mut server = Server::new();
    let first = server.send(None, SLACK_UNKNOWN).expect("it is a keyframe");
    assert_eq!(first.correction, None);
    // It walked in its prediction, and the server says that it stood still.
    for _ in 0..20 {
        server.packet(true);
        server.send(None, 0).expect("it is a keyframe");
    }
    server.packet(true);
    let noticed = server.send(None, 0).expect("it is a keyframe");
    assert!(noticed.correction.is_some_and(|units| units > 0.0), "{noticed:?}");
}
