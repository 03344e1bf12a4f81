//! Where players appear: when they come, after a death, and at the start of a round.

use rand::RngExt;
use rand_pcg::Pcg32;
use shared::arena::event::Event;
use shared::arena::state::Body;
use shared::ids::EntityId;
use simulation::game::Events;

use crate::floor::Floor;
use crate::history::History;
use crate::player::{Actor, Fighter};
use crate::side::Side;
use crate::spot::{Spot, farthest};

/// Number of the generator's stream.
const RANDOM_STREAM: u64 = 0;

/// The chance that decides between equal spots.
#[derive(Debug)]
pub struct Spawning {
    rng: Pcg32,
    /// Where everybody else is; filled anew for each spawn.
    others: Vec<Spot>,
}

impl Spawning {
    /// With the seed of the match.
    pub fn new(seed: u64) -> Self {
        Self {
            rng: Pcg32::new(seed, RANDOM_STREAM),
            others: Vec::new(),
        }
    }

    /// A place to stand for somebody of this side, away from those who are alive.
    pub fn away_from<'a>(
        &mut self,
        floor: &Floor,
        side: Side,
        fighters: impl Iterator<Item = &'a Fighter>,
    ) -> Body {
        self.others.clear();
        let alive = fighters.filter(|fighter| fighter.life.is_alive());
        self.others
            .extend(alive.map(|fighter| (fighter.body.x, fighter.body.y)));
        at_rest(self.choose(floor, side))
    }

    /// The next random number, for the hash of a match.
    pub fn peek_random(&self) -> u32 {
        self.rng.clone().random()
    }

    fn choose(&mut self, floor: &Floor, side: Side) -> Spot {
        farthest(floor.spots_of(side), &self.others, &mut self.rng)
    }
}

/// The dead wait, and come back when they have waited long enough.
pub fn respawn(
    floor: &Floor,
    spawning: &mut Spawning,
    history: &mut History,
    actors: &mut [Actor<'_>],
    events: &mut Events<Event>,
) {
    for index in 0..actors.len() {
        let life = &mut actors[index].fighter.life;
        if life.is_alive() {
            continue;
        }
        life.respawn_ticks = life.respawn_ticks.saturating_sub(1);
        if life.respawn_ticks == 0 {
            let side = actors[index].fighter.side;
            let body = spawning.away_from(floor, side, actors.iter().map(|actor| &*actor.fighter));
            appear(&mut actors[index], body, history, events);
        }
    }
}

/// Puts everybody to a spot anew, the dead as well, when a round starts.
pub fn place_everybody(
    floor: &Floor,
    spawning: &mut Spawning,
    history: &mut History,
    actors: &mut [Actor<'_>],
    events: &mut Events<Event>,
) {
    spawning.others.clear();
    for actor in actors {
        let place = spawning.choose(floor, actor.fighter.side);
        spawning.others.push(place);
        appear(actor, at_rest(place), history, events);
    }
}

fn appear(actor: &mut Actor<'_>, body: Body, history: &mut History, events: &mut Events<Event>) {
    actor.appear(body);
    history.forget(actor.fighter.id);
    events.push(appearance(actor.fighter.id, &body));
}

const fn at_rest((x, y): Spot) -> Body {
    Body { x, y, vx: 0, vy: 0 }
}

/// What clients are told of it.
pub const fn appearance(entity: EntityId, body: &Body) -> Event {
    Event::Spawned {
        entity,
        x: body.x,
        y: body.y,
    }
}
