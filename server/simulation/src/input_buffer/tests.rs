use shared::arena::input::Input;

use super::*;

const NEXT: Tick = Tick(1000);
const JUST_BEFORE: Arrival = Arrival::just_before(NEXT);

/// Quarters of a tick that the packets of this file claim.
const VIEW_AGE: u8 = 20;

fn input(number: i8) -> Input {
    Input {
        move_x: number,
        move_y: 1,
        ..Input::default()
    }
}

fn rail(number: i8) -> Input {
    Input {
        rail: true,
        ..input(number)
    }
}

fn dash(number: i8) -> Input {
    Input {
        dash: true,
        ..input(number)
    }
}

/// Inputs for the ticks `newest − inputs.len() + 1 ..= newest`.
fn sent(newest: u32, inputs: &[Input]) -> InputPacket<Input> {
    InputPacket::new(Tick(0), Tick(newest), inputs.to_vec(), VIEW_AGE)
}

fn packet(newest: u32, numbers: &[i8]) -> InputPacket<Input> {
    let inputs: Vec<Input> = numbers.iter().copied().map(input).collect();
    sent(newest, &inputs)
}

const fn received(accepted: u64, late: u64, early: u64, duplicates: u64) -> Received {
    Received {
        accepted,
        late,
        late_actions: 0,
        early,
        duplicates,
    }
}

/// The only person.
const ME: usize = 0;

fn alone() -> InputBuffers<Input> {
    let mut buffers = InputBuffers::new();
    buffers.enter();
    buffers
}

/// A buffer in the middle of a match: nothing has come for the last hundred ticks.
fn starved() -> InputBuffers<Input> {
    let mut buffer = alone();
    for tick in 900..NEXT.0 {
        buffer.take(ME, Tick(tick));
    }
    buffer
}

fn take(buffer: &mut InputBuffers<Input>, tick: u32) -> (Input, Source) {
    let (input, _, source) = buffer.take(ME, Tick(tick));
    (input, source)
}

/// Receives the messages at one tick and compares what became of the last one and the slack.
fn check(messages: &[(u32, &[i8])], expected: Received, slack: i8) {
    let mut buffer = starved();
    let mut found = Received::default();
    for &(newest, numbers) in messages {
        found = buffer.receive(ME, &packet(newest, numbers), JUST_BEFORE);
    }
    assert_eq!((found, buffer.slack(ME)), (expected, slack), "{messages:?}");
}

#[test]
fn inputs_are_kept_for_the_ticks_of_the_ring() {
    check(&[(1000, &[1])], received(1, 0, 0, 0), 0);
    check(&[(1001, &[1, 2])], received(2, 0, 0, 0), 0);
    check(&[(1000, &[1, 2])], received(1, 1, 0, 0), -4);
    check(&[(999, &[1, 2])], received(0, 2, 0, 0), -8);
    check(&[(1063, &[1])], received(1, 0, 0, 0), i8::MAX);
    check(&[(1064, &[1, 2])], received(1, 0, 1, 0), i8::MAX);
    check(&[(u32::MAX, &[1, 2])], received(0, 0, 2, 0), i8::MAX);
    check(&[(2, &[1, 2])], received(0, 2, 0, 0), -i8::MAX);
}

#[test]
fn slack_is_that_of_the_oldest_input_the_last_message_did_not_bring() {
    check(&[(1003, &[1, 2]), (1005, &[3, 4])], received(2, 0, 0, 0), 16);
    check(
        &[(1003, &[1, 2]), (1005, &[1, 2, 3, 4])],
        received(2, 0, 0, 2),
        16,
    );
    check(&[(1003, &[1, 2]), (1003, &[1, 2])], received(0, 0, 0, 2), 8);
    check(&[(1020, &[1, 2]), (1003, &[1, 2])], received(2, 0, 0, 0), 8);
    check(&[(u32::MAX, &[1]), (1003, &[1, 2])], received(2, 0, 0, 0), 8);
}

#[test]
fn slack_counts_the_quarters_of_a_tick_before_the_next() {
    for (newest, early_quarters, slack) in [(1000, 3, 3), (1002, 1, 9), (999, 3, -1), (1063, 3, i8::MAX)] {
        let mut buffer = starved();
        let arrival = Arrival {
            early_quarters,
            ..JUST_BEFORE
        };
        buffer.receive(ME, &packet(newest, &[1]), arrival);
        assert_eq!(
            buffer.slack(ME),
            slack,
            "{newest} {early_quarters} quarters early"
        );
    }
}

