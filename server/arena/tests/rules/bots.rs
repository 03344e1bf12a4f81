use arena::bot::brain::{Brain, decide};
use arena::bot::level::Level;
use arena::bot::nav::NavMap;
use arena::bot::view::View;
use arena::{Config, PhaseLengths, map};
use shared::arena::input::Input;
use shared::arena::movement::RADIUS;
use shared::codec::decode_map;

use crate::table::{STAY, Table};

/// Live from the second tick on, for longer than any test.
fn fight_on(maps: Vec<shared::arena::map::Map>, bot_level: Level) -> Config {
    Config {
        maps,
        bot_level,
        kills_to_win: u8::MAX,
        phases: PhaseLengths {
            warm_up_ticks: 1,
            countdown_ticks: 1,
            live_ticks: 1_000_000,
            ..PhaseLengths::default()
        },
        ..Config::default()
    }
}

#[test]
fn bots_of_each_level_kill_on_each_map() {
    for map in map::all() {
        for level in Level::ALL {
            let mut table = Table::new(fight_on(vec![map.clone()], level), 8, 11);
            table.rest(3600);
            let status = table.status();
            let scores: Vec<u32> = status.players.iter().map(|player| player.score).collect();
            assert_eq!(scores.len(), 8);
            assert!(
                scores.iter().sum::<u32>() >= 300,
                "{} {level}: {scores:?}",
                map.name
            );
        }
    }
}

/// Eight people of whom every second one is hard and the others easy, played over the wire by the brain; gives the
/// kills of the easy and of the hard.
fn duel(seed: u64) -> (u32, u32) {
    let mut table = Table::of_people(fight_on(map::all(), Level::Normal), 8, seed);
    let nav = NavMap::new(decode_map(&table.people[0].seat.setup).unwrap());
    let level = |index: usize| {
        if index.is_multiple_of(2) {
            Level::Easy
        } else {
            Level::Hard
        }
    };
    let mut brains: Vec<Brain> = (0..8)
        .map(|index| Brain::new(level(index), seed * 100 + index as u64))
        .collect();
    for _ in 0..3600 {
        let tick = table.tick.after(1);
        let inputs: Vec<Input> = table
            .people
            .iter()
            .zip(&mut brains)
            .map(|(person, brain)| {
                person.last().map_or(STAY, |seen| {
                    let view = View::new(seen.own_entity(), &seen.entities, &nav, tick, seen.status.phase);
                    decide(brain, &view)
                })
            })
            .collect();
        table.step(&inputs);
    }
    let kills = |remainder| {
        (0..8)
            .filter(|index| index % 2 == remainder)
            .map(|index| u32::from(table.own(index).kills))
            .sum()
    };
    (kills(0), kills(1))
}

#[test]
fn over_the_wire_the_hard_ones_beat_the_easy_ones() {
    let (mut easy, mut hard) = (0, 0);
    for seed in 1..=4 {
        let (more_easy, more_hard) = duel(seed);
        easy += more_easy;
        hard += more_hard;
    }
    assert!(hard > easy + easy / 2, "easy {easy}, hard {hard}");
}

#[test]
fn bots_get_around_and_are_never_inside_a_wall() {
    for map in map::all() {
        let mut table = Table::new(fight_on(vec![map.clone()], Level::Normal), 7, 42);
        let watcher = table.join();
        table.rest(6);
        let mut areas = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            table.rest(1);
            for &(entity, state) in table.seen().entities.iter().filter(|(id, _)| *id != watcher) {
                let at = state.body.position();
                // The grid of the wire may push a player into a wall by half a step on each axis.
                assert!(
                    map::is_free(&map, at.x, at.y, RADIUS - 1.0 / 32.0),
                    "{}: {at}",
                    map.name
                );
                let area = (at.y / 480.0) as usize * 4 + (at.x / 480.0) as usize;
                areas.entry(entity).or_insert([false; 12])[area] = true;
            }
        }
        for (entity, areas) in areas {
            let visited = areas.iter().filter(|&&seen| seen).count();
            assert!(visited >= 8, "{}: {entity:?} {visited} of 12 areas", map.name);
        }
    }
}
