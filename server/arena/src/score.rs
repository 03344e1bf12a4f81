//! Deaths become points, kills and deaths of those who have a part in them.

use bevy_ecs::change_detection::Mut;
use bevy_ecs::resource::Resource;
use bevy_ecs::system::{Query, Res, ResMut};
use bevy_ecs::world::World;
use shared::ids::EntityId;

use crate::player::Lineup;
use crate::round::Round;
use crate::tally::{ASSIST, Tally, Wounds};

/// Somebody died in this tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// Who.
    pub victim: EntityId,
    /// Through whom: also the victim itself, by its own shot off a wall.
    pub killer: EntityId,
}

/// The deaths of this tick.
#[derive(Resource, Debug, Default)]
pub struct Deaths(pub Vec<Death>);

/// Puts in what this file needs.
pub fn prepare(world: &mut World) {
    world.init_resource::<Deaths>();
}

/// Gives points for the deaths of this tick. Whoever left gets none.
pub fn count(
    round: Res<Round>,
    lineup: Res<Lineup>,
    mut deaths: ResMut<Deaths>,
    wounds: Query<&Wounds>,
    mut tallies: Query<&mut Tally>,
) {
    for death in deaths.0.drain(..).filter(|_| round.counts()) {
        let victim = lineup.entity(death.victim);
        let streak = victim
            .and_then(|victim| tallies.get_mut(victim).ok())
            .map_or(0, die);
        if let Some(wounds) = victim.and_then(|victim| wounds.get(victim).ok()) {
            let helpers = wounds.recent(round.tick);
            for helper in helpers.filter(|&id| id != death.killer && id != death.victim) {
                if let Some(mut tally) = lineup
                    .entity(helper)
                    .and_then(|entity| tallies.get_mut(entity).ok())
                {
                    tally.score = tally.score.saturating_add(ASSIST);
                }
            }
        }
        if death.killer != death.victim
            && let Some(mut tally) = lineup
                .entity(death.killer)
                .and_then(|entity| tallies.get_mut(entity).ok())
        {
            tally.kill(streak);
        }
    }
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
