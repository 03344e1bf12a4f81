use std::collections::BTreeMap;

use arena::Config;
use arena::bot::angle::angle_of;
use arena::rotation::Rotation;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::{Map, Wall};
use shared::arena::state::{Body, HEALTH_MAX};
use shared::arena::weapon::{RAIL, WeaponId};
use shared::ids::EntityId;
use shared::input::VIEW_AGE_UNKNOWN;

use crate::table::{STAY, Table, live_at_once};

const PRESS: Input = Input { rail: true, ..STAY };

const CHARGE_TICKS: u32 = RAIL.charge_ticks as u32;

fn wide(walls: Vec<Wall>) -> Config {
    let map = Map {
        name: "Wide".into(),
        width: 1600,
        height: 1200,
        walls,
        ..Map::default()
    };
    Config {
        maps: Rotation::of([map]),
        ..live_at_once()
    }
}

/// Two people: one stands on the left, one above its line of sight, without shields.
fn duel(config: Config) -> Table {
    let mut table = Table::of_people(config, 2, 1);
    table.rest(3);
    table.walk_to(0, 200.0, 600.0);
    table.walk_to(1, 700.0, 300.0);
    table.events.clear();
    table
}

/// Steps until the next tick is one of a snapshot.
fn align(table: &mut Table, inputs: &[Input]) {
    while !table.tick.after(1).sends_snapshot() {
        table.step(inputs);
    }
}

fn aim_at(table: &Table, target: Body) -> u16 {
    let (from, at) = (table.own(0).body.position(), target.position());
    angle_of(at.x - from.x, at.y - from.y)
}

/// Whom each beam met, and when.
fn beams(table: &Table) -> Vec<(u32, EntityId)> {
    let met = |&(tick, event): &(u32, Event)| match event {
        Event::RailFired { hit, .. } => Some((tick, hit)),
        _ => None,
    };
    table.events.iter().filter_map(met).collect()
}

fn charges(table: &Table) -> Vec<u32> {
    table.ticks_of(|event| matches!(event, Event::RailCharging { .. }))
}

/// The first presses while the second runs at full speed across its line of sight, and aims at where that was `ticks_ago`
/// before the beam leaves, as somebody does who sees it so late. True when that hits.
fn hits_runner(config: Config, view_age: u8, ticks_ago: u32) -> bool {
    let mut table = duel(config);
    table.people[0].view_age = view_age;
    let run = Input { move_y: 127, ..STAY };
    while !table.tick.sends_snapshot() {
        table.step(&[STAY, run]);
    }
    // The beam leaves in a tick of a snapshot, as far from the place aimed at as snapshots are apart.
    let fires = table.tick.0 + 30;
    let mut seen = BTreeMap::new();
    while table.tick.0 < fires + 3 {
        let tick = table.tick.0 + 1;
        let aimed_at = seen.get(&(tick - ticks_ago));
        assert!(aimed_at.is_some() || tick != fires, "the place was seen");
        let press = Input {
            rail: tick + CHARGE_TICKS == fires,
            aim: aimed_at.map_or(0, |&body| aim_at(&table, body)),
            ..STAY
        };
        table.step(&[press, run]);
        if table.tick.sends_snapshot() {
            seen.insert(table.tick.0, table.own(1).body);
        }
    }
    let victim = table.people[1].seat.entity;
    assert_eq!(charges(&table), [fires - CHARGE_TICKS]);
    let beams = beams(&table);
    assert_eq!(beams.len(), 1);
    assert_eq!(beams[0].0, fires);
    let hit = beams[0].1 == victim;
    let health = table.own(1).health;
    assert_eq!(health, if hit { HEALTH_MAX - RAIL.damage } else { HEALTH_MAX });
    hit
}

#[test]
fn a_runner_is_hit_where_its_shooter_saw_it() {
    let without = Config {
        lag_compensation: false,
        ..wide(vec![])
    };
    // 100 ms are six ticks, in which a runner goes 32 units.
    assert!(hits_runner(wide(vec![]), 24, 6));
    assert!(!hits_runner(without, 24, 6));
    // Who sees what is now must not aim at the past, and who sees the past must not aim elsewhere.
    assert!(!hits_runner(wide(vec![]), 0, 6));
    assert!(!hits_runner(wide(vec![]), 48, 6));
    assert!(hits_runner(wide(vec![]), 12, 3));
    assert!(hits_runner(wide(vec![]), 36, 9));
    // Half a tick more or less is three units.
    assert!(hits_runner(wide(vec![]), 22, 6));
}

