//! What a player consists of, the ids of what clients see, the order of players, and how a person's input reaches its
//! player.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::component::Component;
use bevy_ecs::entity::Entity;
use bevy_ecs::query::QueryData;
use bevy_ecs::system::Query;
use shared::arena::dash::Dash;
use shared::arena::input::Input;
use shared::arena::state::Body;
use shared::ids::{EntityId, PlayerId};
use simulation::game::Inputs;
use smallvec::SmallVec;

use crate::bot::brain::Brain;
use crate::life::Life;
use crate::rail::Rail;
use crate::side::Side;
use crate::tally::{Tally, Wounds};
use crate::weapon::Weapon;

/// A player, as far as it changes with the ticks. One component and not one for each mechanic, since all of them look at it
/// in each tick: with a thousand matches on a thread every match is cold when its turn comes, and a column of the world is half a
/// dozen cache lines whatever is in it.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fighter {
    /// The id under which clients know it.
    pub id: EntityId,
    /// Who steers it.
    pub player: PlayerId,
    /// Whom it fights for.
    pub side: Side,
    /// Where it is and how it moves.
    pub body: Body,
    /// How it stands with its dash.
    pub dash: Dash,
    /// What it wants in this tick.
    pub wish: Input,
    /// Its health.
    pub life: Life,
    /// The weapon in hand.
    pub weapon: Weapon,
    /// The other one.
    pub rail: Rail,
    /// What it has done.
    pub tally: Tally,
}

impl Fighter {
    /// A new one, at rest.
    pub fn new(id: EntityId, player: PlayerId, side: Side, body: Body) -> Self {
        Self {
            id,
            player,
            side,
            body,
            dash: Dash::default(),
            wish: Input::default(),
            life: Life::new(),
            weapon: Weapon::default(),
            rail: Rail::default(),
            tally: Tally::default(),
        }
    }

    /// A shot does not pass through, unless those of its side spare it.
    pub const fn can_be_met(&self) -> bool {
        self.life.is_alive() && !self.dash.is_safe()
    }

    /// A new life on another side. The kills of the last one were of those whom it fights for now: who ends it ends no row of them.
    pub fn change_side(&mut self, side: Side, body: Body) {
        self.side = side;
        self.tally.streak = 0;
        self.appear(body);
    }

    /// A new life.
    pub fn appear(&mut self, body: Body) {
        let Self {
            id,
            player,
            side,
            wish,
            tally,
            ..
        } = *self;
        *self = Self {
            wish,
            tally,
            ..Self::new(id, player, side, body)
        };
    }
}

/// Makes a player a bot.
#[derive(Component, Clone, Debug)]
pub struct Mind(pub Brain);

/// What the world keeps of everybody.
#[derive(QueryData)]
#[query_data(mutable)]
pub struct Everybody {
    fighter: &'static mut Fighter,
    wounds: &'static mut Wounds,
    mind: Option<&'static mut Mind>,
}

/// A player in a tick.
#[derive(Debug)]
pub struct Actor<'w> {
    /// What changes.
    pub fighter: &'w mut Fighter,
    /// Who hurt it.
    pub wounds: Mut<'w, Wounds>,
    /// What decides for it, unless that is a person.
    pub mind: Option<Mut<'w, Mind>>,
}

impl Actor<'_> {
    /// A new life.
    pub fn appear(&mut self, body: Body) {
        self.fighter.appear(body);
        self.begin_anew();
    }

    /// A new life on another side.
    pub fn change_side(&mut self, side: Side, body: Body) {
        self.fighter.change_side(side, body);
        self.begin_anew();
    }

    fn begin_anew(&mut self) {
        self.wounds.heal();
        if let Some(mind) = &mut self.mind {
            mind.0.forget();
        }
    }
}

impl<'w> From<EverybodyItem<'w, '_>> for Actor<'w> {
    fn from(player: EverybodyItem<'w, '_>) -> Self {
        Self {
            fighter: player.fighter.into_inner(),
            wounds: player.wounds,
            mind: player.mind,
        }
    }
}

/// Everybody of a tick. So many fit on the stack.
pub type Actors<'w> = SmallVec<[Actor<'w>; 16]>;

