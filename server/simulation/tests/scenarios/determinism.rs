use std::sync::Arc;

use shared::ids::PlayerId;
use shared::tick::Tick;
use simulation::settings::MatchSettings;

use crate::counter::Config;
use crate::scenario::{Client, QUIET, Scenario, add, counter_match};

const FILLED: MatchSettings = MatchSettings {
    players_max: 6,
    fill_to: 5,
    ..QUIET
};

/// Plays one tick of a fixed story with people who come, send and go; gives the hash.
fn play(scenario: &mut Scenario, people: &mut Vec<Client>, turn: u32) -> u64 {
    if turn.is_multiple_of(50) {
        people.push(scenario.join("Ada"));
    }
    if turn % 70 == 69 {
        people.remove(0);
    }
    for client in &*people {
        let amount = (turn % 100) as i8 - 50;
        scenario.send(client, Tick(turn + 10), &[add(amount), add(1)]);
    }
    scenario.status().hash
}

fn hashes(seed: u64, disturbed: bool) -> Vec<u64> {
    let stats = Arc::default();
    let mut scenario = Scenario::new(FILLED);
    let (started, _told) = counter_match(1, Config::default(), seed, FILLED, &stats);
    (scenario.handle, scenario.running) = (started.handle, started.running);
    let mut other = Scenario::new(FILLED);
    let (mut people, mut others) = (Vec::new(), Vec::new());
    let mut hashes = Vec::new();
    for turn in 0..200 {
        if disturbed {
            play(&mut other, &mut others, turn + 7);
        }
        hashes.push(play(&mut scenario, &mut people, turn));
    }
    hashes
}

#[test]
fn the_same_seed_and_commands_give_the_same_hash_in_every_tick() {
    assert_eq!(hashes(3, false), hashes(3, false));
    assert_eq!(
        hashes(3, false),
        hashes(3, true),
        "another match on the thread changes nothing"
    );
    assert_ne!(hashes(3, false), hashes(4, false));
}

#[test]
fn the_order_in_which_people_send_does_not_matter() {
    let sums = |reversed: bool| {
        let mut scenario = Scenario::new(QUIET);
        let people = [scenario.join("Ada"), scenario.join("Eve"), scenario.join("Bob")];
        let mut order = [0, 1, 2];
        if reversed {
            order.reverse();
        }
        for index in order {
            scenario.send(
                &people[index],
                people[0].seat.tick.after(6),
                &[add(index as i8 + 1)],
            );
        }
        scenario.steps(5);
        scenario.status()
    };
    assert_eq!(sums(false), sums(true));
    assert_eq!(sums(false).players[2].player, PlayerId(2));
}
