//! The game: walkers on a plain, shells in flight, and events of every audience. All it does is known to the test.

use std::sync::{Arc, Mutex};

use shared::chunk::DeltaRecord;
use shared::ids::{EntityId, PlayerId};
use shared::input::TickInput;
use shared::record::{DecodeError, Reader, Record};
use simulation::audience::{Audience, Standing};
use simulation::game::{Control, Events, Game, Inputs, Observer};
use simulation::grid::InterestRules;

pub(crate) const CELL_UNITS: u16 = 200;
pub(crate) const VIEW_UNITS: u16 = 600;

/// Units on a side of the plain: all cells of the grid.
pub(crate) const SIDE: u16 = 16 * CELL_UNITS;

/// Ticks that a shell flies, 5 units each to the right.
pub(crate) const SHELL_TICKS: u32 = 120;
pub(crate) const SHELL_UNITS: u16 = 5;

/// Rules of the plain.
pub(crate) struct Plain;

/// What is where after the last tick, by id; written by the rules for the test.
pub(crate) type Truth = Arc<Mutex<Vec<(EntityId, Spot)>>>;

#[derive(Clone, Default)]
pub(crate) struct Config {
    /// Walkers besides the players, who go about by themselves.
    pub(crate) wanderers: u16,
    /// They stay where they are.
    pub(crate) frozen: bool,
    /// Everybody begins here and not anywhere.
    pub(crate) start: Option<(u16, u16)>,
    pub(crate) truth: Truth,
}

/// A walker, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) mark: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Act {
    #[default]
    Nothing,
    /// Heard where it is made.
    Noise,
    /// Flies for a while.
    Shell,
    /// Heard everywhere.
    News,
    /// Heard where it is made, and by the walker whose entity is one less.
    Duel,
    /// From the edge to the other side.
    Leap,
}

const ACTS: [Act; 6] = [
    Act::Nothing,
    Act::Noise,
    Act::Shell,
    Act::News,
    Act::Duel,
    Act::Leap,
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Go {
    pub(crate) dx: i8,
    pub(crate) dy: i8,
    pub(crate) act: Act,
}

/// Something that happened, with a number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Happened {
    pub(crate) act: Act,
    pub(crate) number: u16,
    pub(crate) by: EntityId,
    pub(crate) x: u16,
    pub(crate) y: u16,
}

/// What only the player knows: ticks since it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age(pub(crate) u32);

struct Walker {
    entity: EntityId,
    player: Option<PlayerId>,
    spot: Spot,
    age: u32,
}

struct Shell {
    start: Happened,
    age: u32,
}

pub(crate) struct Land {
    config: Config,
    walkers: Vec<Walker>,
    shells: Vec<Shell>,
    next_number: u16,
    random: u64,
}

impl Land {
    /// A number below `end`.
    fn random(&mut self, end: u16) -> u16 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((self.random >> 33) % u64::from(end)) as u16
    }

    fn put(&mut self, entity: EntityId, player: Option<PlayerId>) {
        let (x, y) = match self.config.start {
            Some(start) => start,
            None => (self.random(SIDE), self.random(SIDE)),
        };
        self.walkers.push(Walker {
            entity,
            player,
            spot: Spot { x, y, mark: 0 },
            age: 0,
        });
        self.walkers.sort_by_key(|walker| walker.entity);
    }

    fn walk(&mut self, inputs: &Inputs<Go>, events: &mut Events<Happened>) {
        let mut walkers = std::mem::take(&mut self.walkers);
        for walker in &mut walkers {
            walker.age += 1;
            let go = match walker.player.and_then(|player| inputs.of(player)) {
                Some(go) => go,
                None if self.config.frozen => Go::default(),
                None => Go {
                    dx: self.random(11) as i8 - 5,
                    dy: self.random(11) as i8 - 5,
                    ..Go::default()
                },
            };
            if self.random(20) == 0 && !self.config.frozen {
                walker.spot.mark = walker.spot.mark.wrapping_add(1);
            }
            let moved = |from: u16, by: i8| from.saturating_add_signed(by.into()).min(SIDE - 1);
            walker.spot.x = moved(walker.spot.x, go.dx);
            walker.spot.y = moved(walker.spot.y, go.dy);
            self.act(walker, go.act, events);
        }
        self.walkers = walkers;
    }

    fn act(&mut self, walker: &mut Walker, act: Act, events: &mut Events<Happened>) {
        if act == Act::Leap {
            walker.spot.x = SIDE - 1 - walker.spot.x;
        }
        if matches!(act, Act::Nothing | Act::Leap) {
            return;
        }
        let happened = Happened {
            act,
            number: self.next_number,
            by: walker.entity,
            x: walker.spot.x,
            y: walker.spot.y,
        };
        self.next_number = self.next_number.wrapping_add(1);
        events.push(happened);
        if act == Act::Shell {
            self.shells.push(Shell {
                start: happened,
                age: 0,
            });
        }
    }

    fn fly(&mut self) {
        self.shells.retain_mut(|shell| {
            shell.age += 1;
            shell.age < SHELL_TICKS
        });
    }
}

impl Game for Plain {
    const NAME: &'static str = "plain";
    const RULES_VERSION: u32 = 1;
    const INTEREST: InterestRules = InterestRules {
        cell_units: CELL_UNITS as f32,
        view_width_units: VIEW_UNITS as f32,
        view_height_units: VIEW_UNITS as f32,
    };

