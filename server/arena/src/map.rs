//! The maps, written as data.
//!
//! A map is symmetric in both axes, so that no corner is better than another: a wall is written once, in the upper left
//! quarter, on an axis or in the middle, and its mirror images follow. Gaps are at least 80 units, two and a half players,
//! which is also what bots need to find a way.

use shared::arena::map::{Map, Wall};
use shared::arena::pickup::{Pickup, PickupKind};

/// Extent of all maps, units: about two screens in each direction.
const WIDTH: u16 = 1920;
const HEIGHT: u16 = 1440;

/// All maps in the order of the rounds.
pub fn all() -> Vec<Map> {
    PLANS.iter().map(Plan::build).collect()
}

/// The map of the first round.
pub fn crossroads() -> Map {
    CROSSROADS.build()
}

/// A map before it is mirrored.
struct Plan {
    name: &'static str,
    /// x, y, width, height.
    walls: &'static [(u16, u16, u16, u16)],
    /// What lies there, x, y; mirrored as well.
    pickups: &'static [(PickupKind, u16, u16)],
}

const PLANS: [Plan; 3] = [CROSSROADS, CLOISTER, SWITCHBACK];

/// Four corners, four spurs, and a block in the middle where all ways meet.
const CROSSROADS: Plan = Plan {
    name: "Crossroads",
    walls: &[
        // A hook around the corner: shelter from two sides.
        (160, 160, 240, 40),
        (160, 200, 40, 160),
        // A pillar beside the upper entrance.
        (520, 120, 80, 200),
        // Bars on the way to the middle.
        (360, 460, 200, 40),
        (760, 420, 40, 140),
        // The upper and the left spur.
        (930, 0, 60, 220),
        (0, 700, 180, 40),
        // The block in the middle.
        (896, 656, 128, 128),
    ],
    pickups: &[
        (PickupKind::Med, 280, 280),
        (PickupKind::Shield, 960, 560),
        (PickupKind::Overcharge, 620, 720),
    ],
};

/// A court with four gates, and a walk with pillars around it.
const CLOISTER: Plan = Plan {
    name: "Cloister",
    walls: &[
        // A corner of the court.
        (440, 400, 260, 40),
        (440, 440, 40, 140),
        // Pillars of the walk.
        (200, 200, 80, 80),
        (640, 160, 80, 80),
        (160, 520, 80, 80),
        // A pillar of the court, and the well in its middle.
        (720, 560, 60, 60),
        (930, 690, 60, 60),
    ],
    pickups: &[
        (PickupKind::Med, 340, 340),
        (PickupKind::Shield, 960, 480),
        (PickupKind::Overcharge, 860, 720),
    ],
};

/// Bars that turn every straight way, with long lanes for a shot off the wall.
const SWITCHBACK: Plan = Plan {
    name: "Switchback",
    walls: &[
        // From the edge inwards, and the bar that closes the way on.
        (0, 240, 300, 40),
        (460, 140, 40, 240),
        // Two steps towards the middle.
        (660, 300, 200, 40),
        (480, 560, 240, 40),
        // The side lane: with its mirror image one long wall.
        (240, 480, 40, 240),
        // The upper spur.
        (940, 0, 40, 180),
        // The bar in the middle.
        (860, 680, 200, 80),
    ],
    pickups: &[
        (PickupKind::Med, 380, 420),
        (PickupKind::Shield, 960, 260),
        (PickupKind::Overcharge, 600, 720),
    ],
};

impl Plan {
    /// Each wall and its mirror images, those once that are their own.
    fn build(&self) -> Map {
        let mut walls = Vec::new();
        for wall in self.walls.iter().copied().map(wall) {
            for image in [wall, flipped_x(wall), flipped_y(wall), flipped_x(flipped_y(wall))] {
                if !walls.contains(&image) {
                    walls.push(image);
                }
            }
        }
        let mut pickups = Vec::new();
        for &(kind, x, y) in self.pickups {
            let (across, below) = (WIDTH - x, HEIGHT - y);
            for (x, y) in [(x, y), (across, y), (x, below), (across, below)] {
                let pickup = Pickup { kind, x, y };
                if !pickups.contains(&pickup) {
                    pickups.push(pickup);
                }
            }
        }
        Map {
            name: self.name.into(),
            width: WIDTH,
            height: HEIGHT,
            walls,
            pickups,
            homes: None,
        }
    }
}

/// True when a circle touches no wall and no edge; all in units.
pub fn is_free(map: &Map, x: f32, y: f32, radius: f32) -> bool {
    let inside = x >= radius
        && y >= radius
        && x <= f32::from(map.width) - radius
        && y <= f32::from(map.height) - radius;
    inside
        && map
            .walls
            .iter()
            .all(|wall| distance_squared(wall, x, y) >= radius * radius)
}

