//! One tick of movement: a pure function that the server runs for everybody and each client runs for its own player.
//!
//! Both must get the same bits. So this file uses scalar `f32` with `+ − × ÷`, `sqrt` and comparisons only, in the
//! order written here; the mirror in TypeScript rounds with `Math.fround` after each operation. No composites of the
//! maths library, whose formulas may change between versions, no fused multiply-add, no trigonometry. The state goes
//! in and comes out on the grid of `quantize`; rounding to that grid each tick is part of the rules.

use super::dash::{DASH_SPEED, Dash};
use super::direction::unit_vector;
use super::input::Input;
use super::map::{Map, Wall};
use super::state::Body;
use crate::quantize::{position_from_grid, position_to_grid, velocity_from_grid, velocity_to_grid};

/// Radius of a player, units.
pub const RADIUS: f32 = 16.0;

/// Top speed, units a second.
pub const SPEED_MAX: f32 = 320.0;

/// How fast the velocity turns towards the wish: 2400 u/s² are 40 u/s each tick.
const ACCELERATION_PER_TICK: f32 = 40.0;

/// What a tick without a wish leaves of the velocity: 1 − 8/s ÷ 60 Hz, as the nearest `f32`.
const FRICTION_FACTOR: f32 = 0.866_666_7;

/// Below this the velocity becomes 0. Without it, rounding to the grid would keep a slow creep alive for ever.
const SPEED_STOP: f32 = 4.0;

const TICKS_PER_SECOND: f32 = 60.0;

const STICK_FULL: f32 = 127.0;

/// Everything that the movement of a player depends on, besides its wish and the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mover {
    /// Where it is and where it goes.
    pub body: Body,
    /// A dash is a way to move.
    pub dash: Dash,
}

/// The state after one tick with this input.
pub fn step(Mover { body, mut dash }: Mover, input: Input, map: &Map) -> Mover {
    let mut motion = Motion {
        x: position_from_grid(body.x),
        y: position_from_grid(body.y),
        vx: velocity_from_grid(body.vx),
        vy: velocity_from_grid(body.vy),
    };
    if dash.step(input.dash) {
        motion.leap(input);
    } else if dash.has_carried() {
        motion.slow_to_walk();
    }
    if !dash.carries() {
        motion.steer(input);
    }
    motion.x += motion.vx / TICKS_PER_SECOND;
    motion.y += motion.vy / TICKS_PER_SECOND;
    let mut reach = motion.reach();
    for wall in &map.walls {
        if reach.meets(wall) {
            motion.leave_wall(wall);
            reach = motion.reach();
        }
    }
    motion.stay_inside(f32::from(map.width), f32::from(map.height));
    let body = Body {
        x: position_to_grid(motion.x),
        y: position_to_grid(motion.y),
        vx: velocity_to_grid(motion.vx),
        vy: velocity_to_grid(motion.vy),
    };
    Mover { body, dash }
}

/// The state within a tick, in units and units a second.
struct Motion {
    x: f32,
    y: f32,
    vx: f32,
    vy: f32,
}

impl Motion {
    /// A dash begins: all speed goes where the player wants to walk, or looks when it does not. Walls turn it from there on,
    /// so the velocity is all that the dash has of a direction.
    fn leap(&mut self, input: Input) {
        let wish_x = f32::from(input.move_x) / STICK_FULL;
        let wish_y = f32::from(input.move_y) / STICK_FULL;
        let wish_length = (wish_x * wish_x + wish_y * wish_y).sqrt();
        let (right, down) = if wish_length > 0.0 {
            (wish_x / wish_length, wish_y / wish_length)
        } else {
            unit_vector(input.aim)
        };
        self.vx = right * DASH_SPEED;
        self.vy = down * DASH_SPEED;
    }

    /// What a dash leaves of its speed.
    fn slow_to_walk(&mut self) {
        let speed = (self.vx * self.vx + self.vy * self.vy).sqrt();
        if speed > SPEED_MAX {
            self.vx = self.vx * SPEED_MAX / speed;
            self.vy = self.vy * SPEED_MAX / speed;
        }
    }

    /// Turns the velocity towards the wish, or lets it die down without one.
    fn steer(&mut self, input: Input) {
        if input.move_x == 0 && input.move_y == 0 {
            self.vx = slowed(self.vx);
            self.vy = slowed(self.vy);
            return;
        }
        let mut wish_x = f32::from(input.move_x) / STICK_FULL;
        let mut wish_y = f32::from(input.move_y) / STICK_FULL;
        let wish_length = (wish_x * wish_x + wish_y * wish_y).sqrt();
        if wish_length > 1.0 {
            wish_x /= wish_length;
            wish_y /= wish_length;
        }
        let change_x = wish_x * SPEED_MAX - self.vx;
        let change_y = wish_y * SPEED_MAX - self.vy;
        let change = (change_x * change_x + change_y * change_y).sqrt();
        if change > ACCELERATION_PER_TICK {
            self.vx += change_x * ACCELERATION_PER_TICK / change;
            self.vy += change_y * ACCELERATION_PER_TICK / change;
        } else {
            self.vx += change_x;
            self.vy += change_y;
        }
    }

