//! Where players were, so that a shot is judged by what its shooter saw.
//!
//! A client draws the others as they were some time before the tick its input is for, and says how long (`Inputs::view_age`,
//! bounded by the simulation). A beam is tested against the others there: whoever aims well hits, however far the way to the
//! server is. Only places are taken from the past. Whether somebody lives, is shielded or dashes is judged at present: who
//! has saved himself is safe, even if the shooter could not see it yet.
//!
//! Projectiles need none of this. They fly, everybody sees them come, and their shooter leads by himself.

use shared::ids::EntityId;
use simulation::rewind::{Place, Rewind};

use crate::config::Config;
use crate::player::Actor;
use crate::round::Round;

/// The places of the last ticks.
#[derive(Debug)]
pub struct History {
    rewind: Rewind,
    /// False for a match in which everybody is where the server has them.
    compensates: bool,
}

impl History {
    /// Nobody has been anywhere.
    pub fn new(config: &Config) -> Self {
        Self {
            rewind: Rewind::new(),
            compensates: config.lag_compensation,
        }
    }

    /// Where somebody was for a shooter who sees so many quarters of a tick back.
    pub fn seen(&self, target: EntityId, view_age: u8) -> Option<Place> {
        self.rewind
            .at(target, if self.compensates { view_age } else { 0 })
    }

    /// Somebody appears: it has not been anywhere.
    pub fn forget(&mut self, id: EntityId) {
        self.rewind.forget(id);
    }

    /// Asks for where the next tick is written.
    pub fn look_ahead(&self) {
        self.rewind.look_ahead();
    }

    /// Everything that is remembered, for the hash of a match.
    pub const fn rewind(&self) -> &Rewind {
        &self.rewind
    }
}

/// Writes down where everybody is after the movement of this tick, which is what clients will see of it.
pub fn record(round: &Round, history: &mut History, actors: &[Actor<'_>]) {
    let places = actors
        .iter()
        .map(|Actor { fighter, .. }| (fighter.id, (fighter.body.x, fighter.body.y)));
    history.rewind.record(round.tick, places);
}
