//! The maps, written as data.
//!
//! A map is symmetric in both axes, so that no corner is better than another: walls are written for the upper left
//! quarter and mirrored. Gaps are at least 96 units, three times a player.

use shared::arena::map::{Map, Wall};

const WIDTH: u16 = 1920;
const HEIGHT: u16 = 1440;

/// Walls of the upper left quarter: x, y, width, height.
const QUARTER: [(u16, u16, u16, u16); 5] = [
    // A hook around the corner: shelter from two sides.
    (160, 160, 240, 40),
    (160, 200, 40, 160),
    // A pillar beside the upper entrance.
    (520, 120, 80, 200),
    // Bars on the way to the middle.
    (360, 460, 200, 40),
    (760, 420, 40, 140),
];

/// Walls on an axis of symmetry, mirrored in one direction only: the upper and the left spur.
const UPPER_SPUR: (u16, u16, u16, u16) = (930, 0, 60, 220);
const LEFT_SPUR: (u16, u16, u16, u16) = (0, 700, 180, 40);

/// The block in the middle, its own mirror image.
const MIDDLE: (u16, u16, u16, u16) = (896, 656, 128, 128);

/// Four corners, four spurs, and a block in the middle where all ways meet.
pub fn crossroads() -> Map {
    let mut walls = Vec::new();
    for quarter in QUARTER.map(wall) {
        walls.extend([
            quarter,
            flipped_x(quarter),
            flipped_y(quarter),
            flipped_x(flipped_y(quarter)),
        ]);
    }
    let upper = wall(UPPER_SPUR);
    let left = wall(LEFT_SPUR);
    walls.extend([upper, flipped_y(upper), left, flipped_x(left), wall(MIDDLE)]);
    Map {
        name: "Crossroads".into(),
        width: WIDTH,
        height: HEIGHT,
        walls,
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
    use shared::arena::movement::RADIUS;
    use shared::codec::{decode_map, encode_map};

    use super::*;

    #[test]
    fn the_map_keeps_the_bounds_of_the_wire() {
        let map = crossroads();
        assert!(map.is_valid());
        assert_eq!(map.walls.len(), 25);
        assert_eq!(decode_map(&encode_map(&map)), Ok(map));
    }

    #[test]
    fn every_wall_has_its_mirror_images() {
        let walls = crossroads().walls;
        for &wall in &walls {
            assert!(
                walls.contains(&flipped_x(wall)) && walls.contains(&flipped_y(wall)),
                "{wall:?}"
            );
        }
    }

    /// Floods the free cells of a grid from the first one and expects to reach them all.
    #[test]
    fn every_free_spot_can_be_walked_to() {
        const CELL: usize = 16;
        let map = crossroads();
        let (columns, rows) = (usize::from(WIDTH) / CELL, usize::from(HEIGHT) / CELL);
        let free: Vec<bool> = (0..columns * rows)
            .map(|cell| {
                let (x, y) = ((cell % columns * CELL) as f32, (cell / columns * CELL) as f32);
                is_free(&map, x, y, RADIUS)
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
