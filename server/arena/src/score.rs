//! Deaths become points, kills, deaths and assists of those who have a part in them, and everybody is told.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res, ResMut};
use bevy_ecs::world::World;
use shared::arena::event::{Event, STREAK_MAX};
use shared::arena::weapon::WeaponId;
use shared::ids::EntityId;
use simulation::game::Events;

use crate::player::Lineup;
use crate::round::Round;
use crate::tally::{Tally, Wounds};

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
#[derive(Resource, Debug, Default)]
pub struct Deaths(pub Vec<Death>);

/// Puts in what this file needs.
pub fn prepare(world: &mut World) {
    world.init_resource::<Deaths>();
}

/// Gives points for the deaths of this tick, where they count, and tells of them. Whoever left gets none.
pub fn count(
    round: Res<Round>,
    lineup: Res<Lineup>,
    mut deaths: ResMut<Deaths>,
    mut events: ResMut<Events<Event>>,
    wounds: Query<&Wounds>,
    mut tallies: Query<&mut Tally>,
) {
    for death in deaths.0.drain(..) {
        let (mut streak, mut shutdown) = (0, false);
        if round.counts() {
            let ended = tally_of(death.victim, &lineup, &mut tallies).map_or(0, die);
            let wounds = lineup
                .entity(death.victim)
                .and_then(|victim| wounds.get(victim).ok());
            for helper in wounds.iter().flat_map(|wounds| wounds.recent(round.tick)) {
                if helper != death.killer
                    && helper != death.victim
                    && let Some(mut tally) = tally_of(helper, &lineup, &mut tallies)
                {
                    tally.assist();
                }
            }
            if death.killer != death.victim
                && let Some(mut tally) = tally_of(death.killer, &lineup, &mut tallies)
            {
                shutdown = tally.kill(ended);
                streak = tally.streak;
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

fn tally_of<'a>(id: EntityId, lineup: &Lineup, tallies: &'a mut Query<&mut Tally>) -> Option<Mut<'a, Tally>> {
    tallies.get_mut(lineup.entity(id)?).ok()
}

/// Gives the run that ends.
fn die(mut tally: Mut<'_, Tally>) -> u8 {
    tally.deaths = tally.deaths.saturating_add(1);
    std::mem::take(&mut tally.streak)
}

/// Everybody has nothing again when a round starts.
pub fn reset(round: Res<Round>, mut tallies: Query<&mut Tally>) {
    if round.restarts() {
        for mut tally in &mut tallies {
            *tally = Tally::default();
        }
    }
}
