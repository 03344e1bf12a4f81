use arena::Config;
use arena::side::Mode;
use shared::arena::event::Event;
use shared::arena::team::Team;

use crate::table::{Table, live_at_once, open_map};

fn teams() -> Config {
    Config {
        mode: Mode::Teams,
        ..live_at_once()
    }
}

/// Players of each team as the first person sees them.
fn sizes(table: &Table) -> [usize; 2] {
    Team::ALL.map(|team| {
        let entities = &table.seen().entities;
        entities
            .iter()
            .filter(|(_, state)| state.team == Some(team))
            .count()
    })
}

#[test]
fn whoever_joins_comes_to_the_smaller_team_and_bots_make_up_for_the_rest() {
    let mut table = Table::new(teams(), 7, 1);
    let mut people = [0_usize; 2];
    for _ in 0..5 {
        table.join();
        table.rest(3);
        let [blue, orange] = sizes(&table);
        assert!(
            blue.abs_diff(orange) <= 1 && blue + orange == 7,
            "{blue} {orange}"
        );
        let own = table.own(table.people.len() - 1);
        people[own.team.unwrap() as usize] += 1;
        assert!(people[0].abs_diff(people[1]) <= 1, "{people:?}");
    }
    while table.people.len() > 1 {
        table.leave();
        table.rest(6);
        let [blue, orange] = sizes(&table);
        assert!(
            blue.abs_diff(orange) <= 1 && blue + orange == 7,
            "{blue} {orange}"
        );
    }
}

#[test]
fn a_team_appears_at_home() {
    let table = Table::of_people(teams(), 6, 1);
    let third = f32::from(open_map().width) / 3.0;
    for (_, state) in &table.seen().entities {
        let x = state.body.position().x;
        match state.team {
            Some(Team::Blue) => assert!(x <= third, "{x}"),
            Some(Team::Orange) => assert!(x >= 2.0 * third, "{x}"),
            None => panic!("everybody is in a team"),
        }
    }
}

#[test]
fn shots_and_beams_go_through_the_own_team() {
    let mut table = Table::of_people(teams(), 3, 1);
    table.rest(100);
    assert_eq!(table.own(0).team, table.own(2).team);
    table.walk_to(0, 100.0, 300.0);
    table.walk_to(2, 250.0, 300.0);
    table.walk_to(1, 400.0, 300.0);
    let hits = |event: &Event| matches!(event, Event::Hit { .. });
    table.play_until(|table| table.shots(0, 1), |table| table.ticks_of(hits).len() > 2);
    let mut rails = table.shots(0, 1);
    (rails[0].fire, rails[0].rail) = (false, true);
    table.step(&rails);
    let aim = rails[0].aim;
    for _ in 0..20 {
        let mut inputs = table.shots(0, 1);
        inputs[0].fire = false;
        inputs[0].aim = aim;
        table.step(&inputs);
    }
    table.rest(6);
    let victims = table.events.iter().filter_map(|(_, event)| match event {
        Event::Hit { victim, .. } => Some(*victim),
        _ => None,
    });
    let victims: Vec<_> = victims.collect();
    assert!(
        victims.len() > 2
            && victims
                .iter()
                .all(|&victim| victim == table.people[1].seat.entity),
        "{victims:?}"
    );
}

#[test]
fn a_team_has_the_points_of_its_players_and_keeps_them() {
    let mut table = Table::of_people(teams(), 2, 3);
    table.rest(100);
    assert_eq!(table.seen().status.teams, Some([0, 0]));
    table.play_until(|table| table.shots(0, 1), |table| !table.own(1).alive);
    table.rest(3);
    let own = table.own(0);
    let mut expected = [0, 0];
    expected[own.team.unwrap() as usize] = own.score;
    assert!(own.score > 0);
    assert_eq!(table.seen().status.teams, Some(expected));
}

#[test]
fn where_everybody_fights_for_themselves_nobody_has_a_team() {
    let mut table = Table::of_people(live_at_once(), 2, 3);
    table.rest(3);
    assert_eq!(table.seen().status.teams, None);
    assert!(
        table
            .seen()
            .entities
            .iter()
            .all(|(_, state)| state.team.is_none())
    );
}
