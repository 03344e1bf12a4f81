use std::panic::{AssertUnwindSafe, catch_unwind};

use shared::message::MatchEnd;
use shared::record::DecodeError;
use shared::tick::Tick;
use simulation::command::MatchStatus;
use simulation::recording::frame::End;
use simulation::recording::header::{FORMAT, Header, MAGIC};
use simulation::recording::read::{ReadError, game_name};
use simulation::recording::unfinished::cut_here;
use simulation::replay::{self, Outcome, Progress, ReplayError};
use simulation::state_hash::StateHash;

use crate::counter::{Config, Counter};
use crate::recording::{Story, Tape, story};

/// The story as a recording, and the match before its last tick.
fn recorded(ticks: u32) -> (Vec<u8>, MatchStatus) {
    let tape = Tape::default();
    let mut story = story(&tape, ticks, u64::MAX);
    // A status shows the tick before the one in which it is asked for.
    let status = story.scenario.status();
    story.scenario.running.end(MatchEnd::Closed);
    (tape.bytes(), status)
}

fn replay_all(bytes: &[u8]) -> Result<Outcome, ReplayError> {
    let mut replay = replay::open::<Counter>(bytes).unwrap_or_else(|error| panic!("{error}"));
    loop {
        if let Progress::Done(outcome) = replay.advance(7)? {
            return Ok(outcome);
        }
    }
}

/// Puts in the checksum that belongs to the bytes before it.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = bytes.len().saturating_sub(8);
    let mut checksum = StateHash::new();
    checksum.bytes(&bytes[..length]);
    bytes.truncate(length);
    bytes.extend_from_slice(&checksum.value().to_le_bytes());
    bytes
}

/// The same recording with another header.
pub(crate) fn with_header(bytes: &[u8], change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let mut reader = shared::record::Reader::new(&bytes[6..]);
    let mut header = Header::decode(&mut reader).unwrap();
    let frames = &bytes[bytes.len() - reader.remaining()..];
    change(&mut header);
    let mut changed = Vec::new();
    header.encode(&mut changed);
    changed.extend_from_slice(frames);
    sealed(changed)
}

#[test]
fn a_replay_is_the_match_again_with_every_hash() {
    let (bytes, live) = recorded(2000);
    assert_eq!(game_name(&bytes).as_deref(), Ok("counter"));
    let replay = replay::open::<Counter>(&bytes).unwrap_or_else(|error| panic!("{error}"));
    let summary = *replay.summary();
    assert_eq!((summary.end_tick, summary.end), (live.tick.after(1), End::Closed));
    assert!(
        summary.joins > 20 && summary.hashes == u64::from(summary.end_tick.0 / 60) + 1,
        "{summary:?}"
    );
    let outcome = replay_all(&bytes).unwrap();
    let replayed = outcome.status;
    assert_eq!(
        (replayed.id, replayed.tick, outcome.crash),
        (live.id, summary.end_tick, None)
    );
    let players = |status: &MatchStatus| {
        let of = status.players.iter();
        of.map(|one| (one.player, one.entity, one.name.clone(), one.bot))
            .collect::<Vec<_>>()
    };
    assert_eq!(players(&replayed), players(&live));
}

