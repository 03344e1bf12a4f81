//! The world of a match, with what goes into its next tick and what has come out of the last: all that the rules of a game touch.

use shared::ids::{EntityId, PlayerId};

use crate::ahead::{Turns, ask_for};
use crate::game::{Control, Events, Game, Inputs};

/// See the head of this file. The three lie side by side, since a tick needs all of them.
pub(crate) struct Stage<G: Game> {
    pub(crate) inputs: Inputs<G::Input>,
    pub(crate) events: Events<G::Event>,
    pub(crate) world: G::World,
}

impl<G: Game> Stage<G> {
    /// Before the first tick.
    pub(crate) fn new(config: &G::Config, seed: u64) -> Self {
        Self {
            inputs: Inputs::default(),
            events: Events::default(),
            world: G::build(config, seed),
        }
    }

    /// Asks for what a tick needs.
    pub(crate) fn look_ahead(&self, turns: Turns) {
        match turns {
            Turns::Two => {
                ask_for(&self.inputs);
                ask_for(&self.events);
            }
            Turns::One => ask_for(self.inputs.all()),
        }
        G::look_ahead(&self.world, turns);
    }

    /// Lets a player appear.
    pub(crate) fn spawn(&mut self, player: PlayerId, control: Control) -> EntityId {
        G::spawn_player(&mut self.world, player, control, &mut self.events)
    }

    /// Takes a player out.
    pub(crate) fn despawn(&mut self, player: PlayerId) {
        G::despawn_player(&mut self.world, player, &mut self.events);
    }

    /// Runs the rules on the inputs that are there.
    pub(crate) fn tick(&mut self) {
        G::tick(&mut self.world, &self.inputs, &mut self.events);
    }
}
