use serde_json::{Value, json};
use shared::arena::event::{EndCause, Event};
use shared::arena::projectile::Flight;
use shared::arena::state::{Body, PlayerState};
use shared::arena::status::{Phase, Status};
use shared::arena::team::Team;
use shared::arena::weapon::WeaponId;
use shared::chunk::DeltaRecord;
use shared::ids::EntityId;
use shared::record::Reader;
use shared::snapshot::SLACK_UNKNOWN;
use shared::tick::Tick;

use crate::check_file;
use crate::codec::{from_hex, hex};
use crate::story::{Entities, Head, Story, changed, forgotten, full, older, state_value};

const STATUS: Status = Status {
    phase: Phase::Live,
    round: 513,
    ends: Tick(70_000),
    teams: None,
};

fn body(x: u16, y: u16, vx: i16, vy: i16) -> PlayerState {
    PlayerState {
        body: Body { x, y, vx, vy },
        aim: 64,
        health: 100,
        alive: true,
        ..PlayerState::default()
    }
}

fn entities(of: &[(u16, PlayerState)]) -> Entities {
    of.iter().map(|&(id, state)| (EntityId(id), state)).collect()
}

/// People who stand in a row.
fn crowd(ids: impl IntoIterator<Item = u16>) -> Entities {
    ids.into_iter()
        .map(|id| (EntityId(id), body(id, 7, 0, 0)))
        .collect()
}

fn keyframe(tick: u32) -> Head {
    Head {
        tick,
        slack: 5,
        own: Some((2, 30)),
        status: Some(STATUS),
        ..Head::default()
    }
}

fn after(tick: u32, base: u8) -> Head {
    Head {
        tick,
        base,
        own: Some((2, 0)),
        ..Head::default()
    }
}

fn events() -> Vec<Event> {
    let (one, two) = (EntityId(2), EntityId(513));
    let ended = |key, cause| Event::Ended {
        key,
        x: 3,
        y: 65_535,
        cause,
    };
    vec![
        Event::Spawned {
            entity: one,
            x: 1,
            y: 65_535,
        },
        Event::Fired {
            key: 65_535,
            owner: two,
            flight: Flight::new(1, 256, -14_400, 14_399),
        },
        ended(1, EndCause::Expired),
        ended(256, EndCause::Wall),
        ended(65_535, EndCause::Player),
        Event::Hit {
            victim: one,
            attacker: two,
            damage: 14,
            weapon: WeaponId::Pulse,
        },
        Event::Killed {
            victim: two,
            killer: one,
            weapon: WeaponId::Rail,
            streak: 127,
            shutdown: true,
        },
        Event::PickedUp {
            pickup: 31,
            by: two,
            back: Tick(70_000),
        },
        Event::RailCharging { owner: two },
        Event::RailFired {
            owner: one,
            from: (1, 256),
            to: (65_535, 2),
            hit: EntityId::NONE,
        },
        Event::RailFired {
            owner: two,
            from: (3, 4),
            to: (5, 6),
            hit: one,
        },
    ]
}