#[test]
fn slack_is_unknown_before_the_first_message_and_kept_after_the_last() {
    let mut buffer = alone();
    assert_eq!(buffer.slack(ME), SLACK_UNKNOWN);
    buffer.receive(ME, &packet(1002, &[1]), JUST_BEFORE);
    for tick in 0..200 {
        buffer.take(ME, NEXT.after(tick));
    }
    assert_eq!(buffer.slack(ME), 8);
}

#[test]
fn each_tick_gets_its_own_input_once_and_the_newest_word_counts() {
    let mut buffer = alone();
    buffer.receive(ME, &packet(1003, &[3]), JUST_BEFORE);
    buffer.receive(ME, &packet(1001, &[0, 1]), JUST_BEFORE);
    buffer.receive(ME, &packet(1003, &[2, 33]), JUST_BEFORE);
    for (tick, expected) in [(1000, 0), (1001, 1), (1002, 2), (1003, 33)] {
        assert_eq!(take(&mut buffer, tick), (input(expected), Source::Sent));
    }
    assert_eq!(take(&mut buffer, 1004), (input(33), Source::Missing));
}

#[test]
fn a_missing_input_is_the_last_one_for_a_while_and_then_neutral() {
    let mut buffer = alone();
    assert_eq!(take(&mut buffer, 1000), (Input::default(), Source::Missing));
    for round in 0..3 {
        let start = 1001 + round * 100;
        buffer.receive(ME, &packet(start, &[9]), Arrival::just_before(Tick(start)));
        assert_eq!(take(&mut buffer, start), (input(9), Source::Sent));
        for missing in 1..100 {
            let expected = if missing <= u32::from(REPEATED_TICKS_MAX) {
                input(9)
            } else {
                Input::default()
            };
            let found = take(&mut buffer, start + missing);
            assert_eq!(found, (expected, Source::Missing), "{missing}");
        }
    }
}

#[test]
fn a_repeat_never_repeats_a_press() {
    let mut buffer = alone();
    let all = Input {
        fire: true,
        rail: true,
        ..dash(9)
    };
    buffer.receive(ME, &sent(1000, &[all]), JUST_BEFORE);
    assert_eq!(take(&mut buffer, 1000), (all, Source::Sent));
    for tick in 1001..1050 {
        let (found, _) = take(&mut buffer, tick);
        assert!(!found.rail && !found.dash, "{tick}");
        assert_eq!(
            found.fire,
            tick <= 1000 + u32::from(REPEATED_TICKS_MAX),
            "{tick}: a trigger is held"
        );
    }
}

#[test]
fn a_view_age_belongs_to_the_inputs_of_its_packet_and_is_repeated_with_them() {
    let mut buffer = alone();
    let ages = |buffer: &mut InputBuffers<Input>, ticks: std::ops::Range<u32>| -> Vec<u8> {
        ticks.map(|tick| buffer.take(ME, Tick(tick)).1).collect()
    };
    assert_eq!(ages(&mut buffer, 1000..1001), [0]);
    buffer.receive(
        ME,
        &InputPacket::new(Tick(0), Tick(1002), vec![input(1); 2], 7),
        Arrival::just_before(Tick(1001)),
    );
    buffer.receive(
        ME,
        &InputPacket::new(Tick(0), Tick(1003), vec![input(1)], 255),
        Arrival::just_before(Tick(1001)),
    );
    assert_eq!(ages(&mut buffer, 1001..1006), [7, 7, 255, 255, 255]);
    // What comes late acts now, on what is seen now.
    buffer.receive(
        ME,
        &InputPacket::new(Tick(0), Tick(1005), vec![rail(1)], 3),
        Arrival::just_before(Tick(1006)),
    );
    assert_eq!(ages(&mut buffer, 1006..1007), [255]);
}

/// The ticks in which the rail is pressed, when these packets come: the tick before which they do, their newest tick, and
/// whether each input presses.
fn check_presses(packets: &[(u32, u32, &[bool])], pressed: &[u32], duplicates: u64) {
    let mut buffer = starved();
    let (mut found, mut found_duplicates, mut late_actions) = (Vec::new(), 0, 0);
    for tick in NEXT.0..NEXT.0 + 80 {
        for (_, newest, presses) in packets.iter().filter(|(at, ..)| *at == tick) {
            let inputs: Vec<Input> = presses
                .iter()
                .map(|&press| if press { rail(1) } else { input(1) })
                .collect();
            let received = buffer.receive(ME, &sent(*newest, &inputs), Arrival::just_before(Tick(tick)));
            found_duplicates += received.duplicates;
            late_actions += received.late_actions;
        }
        if take(&mut buffer, tick).0.rail {
            found.push(tick);
        }
    }
    assert_eq!(found, pressed, "{packets:?}");
    assert_eq!(found_duplicates, duplicates, "{packets:?}");
    assert!(late_actions as usize >= found.iter().filter(|&tick| !is_own_tick(packets, *tick)).count());
}

