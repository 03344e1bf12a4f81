//! Deaths become points, kills, deaths and assists of those who have a part in them, and everybody is told.

use shared::arena::event::{Event, STREAK_MAX};
use shared::arena::weapon::WeaponId;
use shared::ids::EntityId;
use simulation::game::Events;

use crate::player::{Actor, Fighter, find};
use crate::round::Round;
use crate::tally::Tally;

/// Somebody died in this tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// Who.
    pub victim: EntityId,
    /// Through whom: also the victim itself, by its own shot off a wall.
    pub killer: EntityId,
    /// By what.
    pub weapon: WeaponId,
}

/// The deaths of this tick.
#[derive(Debug, Default)]
pub struct Deaths(pub Vec<Death>);

/// Gives points for the deaths of this tick, where they count, and tells of them. Whoever left gets none.
pub fn count(round: &mut Round, deaths: &mut Deaths, actors: &mut [Actor<'_>], events: &mut Events<Event>) {
    for death in deaths.0.drain(..) {
        let (mut streak, mut shutdown) = (0, false);
        if round.counts() {
            let ended = find(actors, death.victim).map_or(0, |victim| die(&mut victim.fighter.tally));
            reward_helpers(round, death, actors);
            if let Some(Fighter { tally, side, .. }) = opponent(actors, death.killer, death.victim) {
                let before = tally.score;
                shutdown = tally.kill(ended);
                streak = tally.streak;
                round.credit(*side, tally.score - before);
                round.credit_kill(*side);
            }
        }
        events.push(Event::Killed {
            victim: death.victim,
            killer: death.killer,
            weapon: death.weapon,
            streak: streak.min(STREAK_MAX),
            shutdown,
        });
    }
}

fn reward_helpers(round: &mut Round, death: Death, actors: &mut [Actor<'_>]) {
    let Some(victim) = find(actors, death.victim) else {
        return;
    };
    let wounds = victim.wounds.clone();
    for helper in wounds.recent(round.tick) {
        if helper != death.killer
            && let Some(Fighter { tally, side, .. }) = opponent(actors, helper, death.victim)
        {
            let before = tally.score;
            tally.assist();
            round.credit(*side, tally.score - before);
        }
    }
}

/// Who gets something for its part in a death: somebody else, and who does not fight for the victim's side by now.
fn opponent<'a>(actors: &'a mut [Actor<'_>], id: EntityId, victim: EntityId) -> Option<&'a mut Fighter> {
    let of = find(actors, victim)?.fighter.side;
    let fighter = &mut *find(actors, id)?.fighter;
    (id != victim && !fighter.side.spares(of)).then_some(fighter)
}

/// Gives the run that ends.
fn die(tally: &mut Tally) -> u8 {
    tally.deaths = tally.deaths.saturating_add(1);
    std::mem::take(&mut tally.streak)
}

#[cfg(test)]
mod tests {
    use bevy_ecs::world::World;
    use shared::arena::state::Body;
    use shared::arena::status::Phase;
    use shared::arena::team::Team;
    use shared::ids::PlayerId;

    use super::*;
    use crate::config::Config;
    use crate::player::{Everybody, actors};
    use crate::side::{Mode, Side};
    use crate::tally::Wounds;

    const VICTIM: u16 = 1;
    const KILLER: u16 = 2;
    const HELPER: u16 = 3;

    /// The death of a blue victim through an orange killer, with a wound by a helper of this team; gives the points of victim,
    /// killer and helper, and points and kills of both teams.
    fn death(helpers_team: Team) -> ([u16; 3], Option<[u16; 2]>, [u16; 2]) {
        let mut world = World::new();
        let sides = [Team::Blue, Team::Orange, helpers_team];
        for (id, team) in [VICTIM, KILLER, HELPER].into_iter().zip(sides) {
            let fighter = Fighter::new(EntityId(id), PlayerId(id), Side(Some(team)), Body::default());
            let mut wounds = Wounds::default();
            if id == VICTIM {
                wounds.add(EntityId(HELPER), Default::default());
            }
            world.spawn((fighter, wounds));
        }
        let mut round = Round::new(&Config {
            mode: Mode::Teams,
            ..Config::default()
        });
        round.status.phase = Phase::Live;
        let mut deaths = Deaths(vec![Death {
            victim: EntityId(VICTIM),
            killer: EntityId(KILLER),
            weapon: WeaponId::Pulse,
        }]);
        let mut state = world.query::<Everybody>();
        let mut actors = actors(state.query_mut(&mut world));
        count(&mut round, &mut deaths, &mut actors, &mut Events::default());
        let points = [VICTIM, KILLER, HELPER]
            .map(|id| find(&mut actors, EntityId(id)).map_or(0, |actor| actor.fighter.tally.score));
        (points, round.status.teams, round.team_kills)
    }

    #[test]
    fn who_changed_to_the_side_of_a_victim_has_no_part_in_its_death() {
        assert_eq!(death(Team::Orange), ([0, 100, 40], Some([0, 140]), [0, 1]));
        assert_eq!(death(Team::Blue), ([0, 100, 0], Some([0, 100]), [0, 1]));
    }
}