fn distance_squared(wall: &Wall, x: f32, y: f32) -> f32 {
    let dx = distance_to_span(x, wall.x, wall.width);
    let dy = distance_to_span(y, wall.y, wall.height);
    dx * dx + dy * dy
}

fn distance_to_span(value: f32, start: u16, length: u16) -> f32 {
    let before = f32::from(start) - value;
    let behind = value - (f32::from(start) + f32::from(length));
    before.max(behind).max(0.0)
}

const fn wall((x, y, width, height): (u16, u16, u16, u16)) -> Wall {
    Wall { x, y, width, height }
}

const fn flipped_x(wall: Wall) -> Wall {
    Wall {
        x: WIDTH - wall.x - wall.width,
        ..wall
    }
}

const fn flipped_y(wall: Wall) -> Wall {
    Wall {
        y: HEIGHT - wall.y - wall.height,
        ..wall
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Sub;

    use shared::arena::movement::RADIUS;
    use shared::codec::{decode_map, encode_map};

    use super::*;

    #[test]
    fn the_maps_keep_the_bounds_of_the_wire() {
        assert_eq!(crossroads().walls.len(), 25);
        for map in all() {
            assert!(map.is_valid());
            assert_eq!(decode_map(&encode_map(&map)), Ok(map));
        }
    }

    #[test]
    fn every_wall_has_its_mirror_images() {
        for map in all() {
            for &wall in &map.walls {
                assert!(
                    map.walls.contains(&flipped_x(wall)) && map.walls.contains(&flipped_y(wall)),
                    "{}: {wall:?}",
                    map.name
                );
            }
        }
    }

    /// Units between two spans, 0 when they touch or overlap.
    fn gap(a: u16, a_length: u16, b: u16, b_length: u16) -> f32 {
        f32::from(b)
            .max(f32::from(a))
            .sub(f32::from(a + a_length).min(f32::from(b + b_length)))
            .max(0.0)
    }

    #[test]
    fn gaps_are_wide_enough_to_walk_and_to_fight() {
        for map in all() {
            let edges = [
                wall((0, 0, WIDTH, 0)),
                wall((0, HEIGHT, WIDTH, 0)),
                wall((0, 0, 0, HEIGHT)),
                wall((WIDTH, 0, 0, HEIGHT)),
            ];
            for a in &map.walls {
                for b in map.walls.iter().chain(&edges) {
                    let (x, y) = (gap(a.x, a.width, b.x, b.width), gap(a.y, a.height, b.y, b.height));
                    let apart = (x * x + y * y).sqrt();
                    assert!(apart == 0.0 || apart >= 80.0, "{}: {a:?} {b:?}", map.name);
                }
            }
        }
    }

    #[test]
    fn every_pickup_lies_where_one_can_stand() {
        for map in all() {
            for pickup in &map.pickups {
                assert!(
                    is_free(&map, pickup.x.into(), pickup.y.into(), RADIUS + 24.0),
                    "{}: {pickup:?}",
                    map.name
                );
            }
            assert!(map.pickups.len() >= 8, "{}", map.name);
        }
    }

    /// Floods the free cells of a grid from the first one and expects to reach them all.
    #[test]
    fn every_free_spot_can_be_walked_to() {
        for map in all() {
            flood(&map);
        }
    }

    fn flood(map: &Map) {
        const CELL: usize = 16;
        let (columns, rows) = (usize::from(WIDTH) / CELL, usize::from(HEIGHT) / CELL);
        let free: Vec<bool> = (0..columns * rows)
            .map(|cell| {
                let (x, y) = ((cell % columns * CELL) as f32, (cell / columns * CELL) as f32);
                is_free(map, x, y, RADIUS)
            })
            .collect();
        let start = free.iter().position(|&free| free).unwrap();
        let mut reached = vec![false; free.len()];
        let mut open = vec![start];
        while let Some(cell) = open.pop() {
            if !free[cell] || std::mem::replace(&mut reached[cell], true) {
                continue;
            }
            // No free cell lies on the edge of the map, so the neighbours exist.
            open.extend(
                [cell - 1, cell + 1, cell - columns, cell + columns]
                    .iter()
                    .filter(|&&cell| cell < free.len()),
            );
        }
        assert_eq!(reached, free);
    }

    fn check(x: f32, y: f32, free: bool) {
        assert_eq!(is_free(&crossroads(), x, y, RADIUS), free, "{x} {y}");
    }

    #[test]
    fn a_circle_is_free_when_it_touches_nothing() {
        check(16.0, 16.0, true);
        check(15.0, 16.0, false);
        check(1904.0, 1424.0, true);
        check(960.0, 720.0, false);
        check(896.0 - 16.0, 720.0, true);
        check(896.0 - 15.0, 720.0, false);
        check(896.0 - 12.0, 656.0 - 12.0, true);
        check(896.0 - 11.0, 656.0 - 11.0, false);
    }
}
