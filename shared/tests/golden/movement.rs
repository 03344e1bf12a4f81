use serde_json::{Value, json};
use shared::arena::movement::Mover;

use crate::check_file;
use crate::hash::{OFFSET_BASIS, fnv1a};
use crate::scenario::{Scenario, TICKS, scenarios};

const SAMPLE_EVERY: usize = 10;

/// Adds the state after each tenth tick, with the hash of all ticks up to there.
fn run(scenario: &Scenario) -> Value {
    let mut mover = Mover {
        body: scenario.start,
        ..Mover::default()
    };
    let mut hash = OFFSET_BASIS;
    let mut samples = Vec::new();
    for (tick, input) in scenario.inputs().into_iter().enumerate() {
        mover = scenario.step(tick, mover, input);
        let Mover { body, dash } = mover;
        hash = fnv1a(hash, &body);
        if (tick + 1) % SAMPLE_EVERY == 0 {
            samples.push(json!([
                body.x,
                body.y,
                body.vx,
                body.vy,
                dash.cooldown_ticks,
                dash.ticks_left,
                hash
            ]));
        }
    }
    let mut row = scenario.value();
    row["samples"] = json!(samples);
    row
}

#[test]
fn movement_matches_the_golden_vectors() {
    let scenarios = scenarios();
    assert_eq!(scenarios.len(), 64);
    let rows: Vec<Value> = scenarios.iter().map(run).collect();
    check_file(
        "movement.json",
        &json!({ "ticks": TICKS, "sample_every": SAMPLE_EVERY }),
        &rows,
    );
}