    type Config = Config;
    type Input = Go;
    type State = Spot;
    type Own = Age;
    type Event = Happened;
    type Status = ();
    type World = Land;

    fn setup(_: &Config) -> Vec<u8> {
        Vec::new()
    }

    fn encode_config(_: &Config, _: &mut Vec<u8>) {}

    fn decode_config(_: &mut Reader<'_>) -> Result<Config, DecodeError> {
        Ok(Config::default())
    }

    fn build(config: &Config, seed: u64) -> Land {
        let mut land = Land {
            config: config.clone(),
            walkers: Vec::new(),
            shells: Vec::with_capacity(512),
            next_number: 0,
            random: seed,
        };
        for index in 0..config.wanderers {
            land.put(EntityId(10_000 + index * 3), None);
        }
        land
    }

    fn tick(land: &mut Land, inputs: &Inputs<Go>, events: &mut Events<Happened>) {
        land.fly();
        land.walk(inputs, events);
        let mut truth = land.config.truth.lock().unwrap();
        truth.clear();
        truth.extend(land.walkers.iter().map(|walker| (walker.entity, walker.spot)));
    }

    fn spawn_player(land: &mut Land, player: PlayerId, _: Control, _: &mut Events<Happened>) -> EntityId {
        let entity = EntityId(player.0);
        land.put(entity, Some(player));
        entity
    }

    fn despawn_player(land: &mut Land, player: PlayerId, _: &mut Events<Happened>) {
        land.walkers.retain(|walker| walker.player != Some(player));
    }

    fn bot_name(index: usize) -> String {
        format!("Bot {index}")
    }

    fn observe(land: &mut Land, observer: &mut Observer<Spot>) {
        for walker in &land.walkers {
            observer.see(walker.entity, walker.spot);
        }
    }

    fn own(land: &Land, entity: EntityId) -> Age {
        let walkers = &land.walkers;
        let walker = walkers.iter().find(|walker| walker.entity == entity);
        Age(walker.map_or(0, |walker| walker.age))
    }

    fn audience(_: &Land, event: &Happened) -> Audience {
        let here = Audience::near((event.x.into(), event.y.into()));
        match event.act {
            Act::News => Audience::EVERYBODY,
            Act::Duel => here.and([event.by, EntityId(event.by.0.wrapping_sub(1))]),
            _ => here,
        }
    }

    fn standing(land: &Land, standing: &mut Standing<Happened>) {
        for shell in &land.shells {
            let x = f32::from(shell.start.x) + shell.age as f32 * f32::from(SHELL_UNITS);
            standing.add(shell.age, (x, shell.start.y.into()), shell.start);
        }
    }

    fn scores(_: &Land, _: &mut Vec<u8>) {}

    fn status(_: &Land) {}

    fn phase(_: &Land) -> &'static str {
        "on"
    }

    fn score(state: &Spot) -> u32 {
        state.mark.into()
    }

    fn position(state: &Spot) -> (f32, f32) {
        (state.x.into(), state.y.into())
    }

    fn hash(_: &Land) -> u64 {
        0
    }
}

impl Record for Spot {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.x.to_le_bytes());
        out.extend_from_slice(&self.y.to_le_bytes());
        out.push(self.mark);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            x: reader.u16()?,
            y: reader.u16()?,
            mark: reader.u8()?,
        })
    }
}

/// The difference says what it is taken against, so that a wrong base does not go unnoticed: its mark and the ticks since.
impl DeltaRecord for Spot {
    fn encode_delta(&self, base: &Self, ticks: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(&[base.mark, ticks as u8]);
        out.extend_from_slice(&self.x.wrapping_sub(base.x).to_le_bytes());
        out.extend_from_slice(&self.y.wrapping_sub(base.y).to_le_bytes());
        out.push(self.mark.wrapping_sub(base.mark));
    }

    fn decode_delta(reader: &mut Reader<'_>, base: &Self, ticks: u32) -> Result<Self, DecodeError> {
        if (reader.u8()?, u32::from(reader.u8()?)) != (base.mark, ticks) {
            return Err(DecodeError::Malformed);
        }
        Ok(Self {
            x: base.x.wrapping_add(reader.u16()?),
            y: base.y.wrapping_add(reader.u16()?),
            mark: base.mark.wrapping_add(reader.u8()?),
        })
    }
}

impl TickInput for Go {
    fn held(self) -> Self {
        Self {
            act: Act::Nothing,
            ..self
        }
    }

    fn actions(self) -> Option<Self> {
        (self.act != Act::Nothing).then_some(self)
    }

    fn with_actions(self, late: Self) -> Self {
        Self {
            act: late.act,
            ..self
        }
    }
}

impl Record for Go {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.dx as u8, self.dy as u8, self.act as u8]);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            dx: reader.i8()?,
            dy: reader.i8()?,
            act: act(reader)?,
        })
    }
}

impl Record for Happened {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.act as u8);
        for number in [self.number, self.by.0, self.x, self.y] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            act: act(reader)?,
            number: reader.u16()?,
            by: EntityId(reader.u16()?),
            x: reader.u16()?,
            y: reader.u16()?,
        })
    }
}

impl Record for Age {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.u32().map(Self)
    }
}

fn act(reader: &mut Reader<'_>) -> Result<Act, DecodeError> {
    ACTS.get(usize::from(reader.u8()?))
        .copied()
        .ok_or(DecodeError::Malformed)
}
