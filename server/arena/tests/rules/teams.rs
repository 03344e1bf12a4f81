use arena::Config;
use arena::side::Mode;
use shared::arena::event::{EndCause, Event};
use shared::arena::status::Phase;
use shared::arena::team::Team;
use shared::ids::EntityId;

use crate::table::{STAY, Table, live_at_once, open_map};

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

/// One person kills another who stands still, and waits until it is back.
fn kill(table: &mut Table, killer: usize, victim: usize) {
    table.play_until(
        |table| table.shots(killer, victim),
        |table| !table.own(victim).alive,
    );
    table.play_until(
        |table| vec![STAY; table.people.len()],
        |table| {
            let own = table.own(victim);
            own.alive && !own.shielded
        },
    );
}

#[test]
fn a_team_keeps_the_kills_of_who_has_left_and_begins_each_round_without_any() {
    let mut config = teams();
    config.kills_to_win = 1;
    config.phases.results_ticks = 60;
    // Blue, orange, blue: two kills end a round of teams.
    let mut table = Table::of_people(config, 3, 1);
    table.rest(100);
    kill(&mut table, 2, 1);
    assert_eq!(table.phase(), Some(Phase::Live));
    table.leave();
    table.rest(6);
    table.play_until(
        |table| table.shots(0, 1),
        |table| table.phase() == Some(Phase::Results),
    );
    assert_eq!(table.own(0).kills, 1);
    table.play_until(
        |_| vec![STAY; 2],
        |table| table.seen().status.round == 1 && table.phase() == Some(Phase::Live),
    );
    table.rest(100);
    kill(&mut table, 0, 1);
    assert_eq!(table.phase(), Some(Phase::Live), "one kill is not two");
}

/// The key of a shot that this player has fired in the last ticks, as the first person saw it.
fn shot_just_fired(table: &Table, by: EntityId) -> Option<u16> {
    let recent = table.tick.0 - 3;
    let mut recent = table.events.iter().filter(|&&(tick, _)| tick >= recent);
    recent.find_map(|(_, event)| match *event {
        Event::Fired { key, owner, .. } if owner == by => Some(key),
        _ => None,
    })
}

#[test]
fn what_a_bot_has_fired_ends_when_it_changes_sides() {
    let mut table = Table::new(teams(), 5, 1);
    for _ in 0..4 {
        table.join();
    }
    table.rest(6);
    let people: Vec<EntityId> = table.people.iter().map(|person| person.seat.entity).collect();
    let entities = table.seen().entities.iter();
    let mut bots = entities.filter(|(id, _)| !people.contains(id));
    let (bot, state) = *bots.next().expect("one of five is no person");
    let team = state.team;
    table.play_until(
        |table| vec![STAY; table.people.len()],
        |table| shot_just_fired(table, bot).is_some(),
    );
    let key = shot_just_fired(&table, bot).expect("it has fired");
    // All of the other team leave at once, so that the bot has to make up for one of them.
    let other = team.map(Team::other);
    let leaving: Vec<bool> = (0..4).map(|person| table.own(person).team == other).collect();
    let mut index = 0..4;
    table
        .people
        .retain(|_| !index.next().is_some_and(|person| leaving[person]));
    table.rest(6);
    assert_eq!(table.state(bot).team, other);
    let expired = |event: &Event| matches!(*event, Event::Ended { key: ended, cause: EndCause::Expired, .. } if ended == key);
    assert_eq!(table.ticks_of(expired).len(), 1, "{:?}", table.events);
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