/// Everybody in ascending order of id. Whatever depends on an order takes this one: that of the world's tables changes when somebody
/// leaves.
pub fn actors<'w>(players: Query<'w, '_, Everybody>) -> Actors<'w> {
    let mut actors: Actors<'w> = players.into_iter().map(Actor::from).collect();
    if !actors.is_sorted_by_key(|actor| actor.fighter.id) {
        actors.sort_unstable_by_key(|actor| actor.fighter.id);
    }
    actors
}

/// Somebody of a tick, unless it has left.
pub fn find<'a, 'w>(actors: &'a mut [Actor<'w>], id: EntityId) -> Option<&'a mut Actor<'w>> {
    let index = actors.binary_search_by_key(&id, |actor| actor.fighter.id).ok()?;
    Some(&mut actors[index])
}

/// One player of the [`Lineup`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id under which clients know it.
    pub id: EntityId,
    /// The participant.
    pub player: PlayerId,
    /// Where the world keeps it.
    pub entity: Entity,
}

/// All players in ascending order of id, to be found between ticks.
#[derive(Debug, Default)]
pub struct Lineup {
    members: Vec<Member>,
    /// Ids are given in ascending order and around the end: one comes back after 65 535 others, when no client remembers
    /// it.
    next: u16,
}

impl Lineup {
    /// All of them.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Where the world keeps somebody, unless it has left.
    pub fn entity(&self, id: EntityId) -> Option<Entity> {
        let index = self.members.binary_search_by_key(&id, |member| member.id).ok()?;
        Some(self.members[index].entity)
    }

    /// The next id to be given, for the hash of a match.
    pub const fn next_id(&self) -> u16 {
        self.next
    }

    /// Gives an id that no other player has.
    pub fn enter(&mut self, player: PlayerId, entity: Entity) -> EntityId {
        let (id, index) = self.free_id();
        self.members.insert(index, Member { id, player, entity });
        id
    }

    /// Takes somebody out.
    pub fn leave(&mut self, player: PlayerId) -> Member {
        let index = self
            .members
            .iter()
            .position(|member| member.player == player)
            .expect("a player is despawned once, after it was spawned");
        self.members.remove(index)
    }

    fn free_id(&mut self) -> (EntityId, usize) {
        loop {
            let id = EntityId(self.next);
            self.next = self.next.wrapping_add(1);
            if id == EntityId::NONE {
                continue;
            }
            if let Err(index) = self.members.binary_search_by_key(&id, |member| member.id) {
                return (id, index);
            }
        }
    }
}

/// Gives each person's input to its player. Bots have none here and decide for themselves.
pub fn obey_inputs(inputs: &Inputs<Input>, actors: &mut [Actor<'_>]) {
    for Actor { fighter, .. } in actors {
        if let Some(input) = inputs.of(fighter.player) {
            fighter.wish = input;
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::arena::team::Team;

    use super::*;

    #[test]
    fn ids_go_around_and_skip_what_is_in_use_and_the_one_that_names_nothing() {
        let mut lineup = Lineup::default();
        let mut given = Vec::new();
        for (player, next) in [(0, 0), (1, u16::MAX - 1), (2, u16::MAX)] {
            lineup.next = next;
            given.push(lineup.enter(PlayerId(player), Entity::PLACEHOLDER).0);
        }
        assert_eq!(given, [0, u16::MAX - 1, 1]);
        assert!(lineup.members().is_sorted_by_key(|member| member.id));
        assert_eq!(lineup.leave(PlayerId(2)).id, EntityId(1));
        assert_eq!((lineup.entity(EntityId(1)), lineup.members().len()), (None, 2));
    }

    #[test]
    fn whoever_changes_sides_keeps_what_it_has_done_but_ends_its_run() {
        let body = Body::default();
        let mut fighter = Fighter::new(EntityId(1), PlayerId(1), Side(Some(Team::Blue)), body);
        for _ in 0..3 {
            fighter.tally.kill(0);
        }
        let before = fighter.tally;
        let moved = Body { x: 16, ..body };
        fighter.change_side(Side(Some(Team::Orange)), moved);
        assert_eq!((fighter.side, fighter.body), (Side(Some(Team::Orange)), moved));
        assert_eq!(before.streak, 3);
        assert_eq!(fighter.tally, Tally { streak: 0, ..before });
    }
}
