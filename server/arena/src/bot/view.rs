//! What a brain knows: the records of a snapshot, the map from the setup, and the tick it decides for.

use shared::arena::pickup::Shelf;
use shared::arena::state::PlayerState;
use shared::arena::status::Phase;
use shared::ids::EntityId;
use shared::tick::Tick;

use crate::bot::nav::NavMap;

/// Everything a bot may know.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub(crate) own: EntityId,
    pub(crate) states: &'a [(EntityId, PlayerState)],
    pub(crate) nav: &'a NavMap,
    pub(crate) tick: Tick,
    pub(crate) phase: Phase,
    pub(crate) shelf: Option<&'a Shelf>,
}

impl<'a> View<'a> {
    /// `states` is in ascending order of id, as a snapshot has it; `tick` is the one the input will be for.
    pub const fn new(
        own: EntityId,
        states: &'a [(EntityId, PlayerState)],
        nav: &'a NavMap,
        tick: Tick,
        phase: Phase,
    ) -> Self {
        Self {
            own,
            states,
            nav,
            tick,
            phase,
            shelf: None,
        }
    }

    /// With what it was told of the pickups of the map; without, it does not look for any.
    #[must_use]
    pub const fn with_shelf(self, shelf: &'a Shelf) -> Self {
        Self {
            shelf: Some(shelf),
            ..self
        }
    }

    /// The state of somebody, if it is known.
    pub fn state(&self, entity: EntityId) -> Option<&'a PlayerState> {
        let index = self.states.binary_search_by_key(&entity, |&(id, _)| id).ok()?;
        Some(&self.states[index].1)
    }

    /// Everybody who is alive and on another side.
    pub(crate) fn enemies(&self) -> impl Iterator<Item = (EntityId, &'a PlayerState)> {
        let own = self.own;
        let team = self.state(own).and_then(|state| state.team);
        self.states
            .iter()
            .filter(move |(id, state)| *id != own && state.alive && (team.is_none() || state.team != team))
            .map(|(id, state)| (*id, state))
    }
}
