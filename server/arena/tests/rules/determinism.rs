use arena::player::Fighter;
use arena::world::ArenaWorld;
use arena::{Arena, Config};
use bevy_ecs::resource::Resource;
use bevy_ecs::schedule::{Schedule, ScheduleBuildSettings};
use bevy_ecs::system::ResMut;
use bevy_ecs::world::World;
use shared::arena::input::Input;
use shared::ids::PlayerId;
use simulation::game::{Control, Events, Game, Inputs};

use crate::shuffled::Shuffled;
use crate::table::{STAY, Table, quick};

/// The hash after each second of a story with people who come, fight and go.
fn hashes(seed: u64, disturbed: bool) -> Vec<u64> {
    let mut other = Table::new(quick(), 6, seed + 1);
    play(Table::new(quick(), 6, seed), 40, || {
        if disturbed {
            other.rest(1);
        }
    })
}

/// Plays the story; `between` is called before each tick.
fn play(mut table: Table, seconds: u32, mut between: impl FnMut()) -> Vec<u64> {
    let mut hashes = Vec::new();
    for second in 0..seconds {
        if second % 10 == 0 {
            table.join();
        }
        if second % 13 == 12 {
            table.leave();
        }
        for tick in 0..60_u32 {
            between();
            let input = Input {
                fire: tick % 3 == 0,
                rail: tick % 29 == 3,
                dash: tick % 41 == 7,
                move_x: (tick * 7) as i8,
                move_y: (second * 25) as i8,
                aim: (second * 6000 + tick * 100) as u16,
            };
            table.step(&vec![input; table.people.len()]);
        }
        hashes.push(table.status().hash);
    }
    hashes
}

#[test]
fn the_same_seed_and_inputs_give_the_same_match() {
    let first = hashes(42, false);
    assert_eq!(
        first,
        hashes(42, true),
        "another match on the thread changes nothing"
    );
    assert_ne!(first, hashes(43, false));
    let distinct: std::collections::BTreeSet<u64> = first.iter().copied().collect();
    assert_eq!(distinct.len(), first.len(), "the hash follows the match");
}

#[test]
fn no_order_of_systems_that_the_schedule_allows_changes_a_match() {
    let first = play(Table::new(quick(), 6, 42), 20, || {});
    for shuffle_seed in 0..4 {
        let table = Table::of::<Shuffled>((quick(), shuffle_seed), 6, 42);
        assert_eq!(play(table, 20, || {}), first, "shuffled by {shuffle_seed}");
    }
}

#[derive(Resource, Default)]
struct Order(Vec<u8>);

#[test]
fn a_shuffle_does_change_an_order_that_nothing_states() {
    let order = |shuffle_seed| {
        let (mut world, mut schedule) = (World::new(), Schedule::default());
        world.init_resource::<Order>();
        schedule.add_systems((
            |mut order: ResMut<Order>| order.0.push(1),
            |mut order: ResMut<Order>| order.0.push(2),
        ));
        schedule.set_build_settings(ScheduleBuildSettings {
            shuffle_seed: Some(shuffle_seed),
            ..ScheduleBuildSettings::default()
        });
        schedule.run(&mut world);
        std::mem::take(&mut world.resource_mut::<Order>().0)
    };
    let orders: std::collections::BTreeSet<Vec<u8>> = (0..16).map(order).collect();
    assert_eq!(orders.len(), 2, "{orders:?}");
}

#[test]
fn a_single_input_changes_the_hash() {
    let hash = |fire| {
        let mut table = Table::of_people(quick(), 1, 1);
        table.step(&[Input { fire, ..STAY }]);
        table.status().hash
    };
    assert_ne!(hash(true), hash(false));
}

/// The world of a match without anything around it.
struct Bare {
    world: ArenaWorld,
}

impl Bare {
    fn new(config: &Config, bots: u16) -> Self {
        let mut world = Arena::build(config, 3);
        for player in 0..bots {
            Arena::spawn_player(&mut world, PlayerId(player), Control::Bot, &mut Events::default());
        }
        Self { world }
    }

    fn step(&mut self) {
        Arena::tick(&mut self.world, &Inputs::default(), &mut Events::default());
    }
}

#[test]
fn ten_minutes_of_bots_do_not_grow_the_world() {
    let mut bare = Bare::new(&quick(), 8);
    for _ in 0..1000 {
        bare.step();
    }
    let (entities, memory) = (
        bare.world.players.entities().count_spawned(),
        bare.world.players.entities().len(),
    );
    for _ in 0..10 * 60 * 60 {
        bare.step();
    }
    assert_eq!(bare.world.players.entities().count_spawned(), entities);
    assert_eq!(bare.world.players.entities().len(), memory);
}

#[test]
fn players_who_come_and_go_do_not_grow_the_world() {
    let mut bare = Bare::new(&quick(), 2);
    for player in 2..1000 {
        let (world, events) = (&mut bare.world, &mut Events::default());
        Arena::spawn_player(world, PlayerId(player), Control::Bot, events);
        Arena::despawn_player(world, PlayerId(player), events);
    }
    let players = &bare.world.players;
    // It uses places again by the hundred.
    assert!(players.entities().len() <= 256);
    // bevy_ecs remembers who lost a component until it is told to forget, for two rounds.
    assert!(players.removed::<Fighter>().count() <= 2);
}
