use simulation::notice::Notice;
use simulation::settings::MatchSettings;

use crate::counter::{Config, Played};
use crate::scenario::{QUIET, Scenario, Told, ask_to_resume};

const IN_TICK_6: Config = Config {
    panics_in_tick: 0,
    new_setup_in_tick: 6,
};

#[test]
fn a_new_setup_is_told_before_the_snapshot_of_its_tick_and_holds_for_those_to_come() {
    let mut scenario = Scenario::with_config(IN_TICK_6, QUIET);
    let ada = scenario.join("Ada");
    scenario.steps(4);
    assert_eq!(ada.take().unwrap().status, Played(3));
    scenario.told();
    scenario.step();
    let setup = b"again".to_vec();
    assert_eq!(
        scenario.told(),
        [Told::Notice(Notice::Setup(setup.clone())), Told::Ready]
    );
    assert_eq!(ada.take().unwrap().status, Played(6));
    assert_eq!(ada.seat.setup, b"count");
    assert_eq!(scenario.join("Eve").seat.setup, setup);
    let (answer, _mailbox) = ask_to_resume(&*scenario.handle, ada.seat.player);
    scenario.steps(20);
    assert_eq!(answer.try_recv().unwrap().unwrap().setup, setup);
    let setups = scenario
        .notices()
        .iter()
        .filter(|notice| matches!(notice, Notice::Setup(_)))
        .count();
    assert_eq!(setups, 0, "it is told once");
}

/// Even two players are a crowd.
const DIVIDED: MatchSettings = MatchSettings {
    see_all_max: 0,
    ..QUIET
};

fn scores(ticks: u32) -> Vec<u8> {
    ticks.to_le_bytes().to_vec()
}

#[test]
fn a_divided_match_tells_scores_before_the_snapshot_of_their_tick_and_to_those_to_come() {
    let mut scenario = Scenario::new(DIVIDED);
    let ada = scenario.join("Ada");
    assert_eq!(ada.seat.scores, scores(0));
    scenario.steps(4);
    scenario.told();
    scenario.step();
    assert_eq!(
        scenario.told(),
        [Told::Notice(Notice::Scores(scores(6))), Told::Ready]
    );
    assert_eq!(scenario.join("Eve").seat.scores, scores(6));
    let (answer, _mailbox) = ask_to_resume(&*scenario.handle, ada.seat.player);
    scenario.step();
    assert_eq!(answer.try_recv().unwrap().unwrap().scores, scores(7));
}

#[test]
fn a_small_match_tells_scores_by_its_snapshots_alone() {
    let mut scenario = Scenario::new(QUIET);
    assert_eq!(scenario.join("Ada").seat.scores, scores(0));
    scenario.steps(200);
    let told = scenario.notices();
    assert!(
        !told.iter().any(|notice| matches!(notice, Notice::Scores(_))),
        "{told:?}"
    );
}

#[test]
fn the_phase_can_be_read_from_outside_also_while_nobody_is_there() {
    let mut scenario = Scenario::new(QUIET);
    assert_eq!((scenario.handle.phase(), scenario.handle.places()), ("even", 4));
    let phases: Vec<&str> = (0..9)
        .map(|_| {
            scenario.step();
            scenario.handle.phase()
        })
        .collect();
    assert_eq!(
        phases,
        ["even", "even", "odd", "odd", "odd", "even", "even", "even", "odd"]
    );
    assert_eq!(scenario.status().phase, "odd");
}
