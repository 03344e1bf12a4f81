use shared::arena::state::Body;
use shared::record::{Reader, Record};

use crate::scenario::{Scenario, scenarios};

/// Ticks that are taken back: more than a client with half a second of delay replays.
const BACK_TICKS: usize = 40;

/// The body as it comes out of its bytes.
fn restored(body: Body) -> Body {
    let mut bytes = Vec::new();
    body.encode(&mut bytes);
    Body::decode(&mut Reader::new(&bytes)).expect("a body decodes")
}

/// Plays a scenario, and in each tick once more from a state it had before.
fn check(scenario: &Scenario) {
    let inputs = scenario.inputs();
    let mut states = vec![scenario.start];
    for (tick, &input) in inputs.iter().enumerate() {
        let next = scenario.step(tick, states[tick], input);
        // The last tick alone, then a part of the past that differs from tick to tick.
        for back in [0, tick % BACK_TICKS] {
            let from = tick.saturating_sub(back);
            let again = (from..=tick).fold(restored(states[from]), |body, tick| {
                scenario.step(tick, body, inputs[tick])
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
