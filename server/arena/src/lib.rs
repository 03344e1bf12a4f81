//! The rules of the demo game: people and bots who shoot at each other around walls, in rounds.
//!
//! One mechanic is one file, and `tick.rs` lists them in the order of a tick. What the client computes too (movement, the
//! flight of a shot) is in `shared::arena`.
//!
//! Modules stand in dependency order: a later one may use earlier ones, never the reverse.

use bevy_ecs::schedule::Schedule;
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

pub mod side;

pub mod floor;

pub mod rotation;

pub mod mirror;

pub mod map_file;

pub mod maps;

pub mod config;

pub mod life;

pub mod tally;

pub mod weapon;

pub mod rail;

pub mod player;

pub mod round;

pub mod score;

pub mod movement;

pub mod history;

pub mod damage;

pub mod projectile;

pub mod beam;

pub mod shoot;

pub mod spawn;

pub mod pickup;

pub mod observe;

pub mod mind;

pub mod match_state;

pub mod tick;

pub mod balance;

pub mod entrance;

pub mod audience;

pub mod fingerprint;

pub use config::{Config, PhaseLengths};

use match_state::{MatchState, fighter, fighters};

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
        encode_map(config.maps.of_round(0).map())
    }

    fn encode_config(config: &Config, out: &mut Vec<u8>) {
        config.encode(out);
    }

    fn decode_config(reader: &mut Reader<'_>) -> Result<Config, DecodeError> {
        Config::decode(reader)
    }

    fn build(world: &mut World, schedule: &mut Schedule, config: &Config, seed: u64) {
        world.insert_resource(MatchState::new(config, seed));
        schedule.add_systems(tick::tick);
    }

    fn spawn_player(world: &mut World, player: PlayerId, control: Control) -> EntityId {
        entrance::enter(world, player, control)
    }

    fn despawn_player(world: &mut World, player: PlayerId) {
        entrance::leave(world, player);
    }

    fn bot_name(index: usize) -> String {
        bot::name::name(index)
    }

    fn observe(world: &mut World, observer: &mut Observer<PlayerState>) {
        for fighter in fighters(world) {
            observer.see(fighter.id, observe::state(fighter));
        }
    }

    fn own(world: &World, entity: EntityId) -> Own {
        fighter(world, entity).map_or_else(Own::default, observe::own)
    }

    fn audience(world: &World, event: &Event) -> Audience {
        audience::audience(world, event)
    }

    fn standing(world: &World, standing: &mut Standing<Event>) {
        audience::standing(world, standing);
    }

    fn scores(world: &World, out: &mut Vec<u8>) {
        for fighter in fighters(world) {
            observe::score(fighter).encode(out);
        }
    }

    fn status(world: &World) -> Status {
        world.resource::<MatchState>().round.status
    }

    fn phase(world: &World) -> &'static str {
        world.resource::<MatchState>().round.status.phase.name()
    }

    fn map_name(world: &World) -> &str {
        &world.resource::<MatchState>().floor.map().name
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
