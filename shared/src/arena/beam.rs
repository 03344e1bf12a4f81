//! Where a beam ends that leaves a player at once: the server judges by it, a client draws by it.
//!
//! The same rules of arithmetic as in `movement.rs`. A beam is a line from the middle of a player, so that it never starts
//! in a wall.

use super::direction::unit_vector;
use super::map::Map;
use crate::quantize::{position_from_grid, position_to_grid};

/// The point, on the grid, where a beam from `from` in the direction `aim` meets a wall or the edge of the map, or `range`
/// units away.
pub fn beam_end(map: &Map, from: (u16, u16), aim: u16, range: f32) -> (u16, u16) {
    let (x, y) = (position_from_grid(from.0), position_from_grid(from.1));
    let (right, down) = unit_vector(aim);
    let (way_x, way_y) = (right * range, down * range);
    let mut part = part_inside(x, way_x, f32::from(map.width), 1.0);
    part = part_inside(y, way_y, f32::from(map.height), part);
    for wall in &map.walls {
        let (left, top) = (f32::from(wall.x), f32::from(wall.y));
        let on_x = part_within(x, way_x, left, left + f32::from(wall.width));
        let on_y = part_within(y, way_y, top, top + f32::from(wall.height));
        let enters = if on_x.0 > on_y.0 { on_x.0 } else { on_y.0 };
        let leaves = if on_x.1 < on_y.1 { on_x.1 } else { on_y.1 };
        if enters >= 0.0 && enters <= leaves && enters < part {
            part = enters;
        }
    }
    (
        position_to_grid(x + way_x * part),
        position_to_grid(y + way_y * part),
    )
}

/// The part of a way on one axis that lies before the far edge of the map or the near one, at most `part`.
fn part_inside(from: f32, way: f32, extent: f32, part: f32) -> f32 {
    let to_edge = if way > 0.0 {
        (extent - from) / way
    } else if way < 0.0 {
        (0.0 - from) / way
    } else {
        part
    };
    if to_edge < part { to_edge } else { part }
}

/// Where a way on one axis enters a span and where it leaves it, as parts of the way; never when it does not move and is
/// outside, always when it does not move and is inside.
fn part_within(from: f32, way: f32, low: f32, high: f32) -> (f32, f32) {
    if way > 0.0 {
        ((low - from) / way, (high - from) / way)
    } else if way < 0.0 {
        ((high - from) / way, (low - from) / way)
    } else if from >= low && from <= high {
        (-1.0, 2.0)
    } else {
        (2.0, -1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::map::Wall;
    use crate::arena::projectile::is_solid;

    const RIGHT: u16 = 0;
    const DOWN: u16 = 16_384;
    const LEFT: u16 = 32_768;
    const UP: u16 = 49_152;

    fn map() -> Map {
        let wall = |x, y, width, height| Wall { x, y, width, height };
        Map {
            name: String::new(),
            width: 1200,
            height: 800,
            walls: vec![
                wall(400, 100, 50, 200),
                wall(600, 390, 1, 20),
                wall(100, 600, 300, 20),
            ],
            ..Map::default()
        }
    }

    fn check(from: (f32, f32), aim: u16, end: (f32, f32)) {
        let start = (position_to_grid(from.0), position_to_grid(from.1));
        let expected = (position_to_grid(end.0), position_to_grid(end.1));
        assert_eq!(beam_end(&map(), start, aim, 900.0), expected, "{from:?} {aim}");
    }

    #[test]
    fn it_ends_at_walls_at_the_edge_and_at_its_range() {
        check((200.0, 200.0), RIGHT, (400.0, 200.0));
        check((700.0, 200.0), LEFT, (450.0, 200.0));
        check((200.0, 450.0), RIGHT, (1100.0, 450.0));
        check((700.0, 450.0), RIGHT, (1200.0, 450.0));
        check((700.0, 450.0), LEFT, (0.0, 450.0));
        check((200.0, 450.0), DOWN, (200.0, 600.0));
        check((200.0, 450.0), UP, (200.0, 0.0));
        check((300.0, 400.0), RIGHT, (600.0, 400.0));
        // Along a side is a hit as well, and a step beside it none.
        check((300.0, 410.0), RIGHT, (600.0, 410.0));
        check((300.0, 410.5), RIGHT, (1200.0, 410.5));
    }

    #[test]
    fn it_passes_no_wall_and_stays_on_the_map() {
        let map = map();
        for aim in (0..=u16::MAX).step_by(61) {
            for (x, y) in [(200, 200), (500, 405), (1100, 30), (16, 784)] {
                let from = (x * 32, y * 32);
                let end = beam_end(&map, from, aim, 900.0);
                let (ax, ay) = (position_from_grid(from.0), position_from_grid(from.1));
                let (bx, by) = (position_from_grid(end.0), position_from_grid(end.1));
                // Up to a unit before the end, where rounding cannot lie in a wall yet.
                let length = ((bx - ax) * (bx - ax) + (by - ay) * (by - ay)).sqrt();
                for step in 0..(length - 1.0) as u32 {
                    let part = step as f32 / length;
                    let (px, py) = (ax + (bx - ax) * part, ay + (by - ay) * part);
                    assert!(!is_solid(&map, px, py), "{x} {y} {aim}: {px} {py}");
                }
            }
        }
    }
}
