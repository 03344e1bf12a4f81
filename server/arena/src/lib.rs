//! The rules of the demo game: people and bots who shoot at each other around walls, in rounds.
//!
//! One mechanic is one file, and `tick.rs` lists them in the order of a tick. What the client computes too (movement, the
//! flight of a shot) is in `shared::arena`.
//!
//! Modules stand in dependency order: a later one may use earlier ones, never the reverse.

use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::own::Own;
use shared::arena::state::PlayerState;
use shared::arena::status::Status;
use shared::codec::encode_map;
use shared::ids::{EntityId, PlayerId};
use shared::record::{DecodeError, Reader};
use simulation::ahead::Turns;
use simulation::audience::{Audience, Standing};
use simulation::game::{Control, Events, Game, Inputs, Observer};
use simulation::grid::InterestRules;

pub mod picture;

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

pub mod world;

pub mod tick;

pub mod balance;

pub mod entrance;

pub mod audience;

pub mod fingerprint;

pub use config::{Config, PhaseLengths};

use world::ArenaWorld;

/// The game.
#[derive(Clone, Copy, Debug)]
pub struct Arena;

impl Game for Arena {
    const NAME: &'static str = "arena";
    const RULES_VERSION: u32 = 3;
    /// Cells that cut even the small maps into parts; the view is what the page draws at most.
    const INTEREST: InterestRules = InterestRules {
        cell_units: 128.0,
        view_width_units: picture::VIEW_WIDTH,
        view_height_units: picture::VIEW_HEIGHT,
    };

    type Config = Config;
    type Input = Input;
    type State = PlayerState;
    type Event = Event;
    type Status = Status;
    type Own = Own;
    type World = ArenaWorld;

    fn setup(config: &Config) -> Vec<u8> {
        encode_map(config.maps.of_round(0).map())
    }

    fn encode_config(config: &Config, out: &mut Vec<u8>) {
        config.encode(out);
    }

    fn decode_config(reader: &mut Reader<'_>) -> Result<Config, DecodeError> {
        Config::decode(reader)
    }

    fn build(config: &Config, seed: u64) -> ArenaWorld {
        ArenaWorld::new(config, seed)
    }

    fn tick(world: &mut ArenaWorld, inputs: &Inputs<Input>, events: &mut Events<Event>) {
        tick::tick(world, inputs, events);
    }

    fn look_ahead(world: &ArenaWorld, turns: Turns) {
        world.look_ahead(turns);
    }

    fn spawn_player(
        world: &mut ArenaWorld,
        player: PlayerId,
        control: Control,
        events: &mut Events<Event>,
    ) -> EntityId {
        entrance::enter(world, player, control, events)
    }

    fn despawn_player(world: &mut ArenaWorld, player: PlayerId, events: &mut Events<Event>) {
        entrance::leave(world, player, events);
    }

    fn bot_name(index: usize) -> String {
        bot::name::name(index)
    }

    fn observe(world: &mut ArenaWorld, observer: &mut Observer<PlayerState>) {
        for fighter in world.fighters() {
            observer.see(fighter.id, observe::state(fighter));
        }
    }

    fn own(world: &ArenaWorld, entity: EntityId) -> Own {
        world.fighter(entity).map_or_else(Own::default, observe::own)
    }

    fn audience(world: &ArenaWorld, event: &Event) -> Audience {
        audience::audience(world, event)
    }

    fn standing(world: &ArenaWorld, standing: &mut Standing<Event>) {
        audience::standing(world, standing);
    }

    fn scores(world: &ArenaWorld, out: &mut Vec<u8>) {
        for fighter in world.fighters() {
            observe::score(fighter).encode(out);
        }
    }

    fn status(world: &ArenaWorld) -> Status {
        world.state.round.status
    }

    fn phase(world: &ArenaWorld) -> &'static str {
        world.state.round.status.phase.name()
    }

    fn map_name(world: &ArenaWorld) -> &str {
        &world.state.floor.map().name
    }

    fn score(state: &PlayerState) -> u32 {
        state.score.into()
    }

    fn position(state: &PlayerState) -> (f32, f32) {
        let position = state.body.position();
        (position.x, position.y)
    }

    fn hash(world: &ArenaWorld) -> u64 {
        fingerprint::hash(world)
    }
}
