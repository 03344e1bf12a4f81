use arena::bot::angle::angle_of;
use arena::life::{RESPAWN_TICKS, SHIELD_TICKS};
use arena::tally::{ASSIST, KILL, SHUTDOWN};
use shared::arena::event::{EndCause, Event};
use shared::arena::input::Input;
use shared::arena::state::HEALTH_MAX;
use shared::arena::weapon::{PULSE, WeaponId};
use shared::ids::EntityId;

use crate::table::{STAY, Table, live_at_once};

fn is_hit(event: &Event) -> bool {
    matches!(event, Event::Hit { .. })
}

fn is_kill(event: &Event) -> bool {
    matches!(event, Event::Killed { .. })
}

fn is_shot(event: &Event) -> bool {
    matches!(event, Event::Fired { .. })
}

fn count(table: &Table, is_it: impl Fn(&Event) -> bool) -> usize {
    table.ticks_of(is_it).len()
}

/// One person fires at another until somebody dies once more.
fn kill(table: &mut Table, from: usize, at: usize) {
    let before = count(table, is_kill);
    table.play_until(
        |table| table.shots(from, at),
        |table| count(table, is_kill) > before,
    );
    let of = |person: usize| table.people[person].seat.entity;
    let last = table.events.iter().rev().find(|(_, event)| is_kill(event));
    assert!(
        matches!(last, Some((_, Event::Killed { victim, killer, weapon: WeaponId::Pulse, .. }))
            if *victim == of(at) && *killer == of(from)),
        "{last:?}"
    );
}

/// Nobody does anything until everybody is alive and without a shield.
fn recover(table: &mut Table) {
    table.play_until(
        |table| vec![STAY; table.people.len()],
        |table| {
            let entities = &table.seen().entities;
            entities.iter().all(|(_, state)| state.alive && !state.shielded)
        },
    );
}

#[test]
fn hits_hurt_and_kill_and_the_victim_comes_back_with_a_shield() {
    let mut table = Table::of_people(live_at_once(), 2, 1);
    table.rest(3);
    let victim = table.people[1].seat.entity;
    kill(&mut table, 0, 1);
    let hits = table.ticks_of(is_hit);
    let hits_needed = HEALTH_MAX.div_ceil(PULSE.damage);
    assert_eq!(hits.len(), usize::from(hits_needed));
    assert!(
        hits.windows(2).all(|pair| (6..9).contains(&(pair[1] - pair[0]))),
        "one for each shot, a little later the further its victim is knocked away: {hits:?}"
    );
    let (died, dead) = (*hits.last().unwrap(), table.own(1));
    assert_eq!((dead.alive, dead.health, dead.deaths), (false, 0, 1));
    assert_eq!((dead.body.vx, dead.body.vy), (0, 0));
    assert_eq!((table.own(0).score, table.own(0).kills), (KILL, 1));

    table.events.clear();
    table.rest(3 * 45);
    let spawned = table.ticks_of(|event| matches!(event, Event::Spawned { entity, .. } if *entity == victim));
    assert_eq!(spawned, [died + u32::from(RESPAWN_TICKS)]);
    let back = table.own(1);
    assert_eq!((back.alive, back.shielded, back.health), (true, true, HEALTH_MAX));
    table.rest(3 * 30);
    assert!(!table.own(1).shielded);
}

#[test]
fn a_new_player_is_shielded_until_time_is_up_or_it_fires() {
    let mut table = Table::of_people(live_at_once(), 2, 1);
    table.rest(3);
    let spawned = *table
        .ticks_of(|event| matches!(event, Event::Spawned { .. }))
        .last()
        .unwrap();
    assert!(table.own(0).shielded && table.own(1).shielded);
    table.play_until(|table| table.shots(0, 1), |table| count(table, is_hit) > 0);
    let met = table.ticks_of(|event| {
        matches!(
            event,
            Event::Ended {
                cause: EndCause::Player,
                ..
            }
        )
    });
    assert!(
        met[0] < spawned + u32::from(SHIELD_TICKS),
        "the first shots come too early"
    );
    let first_hit = table.ticks_of(is_hit)[0];
    assert!(first_hit >= spawned + u32::from(SHIELD_TICKS));
    assert!(!table.own(0).shielded);

    let mut table = Table::of_people(live_at_once(), 2, 1);
    table.rest(3);
    let once = vec![Input { fire: true, ..STAY }, STAY];
    table.step(&once);
    table.rest(3);
    assert_eq!((table.own(0).shielded, table.own(1).shielded), (false, true));
}

#[test]
fn a_hit_knocks_its_victim_along() {
    let mut table = Table::of_people(live_at_once(), 2, 1);
    table.rest(3);
    recover(&mut table);
    let before = table.own(1).body.position();
    let from = table.own(0).body.position();
    table.play_until(|table| table.shots(0, 1), |table| count(table, is_hit) > 0);
    table.rest(30);
    let after = table.own(1).body.position();
    // 60 units a second die down over some 7 units.
    let farther = from.distance(after) - from.distance(before);
    assert!((3.0..40.0).contains(&farther), "{from} {before} {after}");
}

