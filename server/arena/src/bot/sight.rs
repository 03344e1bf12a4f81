//! Whether a point is in the picture around another, and whether anything stands between them.

use shared::arena::map::{Map, Wall};

use crate::picture::{VIEW_HEIGHT, VIEW_WIDTH};

/// How far from a wall a line of sight must stay, units, so that a shot along it does not graze a corner.
const MARGIN: f32 = 3.0;

/// A point, units from the left and the upper edge.
pub type Point = (f32, f32);

/// Units between two points.
pub(crate) fn distance(a: Point, b: Point) -> f32 {
    let (x, y) = (a.0 - b.0, a.1 - b.1);
    (x * x + y * y).sqrt()
}

/// True when whoever stands at `at` has `place` in the picture, walls or not.
pub fn is_in_picture(at: Point, place: Point) -> bool {
    (place.0 - at.0).abs() <= VIEW_WIDTH / 2.0 && (place.1 - at.1).abs() <= VIEW_HEIGHT / 2.0
}

/// True when no wall touches the line.
pub fn is_clear(map: &Map, from: Point, to: Point) -> bool {
    map.walls.iter().all(|wall| !crosses(wall, from, to))
}

/// Cuts the line down to what lies within the box on one axis, then on the other: it crosses if something is left.
fn crosses(wall: &Wall, from: Point, to: Point) -> bool {
    let x = part_within(from.0, to.0, wall.x, wall.width);
    let y = part_within(from.1, to.1, wall.y, wall.height);
    let (Some((enters_x, leaves_x)), Some((enters_y, leaves_y))) = (x, y) else {
        return false;
    };
    let enters = if enters_x > enters_y { enters_x } else { enters_y };
    let leaves = if leaves_x < leaves_y { leaves_x } else { leaves_y };
    enters <= leaves
}

/// The part of the way from `from` (0) to `to` (1) within a span; `None` when there is none.
fn part_within(from: f32, to: f32, start: u16, length: u16) -> Option<(f32, f32)> {
    let low = f32::from(start) - MARGIN;
    let high = f32::from(start) + f32::from(length) + MARGIN;
    if (from < low && to < low) || (from > high && to > high) {
        return None;
    }
    let way = to - from;
    if way.abs() < 1e-3 {
        return Some((0.0, 1.0));
    }
    let (a, b) = ((low - from) / way, (high - from) / way);
    let (first, last) = if a < b { (a, b) } else { (b, a) };
    Some((
        if first > 0.0 { first } else { 0.0 },
        if last < 1.0 { last } else { 1.0 },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: Point, to: Point, clear: bool) {
        let map = Map {
            name: String::new(),
            width: 1000,
            height: 1000,
            walls: vec![Wall {
                x: 400,
                y: 400,
                width: 200,
                height: 100,
            }],
            ..Map::default()
        };
        assert_eq!(is_clear(&map, from, to), clear, "{from:?} {to:?}");
        assert_eq!(is_clear(&map, to, from), clear, "{to:?} {from:?}");
    }

    #[test]
    fn a_wall_hides_what_is_behind_it() {
        check((100.0, 450.0), (900.0, 450.0), false);
        check((100.0, 390.0), (900.0, 390.0), true);
        check((500.0, 100.0), (500.0, 900.0), false);
        check((500.0, 100.0), (500.0, 390.0), true);
        check((300.0, 300.0), (700.0, 600.0), false);
        check((300.0, 450.0), (450.0, 300.0), true);
        check((390.0, 450.0), (390.0, 450.0), true);
        check((300.0, 450.0), (450.0, 450.0), false);
    }
}
