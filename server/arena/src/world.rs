//! A match between two ticks: its players, which are entities, and everything else.
//!
//! Players are what has mechanics that come and go with an entity; of the rest there is one of each. A resource of bevy_ecs is an
//! entity of its own and some eight cache lines to fetch, a system as many, and with a thousand matches on a thread each
//! of them is cold when its turn comes. So the rest is a struct beside the entities, and the query for the players is kept.

use bevy_ecs::query::QueryState;
use bevy_ecs::world::World;
use shared::ids::EntityId;
use simulation::ahead::{Turns, Whereabouts, ask_for};

use crate::config::Config;
use crate::match_state::MatchState;
use crate::player::{Actor, Actors, Everybody, Fighter, Member, actors};

/// See the head of this file.
#[derive(Debug)]
pub struct ArenaWorld {
    /// Everything that is no player.
    pub state: MatchState,
    /// Everybody who plays.
    pub players: World,
    everybody: QueryState<Everybody>,
    /// Where they were in the last tick: people, bots, and what bots think.
    near: [Whereabouts; 3],
}

impl ArenaWorld {
    /// The first round of a match, before anybody has come.
    pub fn new(config: &Config, seed: u64) -> Self {
        let mut players = World::new();
        Self {
            state: MatchState::new(config, seed),
            everybody: players.query(),
            players,
            near: Default::default(),
        }
    }

    /// What a tick works on: everybody in ascending order of id, and the rest.
    pub fn take_up(&mut self) -> (Actors<'_>, &mut MatchState) {
        let actors = actors(self.everybody.query_mut(&mut self.players));
        self.near = whereabouts(&actors);
        (actors, &mut self.state)
    }

    /// One of them, to be changed between ticks.
    pub fn actor(&mut self, member: &Member) -> Option<Actor<'_>> {
        let found = self.everybody.get_mut(&mut self.players, member.entity);
        found.ok().map(Actor::from)
    }

    /// Asks for what a tick needs.
    pub fn look_ahead(&self, turns: Turns) {
        match turns {
            Turns::Two => {
                ask_for(&self.state);
                ask_for(&self.everybody);
                ask_for(&self.near);
                ask_for(self.players.archetypes());
                ask_for(&self.players.storages().tables);
            }
            Turns::One => {
                self.state.history.look_ahead();
                for part in self.near {
                    part.ask();
                }
                // The first table is for entities without components.
                for table in self.players.storages().tables.iter().skip(1) {
                    ask_for(table);
                }
            }
        }
    }

    /// Everybody in ascending order of id.
    pub fn fighters(&self) -> impl Iterator<Item = &Fighter> {
        let members = self.state.lineup.members();
        members
            .iter()
            .filter_map(|member| self.players.get(member.entity))
    }

    /// One of them, unless it has left.
    pub fn fighter(&self, id: EntityId) -> Option<&Fighter> {
        self.players.get(self.state.lineup.entity(id)?)
    }
}

/// The players of one kind lie side by side.
fn whereabouts(actors: &[Actor<'_>]) -> [Whereabouts; 3] {
    let mut near = [Whereabouts::default(); 3];
    for Actor { fighter, mind, .. } in actors {
        let part = usize::from(mind.is_some());
        near[part] = near[part].and(Whereabouts::of(&**fighter));
        if let Some(mind) = mind {
            near[2] = near[2].and(Whereabouts::of(&**mind));
        }
    }
    near
}
