//! What a game is to the simulation: records, and functions over a world of its own.
//!
//! A game never sees a client, a clock or a queue. In each tick it is given the [`Inputs`], goes a step on, and leaves what
//! happened in the [`Events`], with a new setup when everybody needs one to play on. Its world is a type of its own; one whose
//! rules are systems of bevy_ecs takes that of `ecs.rs`. All randomness comes from the seed given to `build`, and nothing
//! may depend on the order of a hash map or of a table of the world.

use bevy_ecs::resource::Resource;
use shared::chunk::DeltaRecord;
use shared::ids::{EntityId, PlayerId};
use shared::input::TickInput;
use shared::limits::ENTITIES_MAX;
use shared::record::{DecodeError, Reader, Record};

use crate::ahead::Turns;
use crate::audience::{Audience, Standing};
use crate::grid::InterestRules;
use crate::view_age::VIEW_AGE_MAX;

/// The rules of one game. Type parameter of everything in this crate that touches a world, and of nothing else.
pub trait Game: Sized + Send + 'static {
    /// Names the game in recordings.
    const NAME: &'static str;
    /// Raised whenever the same config, seed and inputs give another match than before, so that an older recording is refused
    /// with a sentence instead of failing in its first second.
    const RULES_VERSION: u32;
    /// How the world is divided when a match has many entities, so that each client gets what is around it.
    const INTEREST: InterestRules;

    /// What distinguishes one match from another when they start.
    type Config: Clone + Send + Sync + 'static;
    /// Intent of a player for one tick; the default is neutral. Its record has the same length whatever it says.
    type Input: TickInput;
    /// What others may see of an entity.
    type State: DeltaRecord;
    /// What of a player its own client alone may know.
    type Own: Record;
    /// What clients show once.
    type Event: Record;
    /// What belongs to the match and to no entity.
    type Status: Record;
    /// Everything of a match that outlives a tick.
    type World: Send + 'static;

    /// Bytes for each player who joins, at most `SETUP_BYTES_MAX`; what they mean is between the game and its client.
    /// They hold until the game leaves others in [`Events::change_setup`].
    fn setup(config: &Self::Config) -> Vec<u8>;

    /// Appends everything of the config that influences a match, at most `recording::header::CONFIG_BYTES_MAX` bytes.
    fn encode_config(config: &Self::Config, out: &mut Vec<u8>);

    /// Reads a config from a recording, which may come from anywhere: what is accepted must be good for [`build`](Self::build).
    fn decode_config(reader: &mut Reader<'_>) -> Result<Self::Config, DecodeError>;

    /// The world before the first tick, without players.
    fn build(config: &Self::Config, seed: u64) -> Self::World;

    /// One tick of the rules. `events` may have some in it already, of players who came or went since the last.
    fn tick(world: &mut Self::World, inputs: &Inputs<Self::Input>, events: &mut Events<Self::Event>);

    /// Asks for the memory of the next tick (`ahead.rs`). A game that does not costs more when there are very many matches.
    fn look_ahead(_world: &Self::World, _turns: Turns) {}

    /// Lets a player appear; called between ticks, at most once for each id. The entity's id must be unused.
    fn spawn_player(
        world: &mut Self::World,
        player: PlayerId,
        control: Control,
        events: &mut Events<Self::Event>,
    ) -> EntityId;

    /// Takes a player out; called between ticks.
    fn despawn_player(world: &mut Self::World, player: PlayerId, events: &mut Events<Self::Event>);

    /// Name of the bot with this index; indices are small and are used again after a bot left.
    fn bot_name(index: usize) -> String;

    /// Shows every entity that clients may see.
    fn observe(world: &mut Self::World, observer: &mut Observer<Self::State>);

    /// What only the client of this player's entity may know.
    fn own(world: &Self::World, entity: EntityId) -> Self::Own;

    /// Who is told of an event. Asked right after the tick in which it happened.
    fn audience(world: &Self::World, event: &Self::Event) -> Audience;

    /// Shows what goes on since an event, until another one ends it: clients that come near hear of it then.
    fn standing(world: &Self::World, standing: &mut Standing<Self::Event>);

    /// Appends how everybody stands, at most `SCORES_BYTES_MAX` bytes: what a client may know of those it does not see. It is
    /// told to all clients of a match with many entities, and to each player who joins.
    fn scores(world: &Self::World, out: &mut Vec<u8>);

    /// Shows what is the same for everybody; a client is told when it has changed.
    fn status(world: &Self::World) -> Self::Status;

    /// Where the match stands, in a word for lists: at most `PHASE_BYTES_MAX` bytes.
    fn phase(world: &Self::World) -> &'static str;

    /// What is played on, in a word for lists: at most `MAP_NAME_BYTES_MAX` bytes. Asked when the match begins and when the
    /// game has changed the setup ([`Events::change_setup`]). A game without maps has no word for it.
    fn map_name(_world: &Self::World) -> &str {
        ""
    }

    /// Points of the player whose state this is.
    fn score(state: &Self::State) -> u32;

    /// Where a state is, in units of length: right and down are positive.
    fn position(state: &Self::State) -> (f32, f32);

    /// A hash of everything that influences the future, in an order that does not depend on how the world stores it:
    /// sort by stable ids.
    fn hash(world: &Self::World) -> u64;
}

