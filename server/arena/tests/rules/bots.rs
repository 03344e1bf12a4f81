use arena::bot::brain::{Brain, decide};
use arena::bot::level::Level;
use arena::bot::nav::NavMap;
use arena::bot::view::View;
use arena::rotation::Rotation;
use arena::{Config, PhaseLengths, maps};
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::movement::RADIUS;
use shared::codec::decode_map;

use crate::table::{STAY, Table};

/// Live from the second tick on, for longer than any test.
fn fight_on(maps: Rotation, bot_level: Level) -> Config {
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

/// Plays a minute with eight bots. Some forty kills; who has no points has found nobody to fight.
fn check_fight(map: Map, level: Level) {
    let name = map.name.clone();
    let mut table = Table::new(fight_on(Rotation::of([map]), level), 8, 11);
    table.rest(3600);
    let players = table.status().players;
    let scores: Vec<u32> = players.iter().map(|player| player.score).collect();
    assert!(
        scores.len() == 8 && scores.iter().sum::<u32>() >= 4000 && !scores.contains(&0),
        "{name} {level}: {scores:?}"
    );
}

#[test]
fn bots_find_and_kill_each_other_on_each_map() {
    for map in maps::all() {
        check_fight(map, Level::Normal);
    }
}

#[test]
fn bots_of_each_level_find_and_kill_each_other() {
    for (level, map) in Level::ALL.into_iter().zip(maps::all().into_iter().rev()) {
        check_fight(map, level);
    }
}

/// Eight people of whom every second one is hard and the others easy, played over the wire by the brain; gives the
/// kills of the easy and of the hard.
fn duel(seed: u64) -> (u32, u32) {
    let mut table = Table::of_people(fight_on(maps::rotation(), Level::Normal), 8, seed);
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
    for map in maps::all() {
        let mut table = Table::new(fight_on(Rotation::of([map.clone()]), Level::Normal), 7, 42);
        let watcher = table.join();
        table.rest(6);
        let mut areas = std::collections::BTreeMap::new();
        for _ in 0..3600 {
            table.rest(1);
            for &(entity, state) in table.seen().entities.iter().filter(|(id, _)| *id != watcher) {
                let at = state.body.position();
                // The grid of the wire may push a player into a wall by half a step on each axis.
                assert!(
                    arena::map::is_free(&map, at.x, at.y, RADIUS - 1.0 / 32.0),
                    "{}: {at}",
                    map.name
                );
                let part = |at: f32, of: u16, parts: f32| (at / f32::from(of) * parts) as usize;
                let area = part(at.y, map.height, 3.0) * 4 + part(at.x, map.width, 4.0);
                areas.entry(entity).or_insert([false; 12])[area] = true;
            }
        }
        for (entity, areas) in areas {
            let visited = areas.iter().filter(|&&seen| seen).count();
            assert!(visited >= 8, "{}: {entity:?} {visited} of 12 areas", map.name);
        }
    }
}