/// One player after the other takes a form of the difference.
fn differences() -> Vec<(PlayerState, PlayerState, u32)> {
    let base = body(1000, 2000, 5120, -2560);
    let still = body(1000, 1000, 0, 0);
    let with = |change: &dyn Fn(&mut PlayerState)| {
        let mut state = still;
        change(&mut state);
        state
    };
    vec![
        // 171 and -85 steps in each tick.
        (base, body(1513, 1745, 5120, -2560), 3),
        (base, body(1520, 1737, 5120, -2560), 3),
        (base, body(1505, 1752, 5120, -2560), 3),
        (base, body(1521, 1745, 5120, -2560), 3),
        (base, body(1513 - 128, 1745 + 127, 5120, -2560), 3),
        (base, body(1513, 1745 + 128, 5120, -2560), 3),
        (base, body(1171, 1915, 5120, -2560), 1),
        (base, body(1000 + 200 * 171, 50_536, 5120, -2560), 200),
        (base, body(0, 65_535, 5120, -2560), 255),
        // The old velocity counts for one tick less, the new one for one more.
        (base, body(1171, 1916, 0, 0), 3),
        (base, body(1000, 2000, 0, 0), 1),
        (still, body(1135, 865, 2047, -2048), 3),
        (still, body(1068, 932, 2047, -2048), 1),
        (still, body(1000, 1000, -1, 1), 3),
        (still, body(999, 1000, -1, 1), 3),
        (still, body(1135, 1000, 2048, 0), 3),
        (
            body(0, 0, i16::MAX, i16::MIN),
            body(0, 0, i16::MIN, i16::MAX),
            255,
        ),
        // Halves are rounded up, and the ends of the grid are passed.
        (body(0, 9, 15, -15), body(3, 9, 15, -15), 3),
        (body(0, 9, 14, -16), body(0, 6, 14, -16), 3),
        (body(65_535, 0, 1280, -16), body(128, 65_533, 1280, -16), 3),
        (body(40_000, 9, 32_000, -10), body(62_407, 9, 32_000, -10), 21),
        (body(40_000, 9, 32_000, -10), body(42_752, 9, 32_000, -10), 64),
        (still, with(&|state| state.aim = 255), 3),
        (still, with(&|state| state.health = 86), 1),
        (still, with(&|state| state.shielded = true), 1),
        (still, with(&|state| state.dashing = true), 1),
        (
            still,
            with(&|state| {
                state.health = 0;
                state.alive = false;
            }),
            1,
        ),
        (still, with(&|state| state.score = 65_535), 200),
        (still, with(&|state| state.kills = 255), 200),
        (still, with(&|state| state.deaths = 1), 200),
        (
            still,
            PlayerState {
                body: body(60_000, 50_000, 5120, -5120).body,
                aim: 1,
                health: 99,
                alive: true,
                shielded: true,
                dashing: true,
                score: 258,
                kills: 3,
                deaths: 4,
                assists: 5,
                armor: 50,
                overcharged: true,
                team: Some(Team::Orange),
            },
            3,
        ),
        (still, with(&|state| state.armor = 255), 3),
        (with(&|state| state.armor = 36), still, 3),
        (still, with(&|state| state.overcharged = true), 3),
        (still, with(&|state| state.team = Some(Team::Blue)), 3),
        (still, with(&|state| state.assists = 1), 200),
    ]
}

/// Bytes that are no difference: an unused bit, flags without a meaning, armor of nothing, and what is cut off.
const NO_DIFFERENCES: [&str; 10] = [
    "",
    "80",
    "200180",
    "200140",
    "20010900",
    "01",
    "0201",
    "03010203",
    "040102",
    "4001020304",
];

fn difference_rows() -> Vec<Value> {
    let mut rows = Vec::new();
    for (base, now, ticks) in differences() {
        let mut bytes = Vec::new();
        now.encode_delta(&base, ticks, &mut bytes);
        let mut reader = Reader::new(&bytes);
        assert_eq!(
            PlayerState::decode_delta(&mut reader, &base, ticks).as_ref(),
            Ok(&now)
        );
        assert_eq!(reader.finish(), Ok(()));
        rows.push(json!({
            "kind": "delta", "base": state_value(&base), "ticks": ticks, "bytes": hex(&bytes), "value": state_value(&now),
        }));
    }
    let base = body(1000, 2000, 5120, -2560);
    for bytes in NO_DIFFERENCES {
        let decoded = PlayerState::decode_delta(&mut Reader::new(&from_hex(bytes)), &base, 3);
        assert!(decoded.is_err(), "{bytes} is accepted");
        rows.push(json!({ "kind": "delta", "base": state_value(&base), "ticks": 3, "bytes": bytes, "error": "malformed" }));
    }
    rows
}

/// One cell, as in a small match.
fn usual() -> Story {
    let mut story = Story::new("a small match");
    let dead = PlayerState {
        alive: false,
        health: 0,
        score: 300,
        ..body(1, 2, -1, i16::MIN)
    };
    let first = entities(&[(2, body(1000, 2000, 5120, 0)), (513, dead)]);
    let start = Head {
        slack: SLACK_UNKNOWN,
        events: [0, 1, 3, 59, 200, 255, 255, 254]
            .into_iter()
            .zip(events())
            .collect(),
        ..keyframe(600)
    };
    story.shows(&start, &[full(0, &first)], &[(0, &first)]);
    let second = entities(&[(2, body(1513, 2001, 5120, 16)), (513, dead)]);
    story.shows(&after(603, 3), &[changed(0, &first, &second, 3)], &[(0, &second)]);
    story.shows(&after(606, 3), &[], &[(0, &second)]);
    story.shows(
        &after(609, 3),
        &[changed(0, &second, &second, 3)],
        &[(0, &second)],
    );
    let third = entities(&[(2, second[0].1), (3, body(9, 9, 0, 0)), (600, body(8, 8, 0, 0))]);
    let with_status = Head {
        slack: -6,
        slipped: true,
        status: Some(Status {
            phase: Phase::Results,
            teams: Some([0, 65_535]),
            ..STATUS
        }),
        ..after(615, 6)
    };
    story.shows(&with_status, &[changed(0, &second, &third, 6)], &[(0, &third)]);
    let watcher = Head {
        own: None,
        events: vec![(255, events()[5])],
        ..after(870, 255)
    };
    story.shows(&watcher, &[changed(0, &third, &vec![], 255)], &[]);
    story
}