fn is_own_tick(packets: &[(u32, u32, &[bool])], tick: u32) -> bool {
    packets
        .iter()
        .any(|&(at, newest, _)| at <= tick && newest >= tick)
}

#[test]
fn a_late_action_runs_once_and_only_once() {
    // In time; in time and again late; twice in time.
    check_presses(&[(1005, 1010, &[true])], &[1010], 0);
    check_presses(&[(1005, 1010, &[true]), (1012, 1010, &[true])], &[1010], 1);
    check_presses(&[(1005, 1010, &[true]), (1006, 1010, &[true])], &[1010], 1);
    // Late, up to twelve ticks; twice late.
    check_presses(&[(1011, 1010, &[true])], &[1011], 0);
    check_presses(&[(1022, 1010, &[true])], &[1022], 0);
    check_presses(&[(1023, 1010, &[true])], &[], 0);
    check_presses(&[(1011, 1010, &[true]), (1011, 1010, &[true])], &[1011], 1);
    check_presses(&[(1011, 1010, &[true]), (1015, 1010, &[true])], &[1011], 1);
    check_presses(&[(1022, 1010, &[true]), (1023, 1010, &[true])], &[1022], 0);
    // An input without a press that was there first is the word for its tick.
    check_presses(&[(1005, 1010, &[false]), (1012, 1010, &[true])], &[], 1);
    check_presses(&[(1011, 1010, &[false]), (1012, 1010, &[true])], &[], 1);
    // A bunch: partly late, partly in time.
    check_presses(&[(1010, 1010, &[true, false, true])], &[1010], 0);
    check_presses(&[(1010, 1010, &[true, true, false])], &[1010], 0);
    check_presses(&[(1010, 1012, &[true, false, false, true])], &[1010, 1012], 0);
}

#[test]
fn a_late_action_joins_the_input_of_the_tick_and_not_what_is_repeated() {
    let mut buffer = starved();
    buffer.receive(ME, &packet(1000, &[5]), JUST_BEFORE);
    buffer.receive(ME, &sent(998, &[rail(7), dash(8)]), JUST_BEFORE);
    let both = Input {
        rail: true,
        ..dash(8)
    };
    assert_eq!(take(&mut buffer, 1000), (both, Source::Sent));
    assert_eq!(take(&mut buffer, 1001), (input(5), Source::Missing));
}

#[test]
fn what_a_seat_missed_before_it_was_taken_is_not_made_up_for() {
    let mut buffer = alone();
    let found = buffer.receive(ME, &sent(999, &[rail(1)]), JUST_BEFORE);
    assert_eq!(found, received(0, 0, 0, 1));
    assert_eq!(take(&mut buffer, 1000), (Input::default(), Source::Missing));
}

#[test]
fn the_ring_serves_many_rounds() {
    let mut buffer = alone();
    for tick in 0..1000_u32 {
        let newest = tick + 63;
        let number = (newest % 100) as i8;
        buffer.receive(ME, &packet(newest, &[number]), Arrival::just_before(Tick(tick)));
        if tick >= 63 {
            let expected = (input((tick % 100) as i8), Source::Sent);
            assert_eq!(take(&mut buffer, tick), expected);
        } else {
            take(&mut buffer, tick);
        }
    }
}

/// Everybody presses once for the tick 1000: person `n` the number `n`.
fn crowd(people: usize) -> InputBuffers<Input> {
    let mut buffers = InputBuffers::new();
    for person in 0..people {
        buffers.enter();
        buffers.receive(person, &packet(1000, &[person as i8]), JUST_BEFORE);
    }
    buffers
}

/// What is used of everybody at the tick 1000; `None` for those who sent nothing.
fn check_crowd(mut buffers: InputBuffers<Input>, expected: &[Option<i8>]) {
    for (person, &number) in expected.iter().enumerate() {
        let (found, _, source) = buffers.take(person, NEXT);
        let sent = (source == Source::Sent).then_some(found);
        assert_eq!(sent, number.map(input), "person {person} of {expected:?}");
    }
}

#[test]
fn nobody_gets_the_inputs_of_another_whoever_comes_and_goes() {
    let mut buffers = crowd(20);
    buffers.leave(19);
    buffers.leave(3);
    buffers.leave(0);
    buffers.restart(1);
    buffers.enter();
    let mut expected: Vec<_> = (0..19)
        .filter(|&number| number != 0 && number != 3)
        .map(Some)
        .collect();
    expected[1] = None;
    expected.push(None);
    check_crowd(buffers, &expected);
    check_crowd(crowd(1), &[Some(0)]);
}
