use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::ids::EntityId;

use crate::table::{STAY, Table, live_at_once};

/// Events of the last snapshot of a person, with their ticks.
fn events(table: &Table, person: usize) -> Vec<(u32, Event)> {
    let seen = table.people[person].last().unwrap();
    let tick = seen.header.tick.0;
    let events = seen.events.iter();
    events
        .map(|&(age, event)| (tick - u32::from(age), event))
        .collect()
}

/// A third person comes and has its first snapshot.
fn join(table: &mut Table) {
    table.join();
    while table.people[2].last().is_none() {
        table.rest(1);
    }
}

/// Somebody fires away from the others until a shot is in the air; gives its event and the tick.
fn fire(table: &mut Table) -> (u32, Event) {
    let is_shot = |(_, event): &&(u32, Event)| matches!(event, Event::Fired { .. });
    let shot = |table: &Table| {
        let mut inputs = vec![STAY; table.people.len()];
        let away = if table.own(0).body.position().x < 960.0 {
            0
        } else {
            32_768
        };
        inputs[0] = Input {
            fire: true,
            aim: away,
            ..STAY
        };
        inputs
    };
    table.rest(6);
    let before = table.events.len();
    table.play_until(shot, |table| {
        table.events[before..].iter().any(|event| is_shot(&event))
    });
    *table.events[before..].iter().find(is_shot).unwrap()
}

#[test]
fn a_shot_in_the_air_is_told_to_a_newcomer_as_it_was_fired() {
    let mut table = Table::of_people(live_at_once(), 2, 3);
    let (tick, shot) = fire(&mut table);
    table.rest(5);
    join(&mut table);
    let told = events(&table, 2);
    assert!(
        told.contains(&(tick, shot)),
        "{told:?} without {shot:?} of {tick}"
    );
    table.rest(3);
    assert!(!events(&table, 2).contains(&(tick, shot)), "it is told once");
    assert!(!events(&table, 0).contains(&(tick, shot)), "who saw it knows it");
}

#[test]
fn a_shot_that_has_ended_is_told_to_nobody() {
    let mut table = Table::of_people(live_at_once(), 2, 3);
    let (_, shot) = fire(&mut table);
    let Event::Fired { key, owner, .. } = shot else {
        unreachable!("it is a shot")
    };
    assert_ne!(owner, EntityId::NONE);
    table.play_until(
        |table| vec![STAY; table.people.len()],
        |table| {
            let mut events = table.events.iter();
            events.any(|(_, event)| matches!(event, Event::Ended { key: ended, .. } if *ended == key))
        },
    );
    table.rest(120);
    join(&mut table);
    let told = events(&table, 2);
    let shots = told
        .iter()
        .filter(|(_, event)| matches!(event, Event::Fired { .. }));
    assert_eq!(shots.count(), 0, "{told:?}");
}