    /// In whole units, and so one more than a radius to each side.
    const fn reach(&self) -> Reach {
        Reach {
            left: (self.x - RADIUS) as i32 - 1,
            top: (self.y - RADIUS) as i32 - 1,
            right: (self.x + RADIUS) as i32 + 1,
            bottom: (self.y + RADIUS) as i32 + 1,
        }
    }

    /// Pushes the circle out of a box along the shortest way and takes away the speed into it.
    fn leave_wall(&mut self, wall: &Wall) {
        let left = f32::from(wall.x);
        let top = f32::from(wall.y);
        let right = left + f32::from(wall.width);
        let bottom = top + f32::from(wall.height);
        let nearest_x = held_between(self.x, left, right);
        let nearest_y = held_between(self.y, top, bottom);
        let away_x = self.x - nearest_x;
        let away_y = self.y - nearest_y;
        let distance_squared = away_x * away_x + away_y * away_y;
        if distance_squared >= RADIUS * RADIUS {
            return;
        }
        if distance_squared > 0.0 {
            let distance = distance_squared.sqrt();
            let normal_x = away_x / distance;
            let normal_y = away_y / distance;
            self.x = nearest_x + normal_x * RADIUS;
            self.y = nearest_y + normal_y * RADIUS;
            self.lose_speed_into(normal_x, normal_y);
        } else {
            self.leave_from_inside(left, top, right, bottom);
        }
    }

    /// The centre lies in the box: out through the nearest side, ties in the order left, right, top, bottom.
    fn leave_from_inside(&mut self, left: f32, top: f32, right: f32, bottom: f32) {
        let to_left = self.x - left;
        let to_right = right - self.x;
        let to_top = self.y - top;
        let to_bottom = bottom - self.y;
        if to_left <= to_right && to_left <= to_top && to_left <= to_bottom {
            self.x = left - RADIUS;
            self.lose_speed_into(-1.0, 0.0);
        } else if to_right <= to_top && to_right <= to_bottom {
            self.x = right + RADIUS;
            self.lose_speed_into(1.0, 0.0);
        } else if to_top <= to_bottom {
            self.y = top - RADIUS;
            self.lose_speed_into(0.0, -1.0);
        } else {
            self.y = bottom + RADIUS;
            self.lose_speed_into(0.0, 1.0);
        }
    }

    fn lose_speed_into(&mut self, normal_x: f32, normal_y: f32) {
        let into = self.vx * normal_x + self.vy * normal_y;
        if into < 0.0 {
            self.vx -= into * normal_x;
            self.vy -= into * normal_y;
        }
    }

    /// The edge of the map is a wall that has no other side.
    fn stay_inside(&mut self, width: f32, height: f32) {
        (self.x, self.vx) = held_inside(self.x, self.vx, width);
        (self.y, self.vy) = held_inside(self.y, self.vy, height);
    }
}

