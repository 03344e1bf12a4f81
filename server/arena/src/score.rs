//! Deaths become points, kills, deaths and assists of those who have a part in them, and everybody is told.

use shared::arena::event::{Event, STREAK_MAX};
use shared::arena::weapon::WeaponId;
use shared::ids::EntityId;
use simulation::game::Events;

use crate::player::{Actor, Fighter, find};
use crate::round::Round;
use crate::side::Side;
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
            if death.killer != death.victim
                && let Some(killer) = find(actors, death.killer)
            {
                let Fighter { tally, side, .. } = &mut *killer.fighter;
                let before = tally.score;
                shutdown = tally.kill(ended);
                streak = tally.streak;
                credit(round, *side, tally.score - before);
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
            && helper != death.victim
            && let Some(helper) = find(actors, helper)
        {
            let Fighter { tally, side, .. } = &mut *helper.fighter;
            let before = tally.score;
            tally.assist();
            credit(round, *side, tally.score - before);
        }
    }
}

/// What a player gets its team gets too, and keeps when the player leaves.
fn credit(round: &mut Round, side: Side, points: u16) {
    if let (Some(scores), Some(team)) = (&mut round.status.teams, side.0) {
        let score = &mut scores[team as usize];
        *score = score.saturating_add(points);
    }
}

/// Gives the run that ends.
fn die(tally: &mut Tally) -> u8 {
    tally.deaths = tally.deaths.saturating_add(1);
    std::mem::take(&mut tally.streak)
}
