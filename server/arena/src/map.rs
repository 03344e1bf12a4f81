//! Where one can stand on a map.

use shared::arena::map::{Map, Wall};

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

#[cfg(test)]
mod tests {
    use shared::arena::movement::RADIUS;

    use super::*;
    use crate::maps::crossroads;

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