/// A box around a player. A wall outside of it is farther than a radius and changes nothing, which is most of a map: whether one is
/// looked at is no part of the rules.
struct Reach {
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

impl Reach {
    const fn meets(&self, wall: &Wall) -> bool {
        let (left, top) = (wall.x as i32, wall.y as i32);
        left < self.right
            && top < self.bottom
            && left + wall.width as i32 > self.left
            && top + wall.height as i32 > self.top
    }
}

fn slowed(velocity: f32) -> f32 {
    let slower = velocity * FRICTION_FACTOR;
    if slower < SPEED_STOP && slower > -SPEED_STOP {
        0.0
    } else {
        slower
    }
}

fn held_between(value: f32, low: f32, high: f32) -> f32 {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

/// Position and velocity on one axis, kept a radius away from both edges.
fn held_inside(position: f32, velocity: f32, extent: f32) -> (f32, f32) {
    let far = extent - RADIUS;
    if position < RADIUS {
        (RADIUS, if velocity < 0.0 { 0.0 } else { velocity })
    } else if position > far {
        (far, if velocity > 0.0 { 0.0 } else { velocity })
    } else {
        (position, velocity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(walls: &[Wall]) -> Map {
        Map {
            name: "test".into(),
            width: 2000,
            height: 1500,
            walls: walls.to_vec(),
            ..Map::default()
        }
    }

    fn body_at(x: f32, y: f32) -> Body {
        Body {
            x: position_to_grid(x),
            y: position_to_grid(y),
            vx: 0,
            vy: 0,
        }
    }

    fn at_rest(body: Body) -> Mover {
        Mover {
            body,
            ..Mover::default()
        }
    }

    /// Walks `ticks` with one input; gives position and velocity in units.
    fn walk(map: &Map, from: (f32, f32), input: (i8, i8), ticks: u32) -> (f32, f32, f32, f32) {
        let input = Input {
            move_x: input.0,
            move_y: input.1,
            ..Input::default()
        };
        let start = at_rest(body_at(from.0, from.1));
        let end = (0..ticks).fold(start, |mover, _| step(mover, input, map)).body;
        let position = end.position();
        (
            position.x,
            position.y,
            velocity_from_grid(end.vx),
            velocity_from_grid(end.vy),
        )
    }

    #[test]
    fn a_held_key_reaches_top_speed_and_no_more() {
        let (x, y, vx, vy) = walk(&map(&[]), (100.0, 100.0), (127, 0), 60);
        assert_eq!((vx, vy, y), (SPEED_MAX, 0.0, 100.0));
        assert!((395.0..405.0).contains(&x), "{x}");
    }

    #[test]
    fn a_diagonal_is_not_faster() {
        let (_, _, vx, vy) = walk(&map(&[]), (100.0, 100.0), (127, 127), 60);
        assert!((vx * vx + vy * vy).sqrt() <= SPEED_MAX + 0.1);
    }

    #[test]
    fn without_a_wish_a_player_comes_to_rest() {
        let map = map(&[]);
        let moving = Body {
            vx: 5120,
            vy: -3000,
            ..body_at(1000.0, 700.0)
        };
        let end = (0..60).fold(at_rest(moving), |mover, _| step(mover, Input::default(), &map));
        assert_eq!((end.body.vx, end.body.vy), (0, 0));
        assert_eq!(step(end, Input::default(), &map), end);
    }

    #[test]
    fn a_wall_stops_and_lets_slide() {
        let map = map(&[Wall {
            x: 300,
            y: 0,
            width: 50,
            height: 1500,
        }]);
        let (x, _, vx, _) = walk(&map, (200.0, 500.0), (127, 0), 120);
        assert_eq!((x, vx), (300.0 - RADIUS, 0.0));
        let (x, y, _, vy) = walk(&map, (200.0, 500.0), (127, 127), 120);
        assert_eq!(x, 300.0 - RADIUS);
        assert!(y > 700.0 && vy > 200.0, "{y} {vy}");
    }

    #[test]
    fn the_edge_of_the_map_holds() {
        for input in [(-127, -127), (127, 127), (-128, 0), (0, -128)] {
            let (x, y, ..) = walk(&map(&[]), (50.0, 50.0), input, 1000);
            assert!((RADIUS..=2000.0 - RADIUS).contains(&x) && (RADIUS..=1500.0 - RADIUS).contains(&y));
        }
    }

    #[test]
    fn a_player_inside_a_wall_gets_out() {
        let wall = Wall {
            x: 300,
            y: 300,
            width: 100,
            height: 100,
        };
        let end = step(at_rest(body_at(310.0, 350.0)), Input::default(), &map(&[wall]));
        assert_eq!(end.body.position().x, 300.0 - RADIUS);
    }

    /// Dashes in the first tick and does nothing else for `ticks`; gives the way in units and the velocity then.
    fn dash(map: &Map, from: (f32, f32), input: Input, ticks: u32) -> (f32, f32, i16, i16) {
        let start = at_rest(body_at(from.0, from.1));
        let pressed = Input { dash: true, ..input };
        let first = step(start, pressed, map);
        let end = (1..ticks)
            .fold(first, |mover, _| step(mover, Input::default(), map))
            .body;
        let way = end.position() - start.body.position();
        (way.x, way.y, end.vx, end.vy)
    }

    #[test]
    fn a_dash_goes_where_the_player_walks_or_looks() {
        let map = map(&[]);
        let walks = |move_x, move_y, aim| Input {
            move_x,
            move_y,
            aim,
            ..Input::default()
        };
        let check = |input, expected: (f32, f32)| {
            let (x, y, ..) = dash(&map, (1000.0, 700.0), input, 8);
            assert!(
                (x - expected.0).abs() < 0.5 && (y - expected.1).abs() < 0.5,
                "{input:?}: {x} {y}"
            );
        };
        check(walks(0, 0, 0), (120.0, 0.0));
        check(walks(0, 0, 16_384), (0.0, 120.0));
        check(walks(0, -127, 16_384), (0.0, -120.0));
        check(walks(-1, 0, 16_384), (-120.0, 0.0));
        check(walks(-128, -128, 0), (-84.85, -84.85));
    }

    #[test]
    fn after_a_dash_a_player_walks_on_as_fast_as_it_can_walk() {
        let map = map(&[]);
        let input = Input::default();
        let (_, _, vx, vy) = dash(&map, (1000.0, 700.0), input, 8);
        assert_eq!((vx, vy), (16 * 900, 0));
        let (_, _, vx, _) = dash(&map, (1000.0, 700.0), input, 9);
        assert!(vx <= 16 * 320 && vx > 16 * 270, "{vx}");
    }

    #[test]
    fn a_wall_stops_a_dash_and_lets_it_slide() {
        let wall = Wall {
            x: 1050,
            y: 0,
            width: 16,
            height: 1500,
        };
        let (x, y, ..) = dash(&map(&[wall]), (1000.0, 700.0), Input::default(), 20);
        assert_eq!((x, y), (50.0 - RADIUS, 0.0));
        let slanted = Input {
            move_x: 100,
            move_y: 100,
            ..Input::default()
        };
        let (x, y, ..) = dash(&map(&[wall]), (1000.0, 700.0), slanted, 8);
        assert_eq!(x, 50.0 - RADIUS);
        assert!(y > 80.0, "{y}");
    }
}
