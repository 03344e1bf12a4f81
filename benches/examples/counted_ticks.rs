//! A known amount of work, for a program that counts instructions: `tests/counts` of the project runs it under callgrind.
//!
//! | `counted_ticks` | what it does |
//! |---|---|
//! | `tick N` | N ticks of a match of sixteen: fifteen bots who fight, and a person who stands and takes every snapshot |
//! | `encode N` | N times the changes of sixteen players who all run |
//! | `decode N` | N messages with the inputs of two ticks |
//!
//! Nothing of it depends on a clock or on chance.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

use arena::{Arena, Config, PhaseLengths};
use shared::arena::input::Input;
use shared::arena::state::{Body, PlayerState};
use shared::chunk::encode_delta;
use shared::ids::{EntityId, MatchId};
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::tick::{SNAPSHOT_INTERVAL_TICKS, Tick};
use simulation::handle::{Started, start};
use simulation::settings::MatchSettings;
use simulation::simulation::{Flow, MatchStart};
use simulation::stats::Stats;

#[path = "../seating.rs"]
mod seating;

use seating::{Nobody, ask_to_join, endless};

const PLAYERS: usize = 16;

/// Before anything is counted: so many that everybody has met somebody.
const TICKS_BEFORE: u32 = 600;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (what, count) = (args.next().ok_or("what?")?, args.next().ok_or("how often?")?);
    let count: u32 = count.parse()?;
    match what.as_str() {
        "tick" => tick(count),
        "encode" => encode(count),
        "decode" => decode(count),
        _ => return Err("tick, encode or decode".into()),
    }
    Ok(())
}

/// Live from the second tick on, without an end.
fn fight() -> Started {
    let phases = PhaseLengths {
        warm_up_ticks: 1,
        countdown_ticks: 1,
        live_ticks: u32::MAX,
        ..PhaseLengths::default()
    };
    start::<Arena>(MatchStart {
        id: MatchId(1),
        config: Config {
            kills_to_win: u8::MAX,
            phases,
            ..Config::default()
        },
        seed: 1,
        settings: MatchSettings {
            fill_to: PLAYERS,
            ..endless(PLAYERS)
        },
        sink: Arc::new(Nobody),
        stats: Arc::<Stats>::default(),
        recording: None,
    })
}

fn tick(count: u32) {
    let mut started = fight();
    let (answer, mailbox) = ask_to_join(&started);
    let mut packet = Vec::new();
    assert_eq!(started.running.step(), Flow::Running);
    let player = answer.recv().expect("every join is answered");
    let mut snapshots_count = 0;
    for tick in 1..TICKS_BEFORE + count {
        if tick.is_multiple_of(2) {
            packet.clear();
            let seen = Tick(tick - tick % u32::from(SNAPSHOT_INTERVAL_TICKS));
            let inputs = vec![Input::NEUTRAL; 2];
            InputPacket::new(seen, Tick(tick + 2), inputs, VIEW_AGE_UNKNOWN).encode(&mut packet);
            assert_eq!(started.handle.submit(player, &packet, None), Ok(()));
        }
        assert_eq!(started.running.step(), Flow::Running);
        snapshots_count += u32::from(black_box(mailbox.take()).is_some());
    }
    assert!(snapshots_count >= count / u32::from(SNAPSHOT_INTERVAL_TICKS));
}

/// Everybody has run on, and is a step beside where that leads to.
fn players(ran: u16) -> Vec<(EntityId, PlayerState)> {
    let player = |index: u16| PlayerState {
        body: Body {
            x: index * 300 + 515 * ran,
            y: 1000 + index * 200 - 52 * ran,
            vx: 5120,
            vy: -512,
        },
        aim: index as u8 + ran as u8,
        alive: true,
        ..PlayerState::default()
    };
    (0..PLAYERS as u16)
        .map(|index| (EntityId(index), player(index)))
        .collect()
}

fn encode(count: u32) {
    let (base, now) = (players(0), players(1));
    let mut bytes = Vec::new();
    for _ in 0..count {
        bytes.clear();
        encode_delta(black_box(&base), black_box(&now), 3, &mut bytes);
    }
    assert!(!bytes.is_empty());
}

fn decode(count: u32) {
    let input = Input {
        fire: true,
        move_x: 127,
        aim: 12_345,
        ..Input::NEUTRAL
    };
    let mut bytes = Vec::new();
    InputPacket::new(Tick(997), Tick(1003), vec![input; 2], 24).encode(&mut bytes);
    for _ in 0..count {
        let decoded = InputPacket::<Input>::decode(black_box(&bytes));
        assert!(black_box(decoded).is_ok());
    }
}
