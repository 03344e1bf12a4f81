use arena::{Config, PhaseLengths, maps};
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::status::{Phase, Status};
use shared::codec::encode_map;
use shared::tick::Tick;
use simulation::notice::Notice;

use crate::table::{STAY, Table, Told, live_at_once};

const SHORT: PhaseLengths = PhaseLengths {
    warm_up_ticks: 30,
    countdown_ticks: 30,
    live_ticks: 60,
    sudden_death_ticks: 30,
    results_ticks: 30,
};

fn short() -> Config {
    Config {
        phases: SHORT,
        ..Config::default()
    }
}

/// The status of each snapshot in which it changed, and its tick.
fn statuses(table: &mut Table, ticks: u32) -> Vec<(u32, Status)> {
    let mut statuses: Vec<(u32, Status)> = Vec::new();
    for _ in 0..ticks {
        table.rest(1);
        let Some(seen) = table.people[0].last() else {
            continue;
        };
        if statuses.last().is_none_or(|(_, last)| *last != seen.status) {
            statuses.push((seen.header.tick.0, seen.status));
        }
    }
    statuses
}

const fn status(phase: Phase, round: u16, ends: u32) -> Status {
    Status {
        phase,
        round,
        ends: Tick(ends),
        teams: None,
    }
}

#[test]
fn equals_go_through_all_phases_and_on_to_the_next_round() {
    let mut table = Table::of_people(short(), 2, 1);
    let expected = [
        (3, status(Phase::WarmUp, 0, 30)),
        (30, status(Phase::Countdown, 0, 60)),
        (60, status(Phase::Live, 0, 120)),
        (120, status(Phase::SuddenDeath, 0, 150)),
        (150, status(Phase::Results, 0, 180)),
        (180, status(Phase::WarmUp, 1, 210)),
        (210, status(Phase::Countdown, 1, 240)),
    ];
    assert_eq!(statuses(&mut table, 220), expected);
    assert_eq!(table.handle_phase(), "countdown");
}

#[test]
fn one_alone_needs_no_decision() {
    let mut table = Table::of_people(short(), 1, 1);
    let phases: Vec<Phase> = statuses(&mut table, 145)
        .iter()
        .map(|(_, status)| status.phase)
        .collect();
    assert_eq!(
        phases,
        [Phase::WarmUp, Phase::Countdown, Phase::Live, Phase::Results]
    );
}

#[test]
fn the_next_map_is_told_before_anybody_sees_it() {
    let maps = maps::all();
    let mut table = Table::of_people(short(), 2, 1);
    assert_eq!(table.people[0].seat.setup, encode_map(&maps[0]));
    for round in 1..=4_u16 {
        table.play_until(
            |table| {
                table.told();
                vec![STAY; 2]
            },
            |table| {
                table.people[0]
                    .last()
                    .is_some_and(|seen| seen.status.round == round)
            },
        );
        let setup = encode_map(&maps[usize::from(round) % maps.len()]);
        assert_eq!(
            table.told(),
            [Told::Notice(Notice::Setup(setup.clone())), Told::Ready]
        );
        let newcomer = table.join();
        assert_eq!(table.people.last().unwrap().seat.setup, setup);
        assert_eq!(table.people.last().unwrap().seat.entity, newcomer);
        table.leave();
        table.rest(3);
        for (_, state) in &table.seen().entities {
            let (at, map) = (state.body.position(), &maps[usize::from(round) % maps.len()]);
            assert!(arena::map::is_free(map, at.x, at.y, 16.0));
        }
    }
}

#[test]
fn at_the_start_of_a_round_everybody_is_alive_and_has_no_score() {
    let mut config = live_at_once();
    config.kills_to_win = 1;
    config.phases.results_ticks = 60;
    let mut table = Table::of_people(config, 2, 1);
    table.play_until(
        |table| table.shots(0, 1),
        |table| table.phase() == Some(Phase::Results),
    );
    let (winner, loser) = (table.own(0), table.own(1));
    assert_eq!((winner.kills, loser.deaths, loser.alive), (1, 1, false));
    assert_eq!(
        table.seen().status.round,
        0,
        "a kill ended the round without sudden death"
    );
    table.play_until(
        |_| vec![STAY; 2],
        |table| table.seen().status.round == 1 && table.phase() == Some(Phase::Live),
    );
    for person in 0..2 {
        let state = table.own(person);
        assert_eq!((state.score, state.kills, state.deaths), (0, 0, 0));
        assert!(state.alive && state.shielded);
    }
}

#[test]
fn weapons_are_locked_before_and_after_a_round_and_people_may_walk() {
    let mut table = Table::of_people(short(), 1, 1);
    let run = Input { fire: true, ..STAY };
    let mut walked = Vec::new();
    let mut last = None;
    for tick in 0..145_u32 {
        // To and fro, so that no wall stops it for long.
        let move_x = if tick / 15 % 2 == 0 { 127 } else { -127 };
        table.step(&[Input { move_x, ..run }]);
        if let (Some(phase), state) = (table.phase(), table.people[0].last().map(|_| table.own(0))) {
            if last != state && !walked.contains(&phase) {
                walked.push(phase);
            }
            last = state;
        }
    }
    assert_eq!(walked.len(), 4, "{walked:?}");
    let shots = table.ticks_of(|event| matches!(event, Event::Fired { .. }));
    let allowed = |tick: u32| tick < 30 || (60..120).contains(&tick);
    assert!(shots.iter().all(|&tick| allowed(tick)), "{shots:?}");
    assert!(shots.iter().any(|&tick| tick < 30) && shots.iter().any(|&tick| tick >= 60));
}

#[test]
fn a_kill_in_the_warm_up_does_not_count() {
    let mut config = live_at_once();
    config.phases.warm_up_ticks = 1_000_000;
    let mut table = Table::of_people(config, 2, 1);
    let killed = |table: &Table| {
        !table
            .ticks_of(|event| matches!(event, Event::Killed { .. }))
            .is_empty()
    };
    table.play_until(|table| table.shots(0, 1), killed);
    assert_eq!((table.own(0).score, table.own(1).deaths), (0, 0));
}

#[test]
fn in_sudden_death_the_first_to_lead_wins() {
    let mut config = live_at_once();
    config.phases.live_ticks = 60;
    config.phases.sudden_death_ticks = 1_000_000;
    let mut table = Table::of_people(config, 2, 1);
    table.play_until(
        |_| vec![STAY; 2],
        |table| table.phase() == Some(Phase::SuddenDeath),
    );
    table.play_until(
        |table| table.shots(1, 0),
        |table| table.phase() == Some(Phase::Results),
    );
    assert_eq!((table.own(1).kills, table.own(0).kills), (1, 0));
}
