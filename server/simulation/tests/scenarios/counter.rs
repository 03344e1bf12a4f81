use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::resource::Resource;
use bevy_ecs::schedule::IntoScheduleConfigs;
use bevy_ecs::system::{Query, Res, ResMut};
use shared::chunk::DeltaRecord;
use shared::ids::{EntityId, PlayerId};
use shared::input::TickInput;
use shared::record::{DecodeError, Reader, Record};
use simulation::audience::{Audience, Standing};
use simulation::ecs::Ecs;
use simulation::game::{Control, Events, Game, Inputs, Observer};
use simulation::grid::InterestRules;
use simulation::state_hash::StateHash;

/// Everybody has a number; inputs add to it, bots add what the seed says.
pub(crate) struct Counter;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Config {
    /// The rules panic in this tick, counted from 1; 0 is never.
    pub(crate) panics_in_tick: u32,
    /// In this tick comes a new setup; 0 is never.
    pub(crate) new_setup_in_tick: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Add {
    pub(crate) amount: i8,
    /// Makes an event of the sum.
    pub(crate) shout: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sum(pub(crate) u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shouted(pub(crate) u32);

/// Ticks played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Played(pub(crate) u32);

#[derive(Component)]
struct Player(PlayerId, Control);

#[derive(Component)]
struct Number(u32);

#[derive(Resource)]
struct Rules {
    config: Config,
    seed: u64,
    ticks: u32,
}

type World = Ecs<Add, Shouted>;

impl Game for Counter {
    const NAME: &'static str = "counter";
    const RULES_VERSION: u32 = 3;
    const INTEREST: InterestRules = InterestRules {
        cell_units: 100.0,
        view_width_units: 200.0,
        view_height_units: 200.0,
    };

    type Config = Config;
    type Input = Add;
    type State = Sum;
    type Event = Shouted;
    type Status = Played;
    type Own = ();
    type World = World;

    fn setup(_: &Config) -> Vec<u8> {
        b"count".to_vec()
    }

    fn encode_config(config: &Config, out: &mut Vec<u8>) {
        for tick in [config.panics_in_tick, config.new_setup_in_tick] {
            out.extend_from_slice(&tick.to_le_bytes());
        }
    }

    fn decode_config(reader: &mut Reader<'_>) -> Result<Config, DecodeError> {
        Ok(Config {
            panics_in_tick: reader.u32()?,
            new_setup_in_tick: reader.u32()?,
        })
    }

    fn build(config: &Config, seed: u64) -> World {
        let mut world = World::new();
        world.insert_resource(Rules {
            config: *config,
            seed,
            ticks: 0,
        });
        world
            .schedule
            .add_systems((panic_when_told, change_setup, count).chain());
        world
    }

    fn tick(world: &mut World, inputs: &Inputs<Add>, events: &mut Events<Shouted>) {
        world.run(inputs, events);
    }

    fn spawn_player(
        world: &mut World,
        player: PlayerId,
        control: Control,
        _: &mut Events<Shouted>,
    ) -> EntityId {
        world.spawn((Player(player, control), Number(0)));
        entity_of(player)
    }

    fn despawn_player(world: &mut World, player: PlayerId, _: &mut Events<Shouted>) {
        let mut query = world.query::<(Entity, &Player)>();
        let found = query
            .iter(world)
            .find(|(_, found)| found.0 == player)
            .map(|(entity, _)| entity);
        world.despawn(found.unwrap());
    }

    fn bot_name(index: usize) -> String {
        format!("Bot {index}")
    }

    fn observe(world: &mut World, observer: &mut Observer<Sum>) {
        let mut query = world.query::<(&Player, &Number)>();
        for (player, number) in query.iter(world) {
            observer.see(entity_of(player.0), Sum(number.0));
        }
    }

    fn own(_: &World, _: EntityId) {}

    fn audience(_: &World, _: &Shouted) -> Audience {
        Audience::EVERYBODY
    }

    fn standing(_: &World, _: &mut Standing<Shouted>) {}

    fn scores(world: &World, out: &mut Vec<u8>) {
        out.extend_from_slice(&world.resource::<Rules>().ticks.to_le_bytes());
    }

    fn status(world: &World) -> Played {
        Played(world.resource::<Rules>().ticks)
    }

    fn phase(world: &World) -> &'static str {
        let even = world.resource::<Rules>().ticks.is_multiple_of(2);
        if even { "even" } else { "odd" }
    }

    fn score(state: &Sum) -> u32 {
        state.0
    }

    fn position(state: &Sum) -> (f32, f32) {
        (state.0 as f32, 0.0)
    }

    fn hash(world: &World) -> u64 {
        let mut hash = StateHash::new();
        if let Some(mut query) = world.try_query::<(&Player, &Number)>() {
            let mut players: Vec<_> = query
                .iter(world)
                .map(|(player, number)| (player.0, number.0))
                .collect();
            players.sort_unstable();
            for (player, number) in players {
                hash.number(player.0.into());
                hash.number(number.into());
            }
        }
        hash.value()
    }
}

/// An entity's id is the player's and 100.
pub(crate) fn entity_of(player: PlayerId) -> EntityId {
    EntityId(player.0.wrapping_add(100))
}

fn panic_when_told(mut rules: ResMut<Rules>) {
    rules.ticks += 1;
    assert_ne!(rules.ticks, rules.config.panics_in_tick, "told to panic");
}

fn change_setup(rules: Res<Rules>, mut events: ResMut<Events<Shouted>>) {
    if rules.ticks == rules.config.new_setup_in_tick {
        events.change_setup(b"again".to_vec());
    }
}

fn count(
    rules: Res<Rules>,
    inputs: Res<Inputs<Add>>,
    mut events: ResMut<Events<Shouted>>,
    mut players: Query<(&Player, &mut Number)>,
) {
    for (player, mut number) in &mut players {
        match player.1 {
            Control::Bot => number.0 += (rules.seed % 7) as u32 + u32::from(player.0.0),
            Control::Person => {
                let input = inputs.of(player.0).expect("one input for each person");
                number.0 = number.0.wrapping_add_signed(input.amount.into());
                if input.shout {
                    events.push(Shouted(number.0));
                }
            }
        }
    }
}

impl Record for Add {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.amount as u8, self.shout.into()]);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            amount: reader.i8()?,
            shout: reader.u8()? != 0,
        })
    }
}

impl TickInput for Add {
    fn held(self) -> Self {
        Self { shout: false, ..self }
    }

    fn actions(self) -> Option<Self> {
        self.shout.then_some(self)
    }

    fn with_actions(self, late: Self) -> Self {
        Self {
            shout: self.shout || late.shout,
            ..self
        }
    }
}

impl Record for Sum {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(reader.u32()?))
    }
}

impl DeltaRecord for Sum {
    fn encode_delta(&self, base: &Self, _: u32, out: &mut Vec<u8>) {
        Self(self.0.wrapping_sub(base.0)).encode(out);
    }

    fn decode_delta(reader: &mut Reader<'_>, base: &Self, _: u32) -> Result<Self, DecodeError> {
        Ok(Self(base.0.wrapping_add(reader.u32()?)))
    }
}

impl Record for Played {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(reader.u32()?))
    }
}

impl Record for Shouted {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(reader.u32()?))
    }
}
