//! The rules of the demo game: people and bots who shoot at each other around walls, in rounds.
//!
//! One mechanic is one file. `build` below lists all systems in the order of a tick; there is no other order. What the
//! client computes too (movement, the flight of a shot) is in `shared::arena`.
//!
//! Modules stand in dependency order: a later one may use earlier ones, never the reverse.

use bevy_ecs::schedule::{IntoScheduleConfigs, Schedule};
use bevy_ecs::world::World;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::own::Own;
use shared::arena::state::PlayerState;
use shared::arena::status::Status;
use shared::codec::encode_map;
use shared::ids::{EntityId, PlayerId};
use shared::record::{DecodeError, Reader};
use simulation::audience::{Audience, Standing};
use simulation::game::{Control, Game, Observer};
use simulation::grid::InterestRules;

pub mod map;

pub mod bot;

pub mod spot;

pub mod config;

pub mod player;

pub mod life;

pub mod tally;

pub mod round;

pub mod score;

pub mod floor;

pub mod movement;

pub mod history;

pub mod damage;

pub mod projectile;

pub mod weapon;

pub mod rail;

pub mod pickup;

pub mod spawn;

pub mod observe;

pub mod audience;

pub mod mind;

pub mod fingerprint;

pub use config::{Config, PhaseLengths};

/// The game.
#[derive(Clone, Copy, Debug)]
pub struct Arena;

impl Game for Arena {
    const NAME: &'static str = "arena";
    const RULES_VERSION: u32 = 3;
    /// Cells that cut even the small maps into parts; the view is what the page draws at most.
    const INTEREST: InterestRules = InterestRules {
        cell_units: 128.0,
        view_width_units: 960.0,
        view_height_units: 540.0,
    };

    type Config = Config;
    type Input = Input;
    type State = PlayerState;
    type Event = Event;
    type Status = Status;
    type Own = Own;

    fn setup(config: &Config) -> Vec<u8> {
        encode_map(floor::first_map(config))
    }

    fn encode_config(config: &Config, out: &mut Vec<u8>) {
        config.encode(out);
    }

    fn decode_config(reader: &mut Reader<'_>) -> Result<Config, DecodeError> {
        Config::decode(reader)
    }

    fn build(world: &mut World, schedule: &mut Schedule, config: &Config, seed: u64) {
        player::prepare(world);
        score::prepare(world);
        round::prepare(world, config);
        floor::prepare(world, config);
        history::prepare(world, config);
        damage::prepare(world);
        projectile::prepare(world);
        pickup::prepare(world);
        spawn::prepare(world, seed);
        observe::prepare(world);
        mind::prepare(world, config.bot_level, seed);
        schedule.add_systems(
            (
                // The round goes on, perhaps with a new map and without scores.
                (
                    round::advance,
                    floor::change,
                    projectile::clear,
                    pickup::lay,
                    score::reset,
                )
                    .chain(),
                // The dead and the shielded come a tick nearer; when a round starts, all appear anew.
                (life::wear_shields, spawn::respawn, spawn::place_everybody).chain(),
                // Everybody does what they want.
                (
                    player::obey_inputs,
                    mind::steer,
                    movement::move_players,
                    history::record,
                    pickup::collect,
                )
                    .chain(),
                // What is in flight and what is there at once have their effect; then new shots leave.
                (
                    projectile::fly,
                    rail::fire,
                    damage::hurt,
                    score::count,
                    weapon::fire,
                )
                    .chain(),
            )
                .chain(),
        );
    }

    fn spawn_player(world: &mut World, player: PlayerId, control: Control) -> EntityId {
        let id = spawn::spawn(world, player);
        if control == Control::Bot {
            mind::take_over(world, id);
        }
        id
    }

    fn despawn_player(world: &mut World, player: PlayerId) {
        spawn::despawn(world, player);
    }

    fn bot_name(index: usize) -> String {
        bot::name::name(index)
    }

    fn observe(world: &mut World, observer: &mut Observer<PlayerState>) {
        observe::observe(world, observer);
    }

    fn own(world: &World, entity: EntityId) -> Own {
        observe::own(world, entity)
    }

    fn audience(world: &World, event: &Event) -> Audience {
        audience::audience(world, event)
    }

    fn standing(world: &World, standing: &mut Standing<Event>) {
        audience::standing(world, standing);
    }

    fn scores(world: &World, out: &mut Vec<u8>) {
        observe::scores(world, out);
    }

    fn status(world: &World) -> Status {
        world.resource::<round::Round>().status
    }

    fn phase(world: &World) -> &'static str {
        world.resource::<round::Round>().status.phase.name()
    }

    fn map_name(world: &World) -> &str {
        &world.resource::<floor::Floor>().map().name
    }

    fn score(state: &PlayerState) -> u32 {
        state.score.into()
    }

    fn position(state: &PlayerState) -> (f32, f32) {
        let position = state.body.position();
        (position.x, position.y)
    }

    fn hash(world: &World) -> u64 {
        fingerprint::hash(world)
    }
}
