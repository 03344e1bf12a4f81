use arena::{Arena, Config};
use bevy_ecs::schedule::{LogLevel, Schedule, ScheduleBuildSettings};
use bevy_ecs::world::World;
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::state::PlayerState;
use shared::arena::status::Status;
use shared::ids::{EntityId, PlayerId};
use shared::record::{DecodeError, Reader};
use simulation::audience::{Audience, Standing};
use simulation::game::{Control, Game, Observer};
use simulation::grid::InterestRules;

/// The arena, whose systems run in an order that a seed chooses among those that its constraints allow.
pub(crate) struct Shuffled;

/// The rules, and the seed of the order.
pub(crate) type ShuffledConfig = (Config, u64);

impl Game for Shuffled {
    const NAME: &'static str = Arena::NAME;
    const RULES_VERSION: u32 = Arena::RULES_VERSION;
    const INTEREST: InterestRules = Arena::INTEREST;

    type Config = ShuffledConfig;
    type Input = Input;
    type State = PlayerState;
    type Event = Event;
    type Status = Status;
    type Own = <Arena as Game>::Own;

    fn setup((config, _): &ShuffledConfig) -> Vec<u8> {
        Arena::setup(config)
    }

    fn encode_config((config, shuffle_seed): &ShuffledConfig, out: &mut Vec<u8>) {
        Arena::encode_config(config, out);
        out.extend_from_slice(&shuffle_seed.to_le_bytes());
    }

    fn decode_config(reader: &mut Reader<'_>) -> Result<ShuffledConfig, DecodeError> {
        Ok((Arena::decode_config(reader)?, reader.u64()?))
    }

    fn build(world: &mut World, schedule: &mut Schedule, (config, shuffle_seed): &ShuffledConfig, seed: u64) {
        Arena::build(world, schedule, config, seed);
        schedule.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            shuffle_seed: Some(*shuffle_seed),
            ..ScheduleBuildSettings::default()
        });
    }

    fn spawn_player(world: &mut World, player: PlayerId, control: Control) -> EntityId {
        Arena::spawn_player(world, player, control)
    }

    fn despawn_player(world: &mut World, player: PlayerId) {
        Arena::despawn_player(world, player);
    }

    fn bot_name(index: usize) -> String {
        Arena::bot_name(index)
    }

    fn observe(world: &mut World, observer: &mut Observer<PlayerState>) {
        Arena::observe(world, observer);
    }

    fn own(world: &World, entity: EntityId) -> Self::Own {
        Arena::own(world, entity)
    }

    fn audience(world: &World, event: &Event) -> Audience {
        Arena::audience(world, event)
    }

    fn standing(world: &World, standing: &mut Standing<Event>) {
        Arena::standing(world, standing);
    }

    fn scores(world: &World, out: &mut Vec<u8>) {
        Arena::scores(world, out);
    }

    fn status(world: &World) -> Status {
        Arena::status(world)
    }

    fn phase(world: &World) -> &'static str {
        Arena::phase(world)
    }

    fn score(state: &PlayerState) -> u32 {
        Arena::score(state)
    }

    fn position(state: &PlayerState) -> (f32, f32) {
        Arena::position(state)
    }

    fn hash(world: &World) -> u64 {
        Arena::hash(world)
    }
}
