//! Players that the match plays itself: each has a brain, which gets records like those that clients are told.

use shared::arena::state::PlayerState;
use shared::ids::EntityId;

use crate::bot::brain::{Brain, decide};
use crate::bot::level::Level;
use crate::bot::view::View;
use crate::floor::Floor;
use crate::observe::state;
use crate::pickup::Pickups;
use crate::player::{Actor, Mind};
use crate::round::Round;

/// Where the chance of all bots comes from, how good they are, and what they see.
#[derive(Debug)]
pub struct Minds {
    seed: u64,
    level: Level,
    /// Of everybody, filled anew in each tick, in ascending order of id.
    states: Vec<(EntityId, PlayerState)>,
}

/// Spreads the numbers of players over all seeds: the odd number nearest to 2⁶⁴ divided by the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Minds {
    /// With the seed of the match.
    pub const fn new(level: Level, seed: u64) -> Self {
        Self {
            seed,
            level,
            states: Vec::new(),
        }
    }

    /// For a player that was just spawned. Each bot has its own source of chance, so that one bot more or less changes no other.
    pub fn create(&self, id: EntityId) -> Mind {
        let seed = self.seed.wrapping_add(SPREAD.wrapping_mul(u64::from(id.0) + 1));
        Mind(Brain::new(self.level, seed))
    }
}

/// Lets every bot decide, on the states after the last tick. Whom it may fight is in the picture around it, and so in the
/// interest of a client in its place. Where to walk it knows better than that in a match which is divided: there a client is
/// told only of the cells around it, and a bot of where everybody is.
pub fn steer(round: &Round, floor: &Floor, pickups: &Pickups, minds: &mut Minds, actors: &mut [Actor<'_>]) {
    if actors.iter().all(|actor| actor.mind.is_none()) {
        return;
    }
    minds.states.clear();
    let states = actors
        .iter()
        .map(|Actor { fighter, .. }| (fighter.id, state(fighter)));
    minds.states.extend(states);
    for Actor { fighter, mind, .. } in actors {
        if let Some(mind) = mind {
            let view = View::new(
                fighter.id,
                &minds.states,
                &floor.nav,
                round.tick,
                round.status.phase,
            )
            .with_shelf(pickups.shelf());
            fighter.wish = decide(&mut mind.0, &view);
        }
    }
}
