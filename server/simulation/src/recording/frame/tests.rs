use shared::arena::input::Input;

use super::*;
use crate::game::Intent;
use crate::view_age::VIEW_AGE_MAX;

const PLAYERS_MAX: usize = 20;

fn name() -> PlayerName {
    PlayerName::parse("Ada").unwrap()
}

fn input(aim: u16) -> Intent<Input> {
    let input = Input {
        aim,
        ..Input::default()
    };
    Intent { input, view_age: 0 }
}

fn with(player: u16, intent: Intent<Input>) -> (PlayerId, Intent<Input>) {
    (PlayerId(player), intent)
}

/// Writes a story with twelve people who come in tick 1; gives the bytes and where each frame ends.
fn story() -> (Vec<u8>, Vec<usize>) {
    let mut writer = FrameWriter::new();
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    let mut finish = |writer: &mut FrameWriter<Intent<Input>>, tick, hash, end| {
        writer.finish(Tick(tick), hash, end, &mut bytes);
        ends.push(bytes.len());
    };
    let people = |aim: fn(u16) -> u16| -> Vec<_> {
        (0..12)
            .map(|index| with(index * 100, input(aim(index))))
            .collect()
    };
    for index in 0..12 {
        writer.join(PlayerId(index * 100), &name());
    }
    writer.inputs(&people(|_| 0));
    finish(&mut writer, 1, None, None);
    writer.inputs(&people(|_| 0));
    finish(&mut writer, 2, None, None);
    writer.inputs(&people(|index| if index == 10 { 256 } else { 0 }));
    finish(&mut writer, 3, None, None);
    writer.leave(PlayerId(1000));
    let mut left = people(|index| index);
    left.remove(10);
    writer.inputs(&left);
    finish(&mut writer, 60, Some(7), None);
    finish(&mut writer, 60, Some(8), Some(End::Closed));
    (bytes, ends)
}

#[test]
fn what_equals_the_tick_before_costs_nothing() {
    let (_, ends) = story();
    let lengths: Vec<usize> = ends.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Nothing; wait, flags, two bytes of bitmap, a mask and a byte; 11 people of whom 10 aim elsewhere; only hash and end.
    assert_eq!(lengths, [0, 6, 2 + 2 + 2 + 10 * 2 + 8, 2 + 8 + 1]);
}

#[test]
fn frames_come_back_with_everything_in_them() {
    let (bytes, _) = story();
    let mut reader = Reader::new(&bytes);
    let mut people = People::<Intent<Input>>::new();
    let mut next = |people: &mut People<Intent<Input>>| people.decode(&mut reader, PLAYERS_MAX).unwrap();
    let frame = |tick, hash, end| Frame {
        tick: Tick(tick),
        joins: vec![],
        leaves: vec![],
        hash,
        end,
    };
    let first = next(&mut people);
    assert_eq!((first.tick, first.joins.len()), (Tick(1), 12));
    assert_eq!(first.joins[11], (PlayerId(1100), name()));
    assert_eq!(next(&mut people), frame(3, None, None));
    assert_eq!(people.inputs()[10], with(1000, input(256)));
    let expected = Frame {
        leaves: vec![PlayerId(1000)],
        ..frame(60, Some(7), None)
    };
    assert_eq!(next(&mut people), expected);
    assert_eq!(people.inputs()[9..], [with(900, input(9)), with(1100, input(11))]);
    assert_eq!(next(&mut people), frame(60, Some(8), Some(End::Closed)));
    assert_eq!(reader.remaining(), 0);
}

fn check_refused(bytes: &[u8], expected: DecodeError) {
    let found = People::<Intent<Input>>::new().decode(&mut Reader::new(bytes), 1);
    assert_eq!(found, Err(expected), "{bytes:?}");
}

#[test]
fn frames_that_nobody_writes_are_refused() {
    let malformed = DecodeError::Malformed;
    check_refused(&[], DecodeError::TooShort);
    check_refused(&[1], DecodeError::TooShort);
    check_refused(&[61, HASH, 0, 0, 0, 0, 0, 0, 0, 0], malformed);
    check_refused(&[0, HASH, 0, 0, 0, 0, 0, 0, 0, 0], malformed);
    check_refused(&[0, INPUTS | END, 0], malformed);
    check_refused(&[1, 32], malformed);
    check_refused(&[0xff, 0xff, 0xff, 0xff, 0xff, 0], malformed);
    check_refused(&[0xff, 0xff, 0xff, 0xff, 0x7f, 0], malformed);
    check_refused(
        &[1, END, 3],
        DecodeError::Unknown {
            what: "end of a recording",
            found: 3,
        },
    );
    // Nobody is there who could leave, the name is empty, the second id is not above the first.
    check_refused(&[1, LEAVES, 1, 0], malformed);
    check_refused(&[1, JOINS, 1, 0, 0], malformed);
    check_refused(&[1, JOINS, 2, 0, 1, b'A', 0, 1, b'A'], malformed);
    check_refused(
        &[1, JOINS, 2, 0, 1, b'A', 1, 1, b'A'],
        DecodeError::TooMany {
            what: "people",
            found: 2,
            max: 1,
        },
    );
    check_refused(&[1, JOINS, 9, 0, 1, b'A'], DecodeError::TooShort);
    // A button that has no meaning.
    check_refused(
        &[1, JOINS | INPUTS, 1, 0, 1, b'A', 1, 1, 8],
        DecodeError::Unknown {
            what: "buttons",
            found: 8,
        },
    );
    // A view that the rules never get.
    check_refused(
        &[1, JOINS | INPUTS, 1, 0, 1, b'A', 1, 32, VIEW_AGE_MAX + 1],
        DecodeError::Unknown {
            what: "view age",
            found: 49,
        },
    );
}

#[test]
fn the_view_age_is_recorded_with_the_input() {
    let mut writer = FrameWriter::new();
    let mut bytes = Vec::new();
    let seen = |view_age| Intent { view_age, ..input(3) };
    writer.join(PlayerId(4), &name());
    writer.inputs(&[with(4, seen(0))]);
    writer.finish(Tick(1), None, None, &mut bytes);
    let start = bytes.len();
    writer.inputs(&[with(4, seen(VIEW_AGE_MAX))]);
    writer.finish(Tick(2), None, None, &mut bytes);
    assert_eq!(bytes[start..], [1, INPUTS, 1, 1 << 5, VIEW_AGE_MAX]);
    let (mut reader, mut people) = (Reader::new(&bytes), People::<Intent<Input>>::new());
    for view_age in [0, VIEW_AGE_MAX] {
        people.decode(&mut reader, PLAYERS_MAX).unwrap();
        assert_eq!(people.inputs(), [with(4, seen(view_age))]);
    }
}

#[test]
fn varints_have_every_number() {
    for number in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
        let mut bytes = Vec::new();
        encode_varint(number, &mut bytes);
        assert_eq!(decode_varint(&mut Reader::new(&bytes)), Ok(number));
    }
}
