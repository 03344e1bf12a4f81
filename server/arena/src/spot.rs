//! Places to appear: a grid of free spots, and the one that is farthest from everybody else, so that nobody appears in a
//! crowd.

use rand::RngExt;
use rand_pcg::Pcg32;
use shared::arena::map::{Map, Wall};
use shared::arena::movement::RADIUS;
use shared::quantize::{position_from_grid, position_to_grid};

use crate::map::is_free;

/// Distance between spots, units: dense enough that there is always one between others, sparse enough to look through
/// in some microseconds.
const SPACING: u16 = 80;

/// Room around a spot, units: a player who appears can start in any direction.
const CLEARANCE: f32 = RADIUS + 24.0;

/// Steps of 1/32 unit.
pub type Spot = (u16, u16);

/// All spots of a map.
pub fn free_spots(map: &Map) -> Vec<Spot> {
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

/// The spots of each team: those in its home, and on a map without sides those in its third of the width. All of them when
/// there are none there.
pub fn home_spots(map: &Map, spots: &[Spot]) -> [Vec<Spot>; 2] {
    let third = (map.width / 3).max(1);
    let side = |x| Wall {
        x,
        y: 0,
        width: third,
        height: map.height,
    };
    let homes = map.homes.unwrap_or([side(0), side(map.width - third)]);
    homes.map(|home| {
        let is_in = |&&(x, y): &&Spot| home.contains(position_from_grid(x), position_from_grid(y));
        let found: Vec<Spot> = spots.iter().filter(is_in).copied().collect();
        if found.is_empty() { spots.to_vec() } else { found }
    })
}

/// The spot farthest from all others; chance decides between equal ones, each as likely. Distances are squares of whole
/// grid steps, so that no rounding decides.
pub fn farthest(spots: &[Spot], others: &[Spot], rng: &mut Pcg32) -> Spot {
    let mut best = spots[0];
    let mut most = None;
    let mut equal_count = 0_u32;
    for &spot in spots {
        let room = others.iter().map(|&other| distance_squared(spot, other)).min();
        let room = room.unwrap_or(0);
        if most.is_none_or(|most| room > most) {
            (best, most, equal_count) = (spot, Some(room), 1);
        } else if most == Some(room) {
            // The n-th of equals takes the place with a chance of 1 in n.
            equal_count += 1;
            if rng.random_ratio(1, equal_count) {
                best = spot;
            }
        }
    }
    best
}

fn distance_squared(a: Spot, b: Spot) -> u64 {
    let dx = u64::from(a.0.abs_diff(b.0));
    let dy = u64::from(a.1.abs_diff(b.1));
    dx * dx + dy * dy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maps::all;

    #[test]
    fn there_are_spots_for_a_full_match() {
        for map in all() {
            let count = free_spots(&map).len();
            assert!(count > shared::limits::PLAYERS_MAX, "{}: {count}", map.name);
        }
    }

    #[test]
    fn a_player_appears_far_from_the_others() {
        for map in all() {
            let spots = free_spots(&map);
            let mut rng = Pcg32::new(1, 1);
            let first = farthest(&spots, &[], &mut rng);
            let second = farthest(&spots, &[first], &mut rng);
            let apart = distance_squared(first, second).isqrt() / 32;
            assert!(apart > 900, "{}: {apart}", map.name);
            for count in 0..64 {
                let others = &spots[..count];
                assert!(!others.contains(&farthest(&spots, others, &mut rng)));
            }
        }
    }

    #[test]
    fn the_seed_decides_between_equal_spots() {
        let spots = free_spots(&crate::maps::crossroads());
        let choice = |seed| farthest(&spots, &[], &mut Pcg32::new(seed, 1));
        assert_eq!(choice(7), choice(7));
        let choices: std::collections::BTreeSet<Spot> = (0..50).map(choice).collect();
        assert!(choices.len() > 10);
    }
}