fn cells() -> Story {
    let mut story = Story::new("cells");
    let (walker, there) = (body(4096, 100, -5120, 0), body(9000, 9000, 0, 0));
    let (left, right) = (entities(&[(1, there), (2, walker)]), entities(&[(7, there)]));
    story.shows(
        &keyframe(3),
        &[full(4, &left), full(255, &right), full(9, &vec![])],
        &[(4, &left), (255, &right)],
    );
    // Somebody crosses a border, in whichever order the two cells come.
    let (alone, both) = (entities(&[(1, there)]), entities(&[(2, walker), (7, there)]));
    story.shows(
        &after(6, 3),
        &[changed(255, &right, &both, 3), changed(4, &left, &alone, 3)],
        &[(4, &alone), (255, &both)],
    );
    story.shows(
        &after(9, 3),
        &[changed(4, &alone, &left, 3), changed(255, &both, &right, 3)],
        &[(4, &left), (255, &right)],
    );
    story.shows(
        &after(12, 3),
        &[full(4, &alone), changed(255, &right, &both, 3)],
        &[(4, &alone), (255, &both)],
    );
    // The cell is shown in full without somebody who is known elsewhere by now, and with somebody who was elsewhere.
    let moved = entities(&[(1, body(9001, 9000, 0, 0)), (2, walker)]);
    story.shows(
        &after(15, 3),
        &[full(4, &moved), changed(255, &both, &right, 3)],
        &[(4, &moved), (255, &right)],
    );
    story.shows(&after(18, 3), &[forgotten(4)], &[(255, &right)]);
    story.shows(&after(21, 3), &[forgotten(4), forgotten(77)], &[(255, &right)]);
    // Not told of for 15 ticks: what changed since then.
    let later = entities(&[(7, body(9000, 9003, 0, 16)), (8, walker)]);
    story.shows(
        &after(24, 3),
        &[older(255, &right, &later, 15), full(3, &alone)],
        &[(3, &alone), (255, &later)],
    );
    let left_behind = entities(&[(8, walker)]);
    story.shows(
        &after(27, 3),
        &[older(255, &later, &left_behind, 255)],
        &[(3, &alone), (255, &left_behind)],
    );
    story.shows(&keyframe(30), &[full(0, &both)], &[(0, &both)]);
    story.shows(&keyframe(33), &[], &[]);
    story
}

fn many() -> Story {
    let mut story = Story::new("many, and far between");
    let gaps = crowd([0, 63, 127, 192, 300, 65_534, 65_535]);
    story.shows(&keyframe(0), &[full(0, &gaps)], &[(0, &gaps)]);
    let some = crowd(0..62);
    story.shows(&keyframe(3), &[full(0, &some)], &[(0, &some)]);
    let more = crowd(62..125);
    story.shows(
        &after(6, 3),
        &[changed(1, &vec![], &more, 3)],
        &[(0, &some), (1, &more)],
    );
    let bounced = more.iter().map(|&(id, _)| (id, body(id.0, 8, 0, 0))).collect();
    story.shows(
        &after(9, 3),
        &[
            older(1, &more, &bounced, 3),
            changed(0, &some, &crowd([70_u16 - 9]), 3),
        ],
        &[(0, &crowd([61])), (1, &bounced)],
    );
    let most = Head {
        events: (0..=254).map(|age| (age, events()[6])).collect(),
        ..keyframe(300)
    };
    story.shows(&most, &[], &[]);
    story
}

fn out_of_step() -> Story {
    let mut story = Story::new("out of step");
    let first = entities(&[(2, body(10, 10, 0, 0)), (3, body(11, 11, 0, 0))]);
    let second = entities(&[(2, body(12, 10, 0, 0)), (3, body(11, 13, 0, 0))]);
    let step = [after(603, 3).bytes(), changed(0, &first, &second, 3)].concat();
    story.fails("nothing came before", false, &step);
    story.fails("not even something empty", false, &after(3, 3).bytes());
    story.shows(&keyframe(600), &[full(0, &first)], &[(0, &first)]);
    for (why, head) in [("against a later one", 605), ("against an earlier one", 602)] {
        let bytes = [after(head, 3).bytes(), changed(0, &first, &second, 3)].concat();
        story.fails(why, false, &bytes);
    }
    for (why, base) in [
        ("somebody unknown changes", crowd([4])),
        ("another cell has the one that changes", crowd([2])),
        ("the first changes, and then somebody unknown", crowd([2, 4])),
    ] {
        let now = base.iter().map(|&(id, _)| (id, body(id.0, 99, 0, 0))).collect();
        let cell = u8::from(base == crowd([2]));
        let bytes = [after(603, 3).bytes(), changed(cell, &base, &now, 3)].concat();
        story.fails(why, false, &bytes);
    }
    let blocks = [forgotten(0), older(1, &first, &second, 9)];
    story.fails(
        "a cell that is older than known",
        false,
        &[after(603, 3).bytes(), blocks.concat()].concat(),
    );
    story.shows(&after(603, 3), &[changed(0, &first, &second, 3)], &[(0, &second)]);
    story.fails("the same again", false, &step);
    story.shows(&keyframe(30), &[full(0, &first)], &[(0, &first)]);
    story
}