#[test]
fn nobody_is_rewound_by_more_than_200_ms_whatever_the_claim() {
    for claim in [48, 49, 100, VIEW_AGE_UNKNOWN] {
        assert!(!hits_runner(wide(vec![]), claim, 18), "{claim}");
        assert!(hits_runner(wide(vec![]), claim, 12), "{claim}");
    }
}

#[test]
fn a_claim_that_is_too_old_is_counted() {
    let mut table = duel(wide(vec![]));
    let counted = table.stats().views_clamped.value();
    table.people[0].view_age = VIEW_AGE_UNKNOWN;
    table.rest(10);
    assert_eq!(table.stats().views_clamped.value(), counted + 10);
}

#[test]
fn a_short_way_explains_only_a_young_view() {
    // Everybody at the table acknowledges at once, which is a round trip of a tick: 40 quarters are the most.
    for (view_age, is_clamped) in [(36, false), (40, false), (44, true), (48, true)] {
        let mut table = duel(wide(vec![]));
        table.people[0].view_age = view_age;
        let counted = table.stats().views_clamped.value();
        table.rest(30);
        let clamped = table.stats().views_clamped.value() - counted;
        assert_eq!(clamped, if is_clamped { 30 } else { 0 }, "{view_age}");
    }
}

/// Lets the first press at the second, who stands, with other inputs of the second around the tick in which the beam leaves
/// (0); gives the event of the beam.
fn shoot(table: &mut Table, others: impl Fn(i32) -> Input) -> Event {
    align(table, &[STAY, STAY]);
    let aim = aim_at(table, table.own(1).body);
    for tick in -(CHARGE_TICKS as i32)..6 {
        let press = Input {
            rail: tick == -(CHARGE_TICKS as i32),
            aim,
            ..STAY
        };
        table.step(&[press, others(tick)]);
    }
    let is_beam = |event: &&(u32, Event)| matches!(event.1, Event::RailFired { .. });
    table.events.iter().rfind(is_beam).expect("a beam has left").1
}

fn met(event: Event) -> EntityId {
    match event {
        Event::RailFired { hit, .. } => hit,
        _ => unreachable!("the event of a beam"),
    }
}

#[test]
fn a_beam_hurts_twice_and_kills_and_the_kill_names_it() {
    let mut table = duel(wide(vec![]));
    let (attacker, victim) = (table.people[0].seat.entity, table.people[1].seat.entity);
    assert_eq!(met(shoot(&mut table, |_| STAY)), victim);
    assert_eq!(table.own(1).health, HEALTH_MAX - RAIL.damage);
    table.rest(66);
    assert_eq!(met(shoot(&mut table, |_| STAY)), victim);
    assert!(!table.own(1).alive);
    let weapon = WeaponId::Rail;
    for expected in [
        Event::Hit {
            victim,
            attacker,
            damage: RAIL.damage,
            weapon,
        },
        Event::Killed {
            victim,
            killer: attacker,
            weapon,
            streak: 1,
            shutdown: false,
        },
    ] {
        assert_eq!(
            table.ticks_of(|event| *event == expected).len(),
            1,
            "{expected:?}"
        );
    }
    // The dead are not met.
    table.rest(66);
    assert_eq!(met(shoot(&mut table, |_| STAY)), EntityId::NONE);
}

#[test]
fn a_wall_stops_a_beam() {
    let wall = Wall {
        x: 300,
        y: 500,
        width: 20,
        height: 60,
    };
    let mut table = duel(wide(vec![wall]));
    let beam = shoot(&mut table, |_| STAY);
    let Event::RailFired { to, hit, .. } = beam else {
        unreachable!("the event of a beam");
    };
    assert_eq!((to.0, hit), (300 * 32, EntityId::NONE));
    assert_eq!(table.own(1).health, HEALTH_MAX);
}

#[test]
fn a_beam_ends_at_its_range() {
    let mut table = duel(wide(vec![]));
    table.walk_to(1, 1130.0, 600.0);
    assert_eq!(met(shoot(&mut table, |_| STAY)), EntityId::NONE);
    table.rest(66);
    table.walk_to(1, 1100.0, 600.0);
    assert_ne!(met(shoot(&mut table, |_| STAY)), EntityId::NONE);
}