#[test]
fn a_held_trigger_fires_every_seventh_tick() {
    let mut table = Table::of_people(live_at_once(), 1, 1);
    table.rest(3);
    for _ in 0..60 {
        table.step(&[Input { fire: true, ..STAY }]);
    }
    let shots = table.ticks_of(is_shot);
    assert!(shots.len() >= 8);
    assert!(
        shots
            .windows(2)
            .all(|pair| pair[1] - pair[0] == u32::from(PULSE.cooldown_ticks))
    );
}

#[test]
fn every_shot_that_starts_ends_once() {
    let mut table = Table::of_people(live_at_once(), 3, 4);
    table.rest(3);
    for tick in 0..400_u32 {
        let fire = |turn: u32| Input {
            fire: true,
            aim: (tick * turn) as u16,
            ..STAY
        };
        table.step(&[fire(777), fire(1234), fire(4321)]);
    }
    table.rest(90);
    let mut open = std::collections::BTreeSet::new();
    let mut ended = 0;
    for (_, event) in &table.events {
        match event {
            Event::Fired { key, .. } => assert!(open.insert(*key)),
            Event::Ended { key, .. } => {
                assert!(open.remove(key), "{key}");
                ended += 1;
            }
            _ => {}
        }
    }
    assert!(open.is_empty() && ended > 100, "{open:?} {ended}");
}

#[test]
fn who_helped_gets_an_assist() {
    let mut table = Table::of_people(live_at_once(), 3, 2);
    table.rest(3);
    recover(&mut table);
    let helper = table.people[2].seat.entity;
    let helped = |event: &Event| matches!(event, Event::Hit { attacker, .. } if *attacker == helper);
    table.play_until(|table| table.shots(2, 1), |table| count(table, helped) > 0);
    kill(&mut table, 0, 1);
    let scores: Vec<u16> = (0..3).map(|person| table.own(person).score).collect();
    assert_eq!(scores, [KILL, 0, ASSIST]);
    let kills: Vec<u8> = (0..3).map(|person| table.own(person).kills).collect();
    assert_eq!(kills, [1, 0, 0]);
}

#[test]
fn an_assist_is_forgotten_after_ten_seconds() {
    let mut table = Table::of_people(live_at_once(), 3, 2);
    table.rest(3);
    recover(&mut table);
    let helper = table.people[2].seat.entity;
    let helped = |event: &Event| matches!(event, Event::Hit { attacker, .. } if *attacker == helper);
    table.play_until(|table| table.shots(2, 1), |table| count(table, helped) > 0);
    table.rest(610);
    kill(&mut table, 0, 1);
    assert_eq!(table.own(2).score, 0);
}

#[test]
fn ending_a_run_is_worth_more() {
    let mut table = Table::of_people(live_at_once(), 2, 3);
    table.rest(3);
    for _ in 0..3 {
        recover(&mut table);
        kill(&mut table, 0, 1);
    }
    recover(&mut table);
    kill(&mut table, 1, 0);
    assert_eq!(
        (table.own(0).score, table.own(1).score),
        (3 * KILL, KILL + SHUTDOWN)
    );
    recover(&mut table);
    kill(&mut table, 1, 0);
    assert_eq!(table.own(1).score, 2 * KILL + SHUTDOWN);
}

#[test]
fn a_shot_off_the_wall_hits() {
    let mut table = Table::of_people(live_at_once(), 2, 5);
    table.rest(3);
    recover(&mut table);
    // At the mirror image of the other behind the upper edge, and a little to both sides of it.
    let mut offset = 0.0;
    let victim: EntityId = table.people[1].seat.entity;
    table.play_until(
        |table| {
            offset = (offset + 7.0) % 80.0;
            let (from, at) = (table.own(0).body.position(), table.own(1).body.position());
            let aim = angle_of(at.x - from.x, 40.0 - offset - at.y - from.y);
            vec![
                Input {
                    fire: true,
                    aim,
                    ..STAY
                },
                STAY,
            ]
        },
        |table| count(table, is_hit) > 0,
    );
    let hit = table.events.iter().find(|(_, event)| is_hit(event));
    assert!(matches!(hit, Some((_, Event::Hit { victim: who, .. })) if *who == victim));
}

#[test]
fn who_leaves_takes_the_shots_along() {
    let mut table = Table::of_people(live_at_once(), 2, 5);
    table.rest(3);
    for _ in 0..20 {
        table.step(&[STAY, Input { fire: true, ..STAY }]);
    }
    table.leave();
    table.rest(6);
    let ended = count(&table, |event| matches!(event, Event::Ended { .. }));
    assert_eq!((ended, count(&table, is_shot)), (3, 3));
    assert_eq!(table.seen().entities.len(), 1);
}