fn hostile() -> Story {
    let mut story = Story::new("bytes that mean nothing");
    let known = entities(&[(2, body(10, 10, 0, 0)), (3, body(11, 11, 0, 0))]);
    story.shows(&keyframe(600), &[full(0, &known)], &[(0, &known)]);
    let head = after(603, 3).bytes();
    let patched = |at: usize, byte: u8| {
        let mut bytes = head.clone();
        bytes[at] = byte;
        bytes
    };
    story.fails("no byte", true, &[]);
    story.fails("another kind", true, &patched(0, 1));
    story.fails("a flag without a meaning", true, &patched(6, 0x18));
    story.fails("a keyframe with a base", true, &patched(6, 0x0e));
    story.fails("a keyframe without a status", true, &patched(6, 0x0a));
    story.fails("no keyframe and no base", true, &patched(7, 0));
    story.fails("a base before the first tick", true, &after_tick_two());
    for cut in 1..head.len() {
        story.fails("the head is cut off", true, &head[..cut]);
    }
    story.fails("more events than bytes", true, &patched(11, 255));
    story.fails(
        "an event of no kind",
        true,
        &[head[..11].to_vec(), vec![1, 0, 0]].concat(),
    );
    story.fails("a status that is cut off", true, &patched(6, 0x0c));
    let blocks = |story: &mut Story, why: &str, blocks: &str| {
        story.fails(why, true, &[head.clone(), from_hex(blocks)].concat());
    };
    blocks(&mut story, "a block without a head", "00");
    blocks(&mut story, "a block without its chunks", "0004");
    blocks(&mut story, "a block without its count", "00fc3f");
    blocks(&mut story, "a block of more chunks than bytes", "00fc0001020202");
    blocks(&mut story, "a block of more chunks than there may be", "00fdffff");
    blocks(&mut story, "an older cell without its age", "0003");
    blocks(&mut story, "an older cell of now", "000300");
    blocks(&mut story, "a forgotten cell with a chunk", "000602");
    blocks(&mut story, "a cell twice", "0500010005000200");
    blocks(&mut story, "an op without a meaning", "00040b");
    blocks(&mut story, "an id that comes again", "0008fe0200fe0200");
    blocks(&mut story, "an id that goes back", "0008fe0300fe0200");
    blocks(&mut story, "an id that is no u16", "0008feffff02");
    blocks(&mut story, "an id that is cut off", "0004fe02");
    blocks(&mut story, "a difference in a full cell", "00050800");
    blocks(&mut story, "somebody leaves a full cell", "00050a");
    blocks(&mut story, "a difference with an unused bit", "00040880");
    blocks(&mut story, "a difference that is cut off", "00040803");
    blocks(&mut story, "a whole record that is cut off", "0104090102");
    blocks(&mut story, "good blocks, then a bad one", "0004080101010000");
    let key = keyframe(603).bytes();
    for (why, block) in [
        ("a keyframe with changes", "0000"),
        ("a keyframe with an older cell", "000301"),
        ("a keyframe that forgets", "0002"),
    ] {
        story.fails(why, true, &[key.clone(), from_hex(block)].concat());
    }
    let crowded = [full(1, &crowd(100..1122)), full(2, &crowd([5000]))];
    story.fails(
        "more entities than there may be",
        true,
        &[head.clone(), crowded.concat()].concat(),
    );
    story.shows(&after(603, 3), &[], &[(0, &known)]);
    story
}

/// Tick 2 with a base 3 ticks before, which no encoder writes.
fn after_tick_two() -> Vec<u8> {
    let mut bytes = after(3, 3).bytes();
    bytes[1] = 2;
    bytes
}

#[test]
fn snapshots_match_the_golden_vectors() {
    let mut rows = difference_rows();
    let stories = [usual(), cells(), many(), out_of_step(), hostile()];
    rows.extend(stories.map(Story::told));
    let head = json!({ "own": "u16 entity, then one byte that stands for the record of the game" });
    check_file("snapshot.json", &head, &rows);
}
