use arena::world::ArenaWorld;
use arena::{Arena, Config};
use bevy_ecs::resource::Resource;
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings};
use bevy_ecs::system::{Res, ResMut};
use shared::arena::event::Event;
use shared::arena::input::Input;
use shared::arena::state::PlayerState;
use shared::arena::status::Status;
use shared::ids::{EntityId, PlayerId};
use shared::record::{DecodeError, Reader};
use simulation::audience::{Audience, Standing};
use simulation::ecs::Ecs;
use simulation::game::{Control, Events, Game, Inputs, Observer};
use simulation::grid::InterestRules;

/// The arena as a system among others of a schedule, which run in an order that a seed chooses among those that their constraints
/// allow.
pub(crate) struct Shuffled;

/// The rules, and the seed of the order.
pub(crate) type ShuffledConfig = (Config, u64);

/// What the arena keeps of a match.
#[derive(Resource)]
pub(crate) struct Whole(ArenaWorld);

/// Runs before or after the rules.
#[derive(Resource)]
struct Beside(u32);

type World = Ecs<Input, Event>;

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
    type World = World;

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

    fn build((config, shuffle_seed): &ShuffledConfig, seed: u64) -> World {
        let mut world = World::new();
        world.insert_resource(Whole(Arena::build(config, seed)));
        world.insert_resource(Beside(0));
        let beside = |mut beside: ResMut<Beside>| beside.0 += 1;
        world.schedule.add_systems((tick, beside));
        world.schedule.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            shuffle_seed: Some(*shuffle_seed),
            ..ScheduleBuildSettings::default()
        });
        world
    }

    fn tick(world: &mut World, inputs: &Inputs<Input>, events: &mut Events<Event>) {
        world.run(inputs, events);
    }

    fn spawn_player(
        world: &mut World,
        player: PlayerId,
        control: Control,
        events: &mut Events<Event>,
    ) -> EntityId {
        Arena::spawn_player(&mut world.resource_mut::<Whole>().0, player, control, events)
    }

    fn despawn_player(world: &mut World, player: PlayerId, events: &mut Events<Event>) {
        Arena::despawn_player(&mut world.resource_mut::<Whole>().0, player, events);
    }

    fn bot_name(index: usize) -> String {
        Arena::bot_name(index)
    }

    fn observe(world: &mut World, observer: &mut Observer<PlayerState>) {
        Arena::observe(&mut world.resource_mut::<Whole>().0, observer);
    }

    fn own(world: &World, entity: EntityId) -> Self::Own {
        Arena::own(whole(world), entity)
    }

    fn audience(world: &World, event: &Event) -> Audience {
        Arena::audience(whole(world), event)
    }

    fn standing(world: &World, standing: &mut Standing<Event>) {
        Arena::standing(whole(world), standing);
    }

    fn scores(world: &World, out: &mut Vec<u8>) {
        Arena::scores(whole(world), out);
    }

    fn status(world: &World) -> Status {
        Arena::status(whole(world))
    }

    fn phase(world: &World) -> &'static str {
        Arena::phase(whole(world))
    }

    fn score(state: &PlayerState) -> u32 {
        Arena::score(state)
    }

    fn position(state: &PlayerState) -> (f32, f32) {
        Arena::position(state)
    }

    fn hash(world: &World) -> u64 {
        Arena::hash(whole(world))
    }
}

fn tick(inputs: Res<Inputs<Input>>, mut events: ResMut<Events<Event>>, mut whole: ResMut<Whole>) {
    Arena::tick(&mut whole.0, &inputs, &mut events);
}

fn whole(world: &World) -> &ArenaWorld {
    &world.resource::<Whole>().0
}
