use shared::arena::movement::Mover;
use shared::record::{Reader, Record};

use crate::scenario::{Scenario, scenarios};

/// Ticks that are taken back: more than a client with half a second of delay replays.
const BACK_TICKS: usize = 40;

/// A record as it comes out of its bytes.
fn restored<R: Record>(record: R) -> R {
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    R::decode(&mut Reader::new(&bytes)).expect("a record decodes")
}

/// All that a step is given back.
fn restored_mover(mover: Mover) -> Mover {
    Mover {
        body: restored(mover.body),
        dash: restored(mover.dash),
    }
}

/// Plays a scenario, and in each tick once more from a state it had before.
fn check(scenario: &Scenario) {
    let inputs = scenario.inputs();
    let mut states = vec![Mover {
        body: scenario.start,
        ..Mover::default()
    }];
    for (tick, &input) in inputs.iter().enumerate() {
        let next = scenario.step(tick, states[tick], input);
        // The last tick alone, then a part of the past that differs from tick to tick.
        for back in [0, tick % BACK_TICKS] {
            let from = tick.saturating_sub(back);
            let again = (from..=tick).fold(restored_mover(states[from]), |mover, tick| {
                scenario.step(tick, mover, inputs[tick])
            });
            assert_eq!(again, next, "tick {tick}, played again from {from}");
        }
        states.push(next);
    }
}

#[test]
fn a_step_depends_on_nothing_but_the_state_it_is_given_back() {
    for scenario in scenarios() {
        check(&scenario);
    }
}