#[test]
fn a_shield_of_now_stops_a_beam_unhurt_and_a_press_ends_the_own() {
    // On a map that has no place out of range.
    let mut table = Table::of_people(live_at_once(), 2, 1);
    table.rest(3);
    table.walk_to(0, 200.0, 300.0);
    table.walk_to(1, 400.0, 300.0);
    // The second dies and comes back with a shield.
    for _ in 0..2 {
        shoot(&mut table, |_| STAY);
        table.rest(66);
    }
    table.play_until(|_| vec![STAY; 2], |table| table.own(1).alive);
    assert!(table.own(1).shielded);
    table.events.clear();
    assert_eq!(met(shoot(&mut table, |_| STAY)), table.people[1].seat.entity);
    assert_eq!(table.ticks_of(|event| matches!(event, Event::Hit { .. })), []);
    assert!(table.own(1).shielded && table.own(1).health == HEALTH_MAX);
    table.step(&[STAY, PRESS]);
    table.rest(3);
    assert!(!table.own(1).shielded);
}

/// A dash of the second in this tick from the beam on, straight away from the first; seen so many quarters of a tick back.
fn meets_dasher(dashes_at: i32, view_age: u8) -> bool {
    let mut table = duel(wide(vec![]));
    // In line, so that a dash does not leave the beam.
    table.walk_to(1, 600.0, 600.0);
    table.people[0].view_age = view_age;
    let dash = Input {
        dash: true,
        move_x: 127,
        ..STAY
    };
    met(shoot(
        &mut table,
        |tick| if tick == dashes_at { dash } else { STAY },
    )) != EntityId::NONE
}

#[test]
fn a_dash_is_judged_at_present() {
    for view_age in [0, 24, 48] {
        assert!(meets_dasher(1, view_age), "{view_age}: too late");
        assert!(!meets_dasher(0, view_age), "{view_age}: just in time");
        assert!(!meets_dasher(-8, view_age), "{view_age}: just still");
        assert!(
            meets_dasher(-9, view_age),
            "{view_age}: over, though it is seen in it"
        );
    }
}

#[test]
fn whoever_dies_while_it_charges_does_not_fire() {
    let mut table = duel(wide(vec![]));
    for person in [0, 1] {
        table.walk_to(person, 300.0 + 200.0 * person as f32, 600.0);
    }
    // The first has one hit left, and charges when the beam of the second is about to leave.
    let press = |tick: i32, at: i32, aim| Input {
        rail: tick == at,
        aim,
        ..STAY
    };
    for tick in 0..90 {
        table.step(&[STAY, press(tick, 0, 32_768)]);
    }
    table.events.clear();
    for tick in 0..30 {
        table.step(&[press(tick, 5, 0), press(tick, 0, 32_768)]);
    }
    assert!(!table.own(0).alive);
    assert_eq!((charges(&table).len(), beams(&table).len()), (2, 1));
}

#[test]
fn a_late_press_charges_once_and_only_once() {
    let mut table = duel(wide(vec![]));
    let late = table.tick.after(1);
    for _ in 0..6 {
        table.step_alone();
    }
    for _ in 0..3 {
        table.send(0, late, &[PRESS]);
    }
    let charged = table.tick.0 + 1;
    table.step_alone();
    table.send(0, late, &[PRESS]);
    table.rest(100);
    assert_eq!(charges(&table), [charged]);
    // In time and late, and with the packet after it once more.
    let next = table.tick.after(1);
    table.send(0, next, &[PRESS]);
    table.step_alone();
    table.send(0, next, &[PRESS]);
    table.send(0, next.after(1), &[PRESS, STAY]);
    table.rest(100);
    assert_eq!(charges(&table), [charged, next.0]);
    assert_eq!(table.stats().inputs_late_actions.value(), 1);
}

#[test]
fn only_the_player_itself_is_told_of_its_charge_and_its_cooldown() {
    let mut table = duel(wide(vec![]));
    align(&mut table, &[STAY, STAY]);
    table.step(&[PRESS, STAY]);
    for ticks in [0, 3, 6, 9, 12] {
        let told = |person: usize| table.people[person].last().unwrap().own.unwrap().1;
        let mine = told(0);
        assert_eq!(mine.rail_cooldown_ticks, RAIL.cooldown_ticks - ticks);
        assert_eq!(mine.rail_charge_ticks, RAIL.charge_ticks.saturating_sub(ticks));
        assert_eq!((told(1).rail_cooldown_ticks, told(1).rail_charge_ticks), (0, 0));
        table.rest(3);
    }
}

#[test]
fn a_press_is_not_repeated_for_ticks_without_an_input() {
    let mut table = duel(wide(vec![]));
    table.step(&[PRESS, STAY]);
    for _ in 0..200 {
        table.step_alone();
    }
    assert_eq!(charges(&table).len(), 1);
}
