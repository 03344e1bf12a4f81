//! The rules of the demo game: a walled floor, people and bots that walk on it.
//!
//! One mechanic is one file. `build` below lists all systems in the order of a tick; there is no other order.
//! Movement itself is `shared::arena::movement`, because the client computes it too.

use bevy_ecs::schedule::{IntoScheduleConfigs, Schedule};
use bevy_ecs::world::World;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::map::Map;
use shared::arena::state::Body;
use shared::codec::encode_map;
use shared::ids::{EntityId, PlayerId};
use simulation::game::{Control, Game, Observer};

pub mod map;

pub mod player;

pub mod spawn;

pub mod movement;

pub mod bot;

pub mod observe;

/// The game.
#[derive(Clone, Copy, Debug)]
pub struct Arena;

/// What distinguishes one match from another.
#[derive(Clone, Debug)]
pub struct Config {
    /// The floor.
    pub map: Map,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            map: map::crossroads(),
        }
    }
}

impl Game for Arena {
    type Config = Config;
    type Input = Input;
    type State = Body;
    type Event = Event;

    fn setup(config: &Config) -> Vec<u8> {
        encode_map(&config.map)
    }

    fn build(world: &mut World, schedule: &mut Schedule, config: &Config, seed: u64) {
        assert!(config.map.is_valid(), "a map keeps the bounds of the wire");
        player::prepare(world);
        spawn::prepare(world, &config.map, seed);
        movement::prepare(world, config.map.clone());
        bot::prepare(world, seed);
        observe::prepare(world);
        schedule.add_systems((player::obey_inputs, bot::steer, movement::move_players).chain());
    }

    fn spawn_player(world: &mut World, player: PlayerId, control: Control) -> EntityId {
        let entity = spawn::spawn(world, player);
        if control == Control::Bot {
            bot::take_over(world, player);
        }
        entity
    }

    fn despawn_player(world: &mut World, player: PlayerId) {
        player::despawn(world, player);
    }

    fn bot_name(index: usize) -> String {
        bot::name(index)
    }

    fn observe(world: &mut World, observer: &mut Observer<Body>) {
        observe::observe(world, observer);
    }

    fn position(state: &Body) -> (f32, f32) {
        let position = state.position();
        (position.x, position.y)
    }

    fn hash(world: &World) -> u64 {
        observe::hash(world)
    }
}
