use shared::arena::map::Map;
use shared::arena::status::Phase;
use shared::quantize::{POSITION_STEPS_PER_UNIT, position_to_grid};

use super::*;
use crate::bot::nav::NavMap;
use crate::maps::crossroads;

const OWN: EntityId = EntityId(1);
const FOE: EntityId = EntityId(2);

fn player(x: f32, y: f32, vx: i16) -> PlayerState {
    PlayerState {
        body: Body {
            x: position_to_grid(x),
            y: position_to_grid(y),
            vx,
            vy: 0,
        },
        health: 100,
        alive: true,
        ..PlayerState::default()
    }
}

/// Decides for a second with nothing moving; gives all inputs.
fn inputs(level: Level, own: PlayerState, foe: PlayerState, phase: Phase) -> Vec<Input> {
    let nav = NavMap::new(crossroads());
    let states = [(OWN, own), (FOE, foe)];
    let mut brain = Brain::new(level, 9);
    (0..60)
        .map(|tick| {
            let view = View::new(OWN, &states, &nav, Tick(tick), phase);
            decide(&mut brain, &view)
        })
        .collect()
}

fn first_shot(inputs: &[Input]) -> Option<usize> {
    inputs.iter().position(|input| input.fire || input.rail)
}

#[test]
fn it_fires_at_what_it_sees_after_its_reaction() {
    for level in Level::ALL {
        let inputs = inputs(
            level,
            player(300.0, 600.0, 0),
            player(600.0, 600.0, 0),
            Phase::Live,
        );
        assert_eq!(
            first_shot(&inputs),
            Some(level.skill().reaction_ticks as usize),
            "{level}"
        );
    }
}

fn check_no_shot(foe: PlayerState, phase: Phase) {
    let inputs = inputs(Level::Hard, player(300.0, 600.0, 0), foe, phase);
    assert_eq!(first_shot(&inputs), None, "{foe:?}");
}

#[test]
fn it_holds_fire_when_that_is_of_no_use() {
    let foe = player(600.0, 600.0, 0);
    check_no_shot(foe, Phase::Countdown);
    check_no_shot(foe, Phase::Results);
    check_no_shot(
        PlayerState {
            shielded: true,
            ..foe
        },
        Phase::Live,
    );
    check_no_shot(PlayerState { alive: false, ..foe }, Phase::Live);
    // Behind the block in the middle.
    let own = player(800.0, 720.0, 0);
    let inputs = inputs(Level::Hard, own, player(1100.0, 720.0, 0), Phase::Live);
    assert_eq!(first_shot(&inputs), None);
    assert!(inputs.iter().any(|input| input.move_x != 0 || input.move_y != 0));
}

/// A second with an opponent beside it, then one with the opponent so far to the right and below; true when it fires in the second.
fn fires_at(level: Level, right: f32, down: f32) -> bool {
    let nav = NavMap::new(Map {
        width: 1600,
        height: 1200,
        ..Map::default()
    });
    let (x, y) = (800.0, 600.0);
    let mut brain = Brain::new(level, 9);
    let mut fires = |ticks: std::ops::Range<u32>, foe| {
        let states = [(OWN, player(x, y, 0)), (FOE, foe)];
        let inputs: Vec<Input> = ticks
            .map(|tick| {
                let view = View::new(OWN, &states, &nav, Tick(tick), Phase::Live);
                decide(&mut brain, &view)
            })
            .collect();
        first_shot(&inputs).is_some()
    };
    assert!(fires(0..60, player(x + 200.0, y, 0)), "{level}");
    fires(60..120, player(x + right, y + down, 0))
}

#[test]
fn it_does_not_fire_at_whom_nobody_in_its_place_could_see() {
    let check = |right: f32, down: f32, expected: bool| {
        for level in Level::ALL {
            for (right, down) in [(right, down), (-right, -down), (right, -down)] {
                assert_eq!(fires_at(level, right, down), expected, "{level} {right} {down}");
            }
        }
    };
    let step = 1.0 / POSITION_STEPS_PER_UNIT;
    check(480.0, 0.0, true);
    check(480.0 + step, 0.0, false);
    check(0.0, 270.0, true);
    check(0.0, 270.0 + step, false);
    check(480.0, 270.0, true);
    check(480.0 + step, 270.0, false);
    check(480.0, 270.0 + step, false);
    check(700.0, 0.0, false);
    check(0.0, 400.0, false);
}

#[test]
fn it_charges_its_rail_and_aims_at_the_opponent_itself_until_the_beam_leaves() {
    let runner = player(600.0, 600.0, 0);
    let runner = PlayerState {
        body: Body {
            vy: 320 * 16,
            ..runner.body
        },
        ..runner
    };
    let inputs = inputs(Level::Hard, player(300.0, 600.0, 0), runner, Phase::Live);
    let presses: Vec<usize> = (0..60).filter(|&tick| inputs[tick].rail).collect();
    assert_eq!(presses.len(), 1, "{presses:?}");
    let beam = &inputs[presses[0]..=presses[0] + usize::from(RAIL.charge_ticks)];
    // The error of a hard bot is 2.5 degrees; aiming ahead of the runner is 19.
    assert!(
        beam.iter()
            .all(|input| !input.fire && (input.aim as i16).abs() < 1900)
    );
}

