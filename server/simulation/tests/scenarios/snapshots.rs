use shared::ids::EntityId;
use shared::limits::EVENTS_PER_SNAPSHOT_MAX;
use shared::snapshot::SLACK_UNKNOWN;
use shared::tick::Tick;
use simulation::settings::MatchSettings;

use crate::counter::{Played, Shouted, Sum};
use crate::scenario::{Client, QUIET, Scenario, Told, add, shout};

/// A match at tick 3 with one client who has taken its first snapshot.
fn ada_at_tick_3() -> (Scenario, Client) {
    let mut scenario = Scenario::new(QUIET);
    let ada = scenario.join("Ada");
    scenario.steps(2);
    assert_eq!(ada.take().unwrap().header.tick.0, 3);
    (scenario, ada)
}

/// The events of the snapshot that waits: age and sum.
fn events(client: &Client) -> Vec<(u8, u32)> {
    let snapshot = client.take().expect("a snapshot waits");
    snapshot
        .events
        .into_iter()
        .map(|(age, Shouted(sum))| (age, sum))
        .collect()
}

#[test]
fn every_third_tick_puts_one_snapshot_into_each_mailbox() {
    let mut scenario = Scenario::new(MatchSettings { fill_to: 3, ..QUIET });
    scenario.steps(9);
    assert!(!scenario.told().contains(&Told::Ready), "nobody is there");
    let ada = scenario.join("Ada");
    let eve = scenario.join("Eve");
    scenario.told();
    let mut ticks = Vec::new();
    for _ in 0..60 {
        for client in [&ada, &eve] {
            scenario.send(client, Tick(scenario.stepped + 1), &[add(0)]);
        }
        scenario.step();
        for client in [&ada, &eve] {
            if let Some(snapshot) = client.take() {
                ticks.push(snapshot.header.tick.0);
                assert_eq!(snapshot.own_entity(), client.seat.entity);
                assert!(snapshot.entities.is_sorted_by_key(|(entity, _)| *entity));
                assert_eq!(snapshot.entities.len(), 3);
            }
        }
    }
    let expected: Vec<u32> = (12..72)
        .filter(|tick| tick % 3 == 0)
        .flat_map(|tick| [tick; 2])
        .collect();
    assert_eq!(ticks, expected);
    assert_eq!(
        scenario.told(),
        vec![Told::Ready; 20],
        "one call for all clients of a match"
    );
    assert_eq!(scenario.stats.snapshots.value(), 40);
    assert_eq!(scenario.stats.snapshots_superseded.value(), 0);
    // Header 8 bytes, own 2, no event 1, status 4, block 2; at first three entities of 5 and once the id 2, then only the bot,
    // which has another number each time.
    assert_eq!(scenario.stats.snapshot_bytes.value(), 2 * 34 + 38 * 24);
}

#[test]
fn an_overloaded_shard_leaves_out_every_second_snapshot_and_no_event() {
    let (mut scenario, ada) = ada_at_tick_3();
    scenario.running.thin_snapshots(true);
    let mut ticks = Vec::new();
    let mut shouts = Vec::new();
    for tick in 4..=40 {
        scenario.send(&ada, ada.seat.tick.after(tick), &[shout(1)]);
    }
    for _ in 0..36 {
        scenario.step();
        if let Some(snapshot) = ada.take() {
            ticks.push(snapshot.header.tick.0);
            shouts.extend(snapshot.events.into_iter().map(|(_, Shouted(sum))| sum));
        }
    }
    assert_eq!(ticks, [6, 12, 18, 24, 30, 36]);
    let sums: Vec<u32> = (1..=shouts.len() as u32).collect();
    assert!(shouts.len() >= 30 && shouts == sums, "{shouts:?}");
    assert_eq!(scenario.stats.snapshots_shed.value(), 6);
    scenario.running.thin_snapshots(false);
    scenario.steps(3);
    assert_eq!(ada.take().unwrap().header.tick.0, 42);
}

#[test]
fn a_snapshot_shows_the_world_after_its_tick() {
    let (mut scenario, ada) = ada_at_tick_3();
    scenario.send(&ada, ada.seat.tick.after(6), &[add(1), add(2), add(3)]);
    scenario.steps(3);
    let snapshot = ada.take().unwrap();
    assert_eq!(snapshot.entities, [(EntityId(100), Sum(6))]);
    assert_eq!(snapshot.status, Played(6));
}

