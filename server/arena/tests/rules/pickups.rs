use arena::Config;
use arena::rotation::Rotation;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::pickup::{ARMOR_MAX, MED_HEALTH, OVERCHARGE_TICKS, Pickup, PickupKind};
use shared::arena::state::HEALTH_MAX;
use shared::arena::weapon::PULSE;
use shared::ids::EntityId;
use shared::tick::Tick;

use crate::table::{STAY, Table, live_at_once, open_map};

/// In the middle of the open map, away from every place to appear.
const MIDDLE: (u16, u16) = (400, 300);

/// A live round with one pickup.
fn with(kind: PickupKind) -> Config {
    let (x, y) = MIDDLE;
    Config {
        maps: Rotation::of([Map {
            pickups: vec![Pickup { kind, x, y }],
            ..open_map()
        }]),
        ..live_at_once()
    }
}

fn walk_to_it(table: &mut Table, person: usize) {
    table.walk_to(person, MIDDLE.0.into(), MIDDLE.1.into());
}

/// Who took it, when, and when it will be back.
fn taken(table: &Table) -> Vec<(EntityId, u32, u32)> {
    let found = table.events.iter().filter_map(|&(tick, event)| match event {
        Event::PickedUp { by, back, .. } => Some((by, tick, back.0)),
        _ => None,
    });
    found.collect()
}

/// The second person is hurt by so many shots of the first.
fn hurt(table: &mut Table, shots: usize) {
    let hits = |table: &Table| table.ticks_of(|event| matches!(event, Event::Hit { .. })).len();
    let before = hits(table);
    table.play_until(|table| table.shots(0, 1), |table| hits(table) >= before + shots);
    table.rest(80);
}

#[test]
fn a_med_heals_who_is_hurt_and_is_back_after_twelve_seconds() {
    let mut table = Table::of_people(with(PickupKind::Med), 2, 1);
    table.rest(100);
    walk_to_it(&mut table, 1);
    assert_eq!(taken(&table), [], "nobody takes what is of no use");
    table.walk_to(1, 600.0, 300.0);
    hurt(&mut table, 2);
    let health = table.own(1).health;
    assert!(health < HEALTH_MAX - PULSE.damage);
    walk_to_it(&mut table, 1);
    assert_eq!(table.own(1).health, (health + MED_HEALTH).min(HEALTH_MAX));
    let (by, tick, back) = taken(&table)[0];
    assert_eq!(
        (by, back - tick),
        (table.people[1].seat.entity, PickupKind::Med.return_ticks())
    );
    hurt(&mut table, 1);
    walk_to_it(&mut table, 1);
    assert_eq!(taken(&table).len(), 1, "it is away");
    table.rest(PickupKind::Med.return_ticks());
    let again = taken(&table)[1];
    assert_eq!((again.0, again.1), (by, back), "who waits there has it at once");
}

#[test]
fn armor_is_lost_before_health_and_with_a_life() {
    let mut table = Table::of_people(with(PickupKind::Shield), 2, 1);
    table.rest(100);
    walk_to_it(&mut table, 1);
    let own = table.own(1);
    assert_eq!((own.armor, own.health), (ARMOR_MAX, HEALTH_MAX));
    hurt(&mut table, 1);
    let own = table.own(1);
    assert!(own.armor < ARMOR_MAX && own.health == HEALTH_MAX, "{own:?}");
    table.play_until(|table| table.shots(0, 1), |table| !table.own(1).alive);
    assert_eq!(table.own(1).armor, 0);
    table.rest(130);
    assert!(table.own(1).alive && table.own(1).armor == 0);
}

#[test]
fn an_overcharge_fires_twice_as_fast_for_eight_seconds() {
    let mut table = Table::of_people(with(PickupKind::Overcharge), 1, 1);
    table.rest(100);
    // No shot comes back to whoever fires it in this direction.
    let fire = [Input {
        fire: true,
        aim: 6000,
        ..STAY
    }];
    let shots = |table: &mut Table| {
        table.events.clear();
        for _ in 0..140 {
            table.step(&fire);
        }
        table.ticks_of(|event| matches!(event, Event::Fired { .. })).len()
    };
    let usual = shots(&mut table);
    walk_to_it(&mut table, 0);
    assert!(table.own(0).overcharged);
    let (_, own) = table.seen().own.unwrap();
    assert!((1..OVERCHARGE_TICKS).contains(&own.overcharge_ticks));
    let fast = shots(&mut table);
    assert!((2 * usual - 1..=2 * usual + 1).contains(&fast), "{usual} {fast}");
    table.rest(OVERCHARGE_TICKS.into());
    assert!(!table.own(0).overcharged);
    let again = shots(&mut table);
    assert!(again.abs_diff(usual) <= 1, "{usual} {again}");
}

#[test]
fn whoever_joins_later_knows_what_is_away() {
    let mut table = Table::of_people(with(PickupKind::Overcharge), 1, 1);
    table.rest(100);
    walk_to_it(&mut table, 0);
    let (by, _, back) = taken(&table)[0];
    table.rest(600);
    table.join();
    table.rest(6);
    let heard = &table.people[1].heard;
    assert!(
        heard.contains(&Event::PickedUp {
            pickup: 0,
            by,
            back: Tick(back)
        }),
        "{heard:?}"
    );
}

#[test]
fn the_nearer_of_two_takes_it_and_a_new_round_lays_all_again() {
    let mut config = with(PickupKind::Shield);
    config.phases.live_ticks = 400;
    config.phases.sudden_death_ticks = 1;
    config.phases.results_ticks = 1;
    let mut table = Table::of_people(config, 2, 1);
    table.rest(100);
    walk_to_it(&mut table, 1);
    walk_to_it(&mut table, 0);
    assert_eq!(taken(&table).len(), 1);
    table.play_until(
        |table| vec![STAY; table.people.len()],
        |table| table.seen().status.round == 1,
    );
    walk_to_it(&mut table, 0);
    let taken = taken(&table);
    assert_eq!(taken.len(), 2);
    assert!(
        taken[1].1 < taken[0].2,
        "before it would have been back: {taken:?}"
    );
}