#[test]
fn it_dashes_only_when_it_was_hit_and_no_sooner_than_it_can() {
    let nav = NavMap::new(crossroads());
    let mut brain = Brain::new(Level::Hard, 5);
    let mut dashes = Vec::new();
    for tick in 0..900_u32 {
        let own = PlayerState {
            health: 100 - (tick / 10 % 10) as u8,
            ..player(300.0, 600.0, 0)
        };
        let states = [(OWN, own), (FOE, player(600.0, 600.0, 0))];
        let view = View::new(OWN, &states, &nav, Tick(tick), Phase::Live);
        if decide(&mut brain, &view).dash {
            dashes.push(tick);
        }
    }
    assert!(dashes.len() > 2, "{dashes:?}");
    assert!(dashes.iter().all(|tick| tick % 10 == 0 && tick % 100 != 0));
    assert!(dashes.windows(2).all(|pair| pair[1] - pair[0] >= 150));
}

/// A second in which health and armor are those of the first state, then those of the second; true when it dashes.
fn dashes_after(before: PlayerState, after: PlayerState) -> bool {
    let nav = NavMap::new(crossroads());
    // Not every hit makes it dash: one of so many brains does.
    (0..16).any(|seed| {
        let mut brain = Brain::new(Level::Hard, seed);
        let mut decide_on = |tick, own| {
            let states = [(OWN, own), (FOE, player(600.0, 600.0, 0))];
            decide(
                &mut brain,
                &View::new(OWN, &states, &nav, Tick(tick), Phase::Live),
            )
        };
        decide_on(1, before);
        decide_on(2, after).dash
    })
}

#[test]
fn it_notices_hits_by_what_health_and_armor_lose_together() {
    let with = |health, armor| PlayerState {
        health,
        armor,
        ..player(300.0, 600.0, 0)
    };
    let elsewhere = |state: PlayerState| PlayerState {
        body: player(900.0, 300.0, 0).body,
        ..state
    };
    let check = |before, after, expected| {
        assert_eq!(dashes_after(before, after), expected, "{before:?} {after:?}");
    };
    check(with(100, 50), with(100, 36), true);
    check(with(100, 5), with(91, 0), true);
    check(with(60, 0), with(100, 0), false);
    check(with(60, 0), with(60, 50), false);
    check(with(255, 255), with(255, 255), false);
    // A new life has no armor, and that is no hit.
    check(with(100, 50), elsewhere(with(100, 0)), false);
}

#[test]
fn whoever_appears_anew_has_not_been_hit_however_near_that_is() {
    let nav = NavMap::new(crossroads());
    let with = |armor| PlayerState {
        armor,
        ..player(300.0, 600.0, 0)
    };
    let dashes = |is_new_life| {
        (0..16).any(|seed| {
            let mut brain = Brain::new(Level::Hard, seed);
            let mut decide_on = |tick, own, is_new_life| {
                if is_new_life {
                    brain.forget();
                }
                let states = [(OWN, own), (FOE, player(600.0, 600.0, 0))];
                decide(
                    &mut brain,
                    &View::new(OWN, &states, &nav, Tick(tick), Phase::Live),
                )
            };
            decide_on(1, with(50), false);
            decide_on(2, with(0), is_new_life).dash
        })
    };
    assert_eq!([false, true].map(dashes), [true, false]);
}

#[test]
fn it_aims_ahead_of_a_runner() {
    let foe = player(600.0, 900.0, 320 * 16);
    let meeting = meeting_point((600.0, 600.0), &foe.body);
    let flight_s = distance((600.0, 600.0), meeting) / PULSE.speed;
    assert!(
        (meeting.0 - (600.0 + 320.0 * flight_s)).abs() < 8.0,
        "{meeting:?}"
    );
}

#[test]
fn its_error_has_the_deviation_of_its_level() {
    let mut rng = Pcg32::new(1, 1);
    let numbers: Vec<f64> = (0..20_000).map(|_| f64::from(normal(&mut rng))).collect();
    let deviation = (numbers.iter().map(|number| number * number).sum::<f64>() / 20_000.0).sqrt();
    assert!(
        (deviation / f64::from(NORMAL_DEVIATION) - 1.0).abs() < 0.03,
        "{deviation}"
    );
}

#[test]
fn without_a_body_it_does_nothing() {
    let dead = PlayerState {
        alive: false,
        ..player(300.0, 600.0, 0)
    };
    let inputs = inputs(Level::Hard, dead, player(600.0, 600.0, 0), Phase::Live);
    assert_eq!(inputs, vec![Input::default(); 60]);
}
