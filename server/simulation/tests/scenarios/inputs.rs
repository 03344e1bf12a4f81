use shared::ids::PlayerId;
use shared::input::{InputPacket, VIEW_AGE_UNKNOWN};
use shared::limits::INPUT_BYTES_MAX;
use shared::record::DecodeError;
use shared::tick::Tick;
use simulation::command::{COMMANDS_PER_TICK_MAX, COMMANDS_QUEUED_MAX, Refused};
use simulation::handle::SubmitError;
use simulation::stats::Counter;
use simulation::view_age::VIEW_AGE_MAX;

use crate::scenario::{QUIET, Scenario, add, ask_for_status, ask_to_join, fill_queue, packet, shout};

#[test]
fn each_tick_uses_its_own_input_however_they_arrive() {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    let next = ada.seat.tick.after(2);
    scenario.send(&ada, next.after(3), &[add(100), add(0)]);
    scenario.send(&ada, next.after(1), &[add(1), add(10)]);
    let sums: Vec<f32> = (0..6).map(|_| scenario.status().players[0].x.unwrap()).collect();
    // A status shows the tick before, and the input after the last one is the last one again.
    assert_eq!(sums, [0.0, 1.0, 11.0, 111.0, 111.0, 111.0]);
    assert_eq!(scenario.stats.inputs_accepted.value(), 4);
}

#[test]
fn inputs_that_are_late_early_or_nobodys_are_dropped_and_counted() {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    scenario.steps(10);
    scenario.send(&ada, ada.seat.tick.after(3), &[add(1); 3]);
    scenario.send(&ada, Tick(u32::MAX), &[add(1); 2]);
    let nobody = packet(Tick(20), &[add(1); 4]);
    assert_eq!(scenario.handle.submit(PlayerId(77), &nobody, None), Ok(()));
    scenario.steps(10);
    let stats = &scenario.stats;
    assert_eq!(stats.inputs_accepted.value(), 0);
    assert_eq!(stats.inputs_late.value(), 3);
    assert_eq!(stats.inputs_early.value(), 2);
    assert_eq!(stats.inputs_unseated.value(), 4);
    assert_eq!(stats.inputs_missing.value(), 21);
    assert_eq!(scenario.status().players[0].x, Some(0.0));
}

#[test]
fn a_late_action_is_carried_out_in_the_next_tick_and_never_again() {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    scenario.steps(10);
    let tick = ada.seat.tick.after(10);
    for _ in 0..3 {
        scenario.send(&ada, tick, &[shout(1)]);
    }
    scenario.steps(10);
    // An input that nothing came for, with an action; what came again is the same input.
    let stats = &scenario.stats;
    let counted = [
        &stats.inputs_late,
        &stats.inputs_late_actions,
        &stats.inputs_duplicate,
    ];
    assert_eq!(counted.map(Counter::value), [1, 1, 2]);
    let heard = ada.take().expect("a snapshot was due").events.len();
    assert_eq!(heard, 1, "one shout");
}

#[test]
fn a_view_that_no_connection_explains_is_counted() {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    for view_age in [0, VIEW_AGE_MAX, VIEW_AGE_MAX + 1, VIEW_AGE_UNKNOWN] {
        let mut bytes = Vec::new();
        let next = Tick(scenario.stepped + 1);
        InputPacket::new(Tick(0), next, vec![add(1)], view_age).encode(&mut bytes);
        assert_eq!(scenario.handle.submit(ada.seat.player, &bytes, None), Ok(()));
        scenario.steps(20);
    }
    assert_eq!(scenario.stats.inputs_accepted.value(), 4);
    assert_eq!(
        scenario.stats.views_clamped.value(),
        2,
        "a repeated input claims nothing"
    );
}

fn check_malformed(bytes: &[u8], expected: DecodeError) {
    let scenario = Scenario::new(QUIET);
    let result = scenario.handle.submit(PlayerId(0), bytes, None);
    assert_eq!(result, Err(SubmitError::Decode(expected)));
    assert_eq!(scenario.stats.messages_malformed.value(), 1);
}

#[test]
fn what_does_not_decode_never_reaches_the_match() {
    check_malformed(&[], DecodeError::TooShort);
    check_malformed(&packet(Tick(9), &[add(1)])[..10], DecodeError::TooShort);
    let mut longer = packet(Tick(9), &[add(1)]);
    longer.push(0);
    check_malformed(&longer, DecodeError::TrailingBytes(1));
    let found = INPUT_BYTES_MAX + 1;
    check_malformed(
        &vec![0; found],
        DecodeError::TooMany {
            what: "input bytes",
            found,
            max: INPUT_BYTES_MAX,
        },
    );
}

#[test]
fn a_full_queue_drops_inputs_and_refuses_requests() {
    let mut scenario = Scenario::new(QUIET);
    let queued = fill_queue(&*scenario.handle);
    assert_eq!(queued, COMMANDS_QUEUED_MAX as u64);
    let (joining, _reader) = ask_to_join(&*scenario.handle, "Ada");
    let looking = ask_for_status(&*scenario.handle);
    assert_eq!(joining.try_recv().unwrap(), Err(Refused::Busy));
    assert_eq!(looking.try_recv().unwrap(), Err(Refused::Busy));
    assert_eq!(scenario.stats.commands_refused.value(), 3);
    assert_eq!(
        scenario.handle.people(),
        0,
        "the place of a refused join is free again"
    );
    scenario.steps(2);
    let _ada = scenario.join("Ada");
}

#[test]
fn a_tick_takes_a_bounded_number_of_commands() {
    let mut scenario = Scenario::new(QUIET);
    let queued = fill_queue(&*scenario.handle);
    let mut taken = Vec::new();
    for _ in 0..3 {
        scenario.step();
        taken.push(scenario.stats.inputs_unseated.value());
    }
    assert_eq!(taken, [COMMANDS_PER_TICK_MAX as u64, queued, queued]);
}
