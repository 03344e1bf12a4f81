//! Where players appear: on the free spot that is farthest from everybody else, so that nobody appears in a crowd.

use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use rand::RngExt;
use rand_pcg::Pcg32;
use shared::arena::event::Event;
use shared::arena::map::Map;
use shared::arena::movement::RADIUS;
use shared::arena::state::Body;
use shared::ids::{EntityId, PlayerId};
use shared::quantize::position_to_grid;
use simulation::game::Events;

use crate::map::is_free;
use crate::player::{Player, Pose, StableId, Wish, next_id};

/// Distance between spots, units: dense enough that there is always one between others, sparse enough to look through
/// in some microseconds.
const SPACING: u16 = 80;

/// Room around a spot, units: a player who appears can start in any direction.
const CLEARANCE: f32 = RADIUS + 24.0;

/// Number of the generator's stream; those of the bots follow it.
pub const RANDOM_STREAM: u64 = 0;

/// A place to appear, steps of 1/32 unit.
type Spot = (u16, u16);

/// The spots of the map, and the chance that decides between equal ones.
#[derive(Resource, Debug)]
pub struct Spots {
    spots: Vec<Spot>,
    rng: Pcg32,
}

/// Puts in what this file needs.
pub fn prepare(world: &mut World, map: &Map, seed: u64) {
    let spots = free_spots(map);
    assert!(!spots.is_empty(), "a map has room for a player");
    world.insert_resource(Spots {
        spots,
        rng: Pcg32::new(seed, RANDOM_STREAM),
    });
}

/// Lets a player appear, at rest.
pub fn spawn(world: &mut World, player: PlayerId) -> EntityId {
    let others: Vec<Spot> = world
        .query::<&Pose>()
        .iter(world)
        .map(|pose| (pose.0.x, pose.0.y))
        .collect();
    let (x, y) = world.resource_mut::<Spots>().farthest(&others);
    let entity = next_id(world);
    let body = Body { x, y, vx: 0, vy: 0 };
    world.spawn((Player(player), StableId(entity), Pose(body), Wish::default()));
    world
        .resource_mut::<Events<Event>>()
        .push(Event::Spawned { entity, x, y });
    entity
}

/// The next random number, for the hash of a match.
pub fn peek_random(world: &World) -> u32 {
    world.resource::<Spots>().rng.clone().random()
}

impl Spots {
    /// Distances are squares of whole grid steps, so that no rounding decides.
    fn farthest(&mut self, others: &[Spot]) -> Spot {
        let room = |spot: Spot| {
            others
                .iter()
                .map(|&other| distance_squared(spot, other))
                .min()
                .unwrap_or(0)
        };
        let most = self.spots.iter().map(|&spot| room(spot)).max().unwrap_or(0);
        let best: Vec<Spot> = self
            .spots
            .iter()
            .copied()
            .filter(|&spot| room(spot) == most)
            .collect();
        best[self.rng.random_range(0..best.len())]
    }
}

fn distance_squared(a: Spot, b: Spot) -> u64 {
    let dx = u64::from(a.0.abs_diff(b.0));
    let dy = u64::from(a.1.abs_diff(b.1));
    dx * dx + dy * dy
}

fn free_spots(map: &Map) -> Vec<Spot> {
    let mut spots = Vec::new();
    for y in (SPACING / 2..map.height).step_by(SPACING.into()) {
        for x in (SPACING / 2..map.width).step_by(SPACING.into()) {
            if is_free(map, x.into(), y.into(), CLEARANCE) {
                spots.push((position_to_grid(x.into()), position_to_grid(y.into())));
            }
        }
    }
    spots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::crossroads;

    fn spots(seed: u64) -> Spots {
        Spots {
            spots: free_spots(&crossroads()),
            rng: Pcg32::new(seed, RANDOM_STREAM),
        }
    }

    #[test]
    fn there_are_spots_for_a_full_match() {
        assert!(
            spots(0).spots.len() > shared::limits::PLAYERS_MAX,
            "{}",
            spots(0).spots.len()
        );
    }

    #[test]
    fn a_player_appears_far_from_the_others() {
        let mut spots = spots(1);
        let first = spots.farthest(&[]);
        let second = spots.farthest(&[first]);
        let apart = distance_squared(first, second).isqrt() / 32;
        assert!(apart > 900, "{apart}");
        for count in 0..64 {
            let others = spots.spots[..count].to_vec();
            let spot = spots.farthest(&others);
            assert!(!others.contains(&spot));
        }
    }

    #[test]
    fn the_seed_decides_between_equal_spots() {
        assert_eq!(spots(7).farthest(&[]), spots(7).farthest(&[]));
        let choices: std::collections::BTreeSet<Spot> =
            (0..50).map(|seed| spots(seed).farthest(&[])).collect();
        assert!(choices.len() > 10);
    }
}
