use std::sync::{Arc, Mutex};

use arena::Arena;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::message::MatchEnd;
use simulation::recording::sink::{Lost, Recording, RecordingSink};
use simulation::replay::{self, Outcome, Progress, ReplayError};

use crate::shuffled::Shuffled;
use crate::table::{Table, quick};

/// Keeps a recording in memory.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl RecordingSink for Tape {
    fn write(&mut self, mut bytes: Vec<u8>) -> Result<(), Lost> {
        self.0.lock().unwrap().append(&mut bytes);
        Ok(())
    }

    fn finish(self: Box<Self>) {}
}

impl Tape {
    fn recording(&self) -> Option<Recording> {
        Some(Recording {
            sink: Box::new(self.clone()),
            bytes_max: u64::MAX,
        })
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

/// A minute of people and bots who come, fight on several maps, and go; gives the deaths that the first of them was told of.
fn play(mut table: Table) -> usize {
    for second in 0..60_u32 {
        if second % 10 == 0 {
            table.join();
        }
        if second % 13 == 12 {
            table.leave();
        }
        for tick in 0..60_u32 {
            let inputs: Vec<Input> = (0..table.people.len() as u32)
                .map(|person| Input {
                    fire: (tick + person) % 3 == 0,
                    rail: (tick + person) % 29 == 3,
                    dash: (tick + person) % 41 == 7,
                    move_x: ((tick / 9 + person) * 40) as i8,
                    move_y: (second * 25) as i8,
                    aim: (second * 6000 + tick * 100 * person) as u16,
                })
                .collect();
            table.step(&inputs);
        }
    }
    table.close(MatchEnd::Closed);
    table
        .ticks_of(|event| matches!(event, Event::Killed { .. }))
        .len()
}

fn replay_all(bytes: &[u8]) -> Result<Outcome, ReplayError> {
    let mut replay = replay::open::<Arena>(bytes).unwrap_or_else(|error| panic!("{error}"));
    loop {
        if let Progress::Done(outcome) = replay.advance(1000)? {
            return Ok(outcome);
        }
    }
}

#[test]
fn a_recorded_match_with_people_and_bots_is_played_again_from_the_start() {
    let tape = Tape::default();
    let deaths = play(Table::recorded::<Arena>(quick(), 6, 42, tape.recording()));
    assert!(deaths > 10, "they fought: {deaths}");
    let bytes = tape.bytes();
    assert!(
        bytes.len() < 60 * 1024,
        "about a kilobyte a second: {}",
        bytes.len()
    );
    let outcome = replay_all(&bytes).unwrap();
    assert!(outcome.status.tick.0 >= 3600 && outcome.status.players.len() >= 6);
}

#[test]
fn the_same_match_with_its_systems_in_another_order_has_the_same_frames() {
    let (tape, shuffled) = (Tape::default(), Tape::default());
    play(Table::recorded::<Arena>(quick(), 6, 42, tape.recording()));
    play(Table::recorded::<Shuffled>(
        (quick(), 3),
        6,
        42,
        shuffled.recording(),
    ));
    let (bytes, other) = (tape.bytes(), shuffled.bytes());
    // The header of the second holds the seed of the order, and the checksum covers it.
    let frames = bytes.len() - 2048;
    assert!(frames > 10_000);
    assert_eq!(
        bytes[bytes.len() - frames..bytes.len() - 8],
        other[other.len() - frames..other.len() - 8]
    );
}