#[test]
fn the_beginning_of_a_recording_is_played_up_to_its_last_whole_frame() {
    let (bytes, live) = recorded(400);
    let mut reached = None;
    for length in (1..=bytes.len()).step_by(211).chain([bytes.len()]) {
        let cut = match cut_here::<Counter>(bytes[..length].to_vec()) {
            Ok(cut) => cut,
            Err(error) => {
                assert_eq!((error, reached), (ReadError::CutOff, None), "{length}");
                continue;
            }
        };
        let replay = replay::open::<Counter>(&cut).unwrap_or_else(|error| panic!("{length}: {error}"));
        let summary = *replay.summary();
        assert_eq!(summary.end, End::Cut);
        assert!(reached <= Some(summary.end_tick), "{length}");
        reached = Some(summary.end_tick);
        assert_eq!(replay_all(&cut).unwrap().status.tick, summary.end_tick);
    }
    // Nothing may have happened in the last second.
    let reached = reached.expect("most of them can be played");
    assert!(reached.after(60) >= live.tick, "{reached:?}");
    let other = with_header(&bytes, |header| header.rules += 1);
    let refused = cut_here::<Counter>(other);
    assert!(
        matches!(refused, Err(ReadError::OtherRules { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_replay_stops_at_the_first_second_that_differs_and_names_it() {
    let (bytes, _) = recorded(400);
    let other_seed = with_header(&bytes, |header| header.seed += 1);
    let Err(ReplayError::Mismatch {
        tick,
        recorded,
        found,
    }) = replay_all(&other_seed)
    else {
        panic!("the seed matters");
    };
    assert_eq!(tick, Tick(60));
    assert_ne!(recorded, found);
    let text = ReplayError::Mismatch {
        tick,
        recorded,
        found,
    }
    .to_string();
    assert!(text.contains("mismatch at tick 60"), "{text}");
    // Fewer bots: whoever comes has another id.
    let fewer = with_header(&bytes, |header| header.settings.fill_to = 0);
    assert!(matches!(replay_all(&fewer), Err(ReplayError::NoPlace(_))));
}

/// Plays a match that panics in tick 77 as a shard would.
fn crashed() -> Vec<u8> {
    let tape = Tape::default();
    let config = Config {
        panics_in_tick: 77,
        ..Config::default()
    };
    let mut story = Story::new(config, &tape, u64::MAX);
    let played = catch_unwind(AssertUnwindSafe(|| story.play(100)));
    assert!(played.is_err());
    story.scenario.running.end(MatchEnd::Crashed);
    tape.bytes()
}

fn panics_in(tick: u32) -> impl FnOnce(&mut Header) {
    move |header| header.config[..4].copy_from_slice(&tick.to_le_bytes())
}

#[test]
fn a_crash_is_played_again_in_its_tick() {
    let bytes = crashed();
    let outcome = replay_all(&bytes).unwrap();
    assert_eq!(outcome.status.tick, Tick(76));
    let text = outcome.crash.unwrap();
    assert!(text.contains("told to panic"), "{text}");
    let healed = with_header(&bytes, panics_in(0));
    assert_eq!(replay_all(&healed), Err(ReplayError::NoCrash(Tick(77))));
    let earlier = with_header(&bytes, panics_in(5));
    assert!(matches!(
        replay_all(&earlier),
        Err(ReplayError::Crash { tick: Tick(5), .. })
    ));
}

fn check_refused(bytes: &[u8], expected: &ReadError) {
    let error = replay::open::<Counter>(bytes).err();
    assert_eq!(error.as_ref(), Some(expected));
}

#[test]
fn what_is_no_recording_of_ours_is_refused_with_the_reason() {
    let (bytes, _) = recorded(100);
    check_refused(b"", &ReadError::Foreign);
    check_refused(b"PNG and so on", &ReadError::Foreign);
    check_refused(&MAGIC, &ReadError::CutOff);
    let mut later = bytes.clone();
    later[4..6].copy_from_slice(&(FORMAT + 1).to_le_bytes());
    check_refused(&later, &ReadError::OtherFormat(FORMAT + 1));
    // The first format knew nothing of what people see.
    later[4..6].copy_from_slice(&1_u16.to_le_bytes());
    check_refused(&later, &ReadError::OtherFormat(1));
    assert_eq!(
        ReadError::OtherFormat(1).to_string(),
        "the recording has format 1, and this program reads format 2"
    );
    let other_game = with_header(&bytes, |header| header.game = "chess".into());
    check_refused(
        &other_game,
        &ReadError::OtherGame {
            found: "chess".into(),
            expected: "counter",
        },
    );
    let other_rules = with_header(&bytes, |header| {
        header.rules = 4;
        header.version = "9.8.7".into();
    });
    let expected = ReadError::OtherRules {
        recorded: 4,
        ours: 3,
        version: "9.8.7".into(),
    };
    check_refused(&other_rules, &expected);
    let mut longer = bytes.clone();
    longer.insert(bytes.len() - 8, 0);
    check_refused(&longer, &ReadError::Damaged);
    check_refused(
        &sealed(longer),
        &ReadError::Malformed(DecodeError::TrailingBytes(1)),
    );
}

#[test]
fn a_recording_that_is_cut_off_anywhere_says_so() {
    let (bytes, _) = recorded(100);
    for end in 4..bytes.len() {
        let error = replay::open::<Counter>(&bytes[..end]).err();
        assert!(
            matches!(error, Some(ReadError::CutOff | ReadError::Damaged)),
            "{end}: {error:?}"
        );
        // Only the checksum itself may be missing in part.
        assert!(
            error == Some(ReadError::CutOff) || end > bytes.len() - 16,
            "{end}"
        );
    }
}

#[test]
fn every_flipped_byte_is_noticed() {
    let (bytes, _) = recorded(60);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        assert!(replay::open::<Counter>(&damaged).is_err(), "{at}");
    }
}

/// Marsaglia's xorshift with 32 bits of state.
struct Random(u32);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % end
    }
}

/// Up to four changes: a byte, a bit, a piece left out, a piece twice.
fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = 6 + random.below(bytes.len() - 6);
        let length = random.below(12).min(bytes.len() - at);
        match random.below(4) {
            0 => bytes[at] = random.below(256) as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.drain(at..at + length)),
            _ => {
                let piece = bytes[at..at + length].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    sealed(bytes)
}

#[test]
fn whatever_a_recording_says_a_replay_ends_with_an_outcome_or_an_error() {
    let (bytes, _) = recorded(130);
    let mut random = Random(20_261_126);
    let (mut refused, mut mismatched, mut done) = (0, 0, 0);
    for _ in 0..1500 {
        let mutated = mutated(&bytes, &mut random);
        match replay::open::<Counter>(&mutated) {
            Err(_) => refused += 1,
            Ok(mut replay) => {
                // A hostile file asks for no more than its bytes are worth: a second for each two bytes.
                assert!(replay.summary().end_tick.0 as usize <= mutated.len() / 2 * 60);
                match replay.advance(u32::MAX) {
                    Err(_) => mismatched += 1,
                    Ok(_) => done += 1,
                }
            }
        }
    }
    assert!(
        refused > 100 && mismatched > 100 && done > 10,
        "{refused} {mismatched} {done}"
    );
}