#[test]
fn slack_rides_in_the_header() {
    let (mut scenario, ada) = ada_at_tick_3();
    scenario.steps(3);
    assert_eq!(ada.take().unwrap().header.slack, SLACK_UNKNOWN);
    scenario.send(&ada, ada.seat.tick.after(9), &[add(0), add(0)]);
    scenario.steps(3);
    assert_eq!(ada.take().unwrap().header.slack, 4);
}

#[test]
fn an_event_reaches_a_client_once_whether_snapshots_are_taken_or_not() {
    let (mut scenario, ada) = ada_at_tick_3();
    let shouts = |scenario: &Scenario, tick: u32, amount| {
        scenario.send(&ada, ada.seat.tick.after(tick), &[shout(amount)])
    };
    shouts(&scenario, 4, 1);
    scenario.send(&ada, ada.seat.tick.after(5), &[add(0)]);
    scenario.steps(3);
    assert_eq!(events(&ada), [(2, 1)]);
    shouts(&scenario, 7, 1);
    scenario.send(&ada, ada.seat.tick.after(8), &[add(0)]);
    scenario.steps(3);
    // The snapshot of tick 9 is not taken, so what it carried comes again with tick 12; and because it was not, the next
    // one is that of tick 18.
    shouts(&scenario, 12, 1);
    scenario.send(&ada, ada.seat.tick.after(13), &[add(0)]);
    scenario.steps(6);
    assert_eq!(events(&ada), [(5, 2), (0, 3)]);
    scenario.steps(3);
    assert_eq!(events(&ada), []);
    assert_eq!(scenario.stats.snapshots_superseded.value(), 1);
    assert_eq!(scenario.stats.events_dropped.value(), 0);
}

#[test]
fn each_client_goes_at_its_own_pace() {
    let (mut scenario, ada) = ada_at_tick_3();
    let eve = scenario.join("Eve");
    scenario.steps(2);
    assert_eq!((events(&ada), events(&eve)), (vec![], vec![]));
    scenario.send(&ada, ada.seat.tick.after(8), &[shout(5), add(0)]);
    scenario.steps(3);
    assert_eq!(events(&ada), [(2, 5)]);
    scenario.steps(3);
    assert_eq!((events(&ada), events(&eve)), (vec![], vec![(5, 5)]));
}

#[test]
fn whoever_joins_does_not_see_what_happened_before() {
    let (mut scenario, ada) = ada_at_tick_3();
    scenario.send(&ada, ada.seat.tick.after(5), &[shout(5), add(0)]);
    scenario.steps(2);
    let eve = scenario.join("Eve");
    assert_eq!((events(&ada), events(&eve)), (vec![(2, 5)], vec![]));
}

#[test]
fn a_client_that_takes_nothing_loses_the_oldest_events_and_is_counted() {
    let (mut scenario, ada) = ada_at_tick_3();
    let count = EVENTS_PER_SNAPSHOT_MAX as u32 + 6;
    for tick in 0..count {
        scenario.send(&ada, ada.seat.tick.after(4 + tick), &[shout(1)]);
        scenario.step();
    }
    scenario.send(&ada, ada.seat.tick.after(4 + count), &[add(0)]);
    scenario.steps(3);
    let sums: Vec<u32> = events(&ada).into_iter().map(|(_, sum)| sum).collect();
    assert_eq!(sums, (7..=count).collect::<Vec<u32>>());
    assert_eq!(scenario.stats.events_dropped.value(), 6);
}

#[test]
fn a_slipped_clock_is_told_until_a_snapshot_with_it_was_taken() {
    let (mut scenario, ada) = ada_at_tick_3();
    let mut slipped = Vec::new();
    for (slips, taken) in [
        (false, true),
        (true, false),
        (false, false),
        (false, true),
        (false, true),
    ] {
        if slips {
            scenario.running.slip();
        }
        scenario.steps(3);
        if taken {
            slipped.push(ada.take().unwrap().header.slipped);
        }
    }
    assert_eq!(slipped, [false, true, false]);
}

#[test]
fn a_snapshot_that_a_client_still_holds_is_not_written_over() {
    let (mut scenario, ada) = ada_at_tick_3();
    let mut held = Vec::new();
    for tick in 1..=4 {
        scenario.send(&ada, ada.seat.tick.after(3 + 3 * tick), &[add(1); 3]);
        scenario.steps(3);
        held.push(ada.mailbox.take().unwrap());
    }
    for (index, bytes) in held.iter().enumerate() {
        let snapshot = ada.apply(bytes);
        assert_eq!(snapshot.entities[0].1, Sum(3 * (index as u32 + 1)));
    }
}
