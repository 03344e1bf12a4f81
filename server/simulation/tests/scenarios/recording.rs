use std::sync::{Arc, Mutex, MutexGuard};

use shared::message::MatchEnd;
use shared::tick::Tick;
use simulation::recording::frame::End;
use simulation::recording::sink::{Lost, Recording, RecordingSink};
use simulation::replay;
use simulation::settings::MatchSettings;

use crate::counter::{Config, Counter};
use crate::scenario::{Client, QUIET, Scenario, add, ask_to_resume};

/// Two people or three, and bots up to five.
pub(crate) const FILLED: MatchSettings = MatchSettings {
    players_max: 6,
    fill_to: 5,
    ..QUIET
};

/// What a sink was given.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) is_whole: bool,
    /// Pieces that are refused after so many.
    pieces_max: Option<usize>,
}

/// A sink that keeps everything in memory.
#[derive(Clone, Default)]
pub(crate) struct Tape(Arc<Mutex<Kept>>);

impl Tape {
    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.kept().pieces.concat()
    }

    pub(crate) fn recording(&self, bytes_max: u64) -> Option<Recording> {
        Some(Recording {
            sink: Box::new(self.clone()),
            bytes_max,
        })
    }
}

impl RecordingSink for Tape {
    fn write(&mut self, bytes: Vec<u8>) -> Result<(), Lost> {
        let mut kept = self.kept();
        if kept.pieces_max.is_some_and(|max| kept.pieces.len() >= max) {
            return Err(Lost);
        }
        kept.pieces.push(bytes);
        Ok(())
    }

    fn finish(self: Box<Self>) {
        self.kept().is_whole = true;
    }
}

/// A recorded match with people who come, send too late and in time, are silent, come back and go.
pub(crate) struct Story {
    pub(crate) scenario: Scenario,
    people: Vec<Client>,
}

impl Story {
    pub(crate) fn new(config: Config, tape: &Tape, bytes_max: u64) -> Self {
        Self {
            scenario: Scenario::recorded(config, FILLED, tape.recording(bytes_max)),
            people: Vec::new(),
        }
    }

    pub(crate) fn play(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.step();
        }
    }

    fn step(&mut self) {
        let (scenario, people) = (&mut self.scenario, &mut self.people);
        let tick = scenario.stepped;
        if tick.is_multiple_of(50) && people.len() < 3 {
            people.push(scenario.join("Ada"));
            return;
        }
        if tick % 70 == 69 {
            people.remove(0);
        } else if tick % 90 == 45 {
            let (answer, mailbox) = ask_to_resume(&*scenario.handle, people[0].seat.player);
            scenario.step();
            let seat = answer.try_recv().unwrap().unwrap();
            people[0] = Client::new(seat, mailbox);
            return;
        }
        let late = if tick % 11 == 0 { 5 } else { 0 };
        for client in people.iter().filter(|_| tick % 31 < 25) {
            let amount = (tick / 7 % 100) as i8 - 50;
            scenario.send(client, Tick(tick + 4 - late.min(tick)), &[add(amount), add(1)]);
        }
        scenario.step();
    }
}

/// Plays the story; gives it as it stands at the end.
pub(crate) fn story(tape: &Tape, ticks: u32, bytes_max: u64) -> Story {
    let mut story = Story::new(Config::default(), tape, bytes_max);
    story.play(ticks);
    story
}

#[test]
fn a_recording_is_handed_over_each_second_and_is_whole_at_the_end() {
    let tape = Tape::default();
    let mut story = story(&tape, 20_000, u64::MAX);
    let pieces = tape.kept().pieces.len();
    assert_eq!(pieces, 20_000 / 60, "nothing waits for the end");
    assert!(!tape.kept().is_whole);
    story.scenario.running.end(MatchEnd::Closed);
    let kept = tape.kept();
    assert!(kept.is_whole);
    let stats = &story.scenario.stats;
    assert_eq!(
        (stats.recordings_finished.value(), stats.recording_bytes.value()),
        (1, kept.pieces.iter().map(|piece| piece.len() as u64).sum())
    );
}

#[test]
fn a_recording_that_reaches_its_bound_ends_whole_and_the_match_goes_on() {
    let tape = Tape::default();
    let mut story = story(&tape, 2000, 2000);
    assert!(tape.kept().is_whole);
    let bytes = tape.bytes();
    assert!((2000..2100).contains(&bytes.len()), "{}", bytes.len());
    let replay = replay::open::<Counter>(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(replay.summary().end, End::Cut);
    story.scenario.running.end(MatchEnd::Closed);
    assert_eq!(tape.bytes(), bytes, "nothing is added");
    let stats = &story.scenario.stats;
    assert_eq!(
        (stats.recordings_finished.value(), stats.recordings_cut.value()),
        (1, 1)
    );
}

#[test]
fn a_recording_that_cannot_be_kept_is_given_up_and_the_match_goes_on() {
    for pieces_max in [0, 1] {
        let tape = Tape::default();
        tape.kept().pieces_max = Some(pieces_max);
        let mut story = story(&tape, 15_000, u64::MAX);
        story.scenario.running.end(MatchEnd::Closed);
        assert!(!tape.kept().is_whole);
        assert_eq!(tape.kept().pieces.len(), pieces_max);
        let stats = &story.scenario.stats;
        assert_eq!(
            (stats.recordings_finished.value(), stats.recordings_lost.value()),
            (0, 1)
        );
    }
}

#[test]
fn a_match_that_no_shard_took_has_a_recording_without_ticks() {
    let tape = Tape::default();
    drop(story(&tape, 0, u64::MAX));
    let bytes = tape.bytes();
    let replay = replay::open::<Counter>(&bytes);
    let summary = *replay.unwrap_or_else(|error| panic!("{error}")).summary();
    assert_eq!((summary.end_tick, summary.end), (Tick(0), End::Closed));
}