/// Who decides what a player does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A client; its inputs are in [`Inputs`].
    Person,
    /// The game itself.
    Bot,
}

/// The inputs of this tick: exactly one for each person, in ascending order of id, none for bots.
#[derive(Resource, Debug)]
pub struct Inputs<I: Record>(Vec<(PlayerId, Intent<I>)>);

/// What a person wants in a tick, and how far back it saw the others when it wanted that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intent<I> {
    /// What it wants.
    pub input: I,
    /// The tick for which that is, minus the one of which the person saw the others, quarters of a tick. At most
    /// `view_age::VIEW_AGE_MAX`, whatever a client claims.
    pub view_age: u8,
}

impl<I: Record> Inputs<I> {
    /// The input of one person; `None` for a bot.
    pub fn of(&self, player: PlayerId) -> Option<I> {
        Some(self.intent(player)?.input)
    }

    /// How far back one person sees the others, quarters of a tick: where to look for what it aims at. A bot has the world
    /// as it is, 0.
    pub fn view_age(&self, player: PlayerId) -> u8 {
        self.intent(player).map_or(0, |intent| intent.view_age)
    }

    /// All of them, in ascending order of id.
    pub fn all(&self) -> &[(PlayerId, Intent<I>)] {
        &self.0
    }

    fn intent(&self, player: PlayerId) -> Option<&Intent<I>> {
        let index = self.0.binary_search_by_key(&player, |&(player, _)| player).ok()?;
        Some(&self.0[index].1)
    }

    /// Replaces all of them; `inputs` comes in ascending order of id.
    pub(crate) fn replace(&mut self, inputs: impl Iterator<Item = (PlayerId, Intent<I>)>) {
        self.0.clear();
        self.0.extend(inputs);
        debug_assert!(
            self.0.is_sorted_by(|(a, _), (b, _)| a < b),
            "one input for each person, sorted"
        );
    }
}

/// By hand, since what is derived does not use the memory again that is there.
impl<I: Record> Clone for Inputs<I> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl<I: Record> Default for Inputs<I> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// In a recording: the input, then a byte of view age.
impl<I: Record> Record for Intent<I> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.input.encode(out);
        out.push(self.view_age);
    }

    /// Refuses a view age above the bound: the rules were never given one.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (input, view_age) = (I::decode(reader)?, reader.u8()?);
        if view_age > VIEW_AGE_MAX {
            return Err(DecodeError::Unknown {
                what: "view age",
                found: view_age.into(),
            });
        }
        Ok(Self { input, view_age })
    }
}

/// What happened since the end of the last tick, oldest first, and perhaps what everybody needs to play on. The simulation
/// empties it after each tick.
#[derive(Resource, Debug)]
pub struct Events<E: Record> {
    events: Vec<E>,
    setup: Option<Vec<u8>>,
}

impl<E: Record> Events<E> {
    /// Adds what just happened.
    pub fn push(&mut self, event: E) {
        self.events.push(event);
    }

    /// A setup takes the place of the last one, at most `SETUP_BYTES_MAX` bytes. Clients are told before they see the snapshot
    /// of this tick. Of several in one tick the last counts.
    pub fn change_setup(&mut self, setup: Vec<u8>) {
        self.setup = Some(setup);
    }

    /// Nothing to be told, as after most ticks.
    pub(crate) const fn is_empty(&self) -> bool {
        self.events.is_empty() && self.setup.is_none()
    }

    /// Adds what `later` has, and empties it.
    pub(crate) fn append(&mut self, later: &mut Self) {
        self.events.append(&mut later.events);
        if let Some(setup) = later.setup.take() {
            self.setup = Some(setup);
        }
    }

    /// Takes the events out and keeps the memory for the next tick.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = E> {
        self.events.drain(..)
    }

    /// Takes the new setup out.
    pub(crate) fn take_setup(&mut self) -> Option<Vec<u8>> {
        self.setup.take()
    }
}

impl<E: Record> Default for Events<E> {
    fn default() -> Self {
        Self {
            events: Vec::new(),
            setup: None,
        }
    }
}

/// Collects what clients may see.
#[derive(Debug)]
pub struct Observer<S> {
    entities: Vec<(EntityId, S)>,
}

impl<S: Record> Observer<S> {
    /// Empty; the memory it grows to is used again by each snapshot.
    pub(crate) fn new() -> Self {
        Self { entities: Vec::new() }
    }

    /// Shows one entity, each at most once, in any order.
    ///
    /// Panics above [`ENTITIES_MAX`], which is a bug of the game: it ends the match.
    pub fn see(&mut self, entity: EntityId, state: S) {
        assert!(
            self.entities.len() < ENTITIES_MAX,
            "a game keeps the bound of entities"
        );
        self.entities.push((entity, state));
    }

    pub(crate) fn clear(&mut self) {
        self.entities.clear();
    }

    /// In ascending order of id, as the wire wants it.
    pub(crate) fn sorted(&mut self) -> &[(EntityId, S)] {
        if !self.entities.is_sorted_by(|(a, _), (b, _)| a < b) {
            self.entities.sort_unstable_by_key(|&(entity, _)| entity);
        }
        &self.entities
    }
}
