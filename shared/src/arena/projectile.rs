//! One tick of a projectile's flight: a pure function, computed by the server to judge and by each client to show.
//!
//! The same rules of arithmetic as in `movement.rs`. A projectile is a point. It moves along each axis in turn, so that
//! it is always clear which side of a box it meets: what it meets turns the velocity on that axis around, and the point
//! stays where it was on that axis for this tick.

use super::direction::unit_vector;
use super::map::Map;
use super::movement::RADIUS;
use super::state::Body;
use super::weapon::PULSE;
use crate::quantize::{position_from_grid, position_to_grid, velocity_from_grid, velocity_to_grid};

const TICKS_PER_SECOND: f32 = 60.0;

/// A projectile in flight, on the grid of `quantize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Steps of 1/32 unit.
    pub x: u16,
    /// Steps of 1/32 unit.
    pub y: u16,
    /// Steps of 1/16 unit a second.
    pub vx: i16,
    /// Steps of 1/16 unit a second.
    pub vy: i16,
    /// Walls it may still bounce off.
    pub bounces_left: u8,
}

/// What a tick did to a projectile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It flies on.
    Flying,
    /// It met a wall with no bounce left and stays where it is.
    Stopped,
}

impl Flight {
    /// A flight with all its bounces left.
    pub fn new(x: u16, y: u16, vx: i16, vy: i16) -> Self {
        Self {
            x,
            y,
            vx,
            vy,
            bounces_left: PULSE.bounces,
        }
    }

    /// A shot of `shooter` in the direction `aim`, from the edge of the body, so that it never starts in a wall that
    /// the body does not touch.
    pub fn fired_by(shooter: &Body, aim: u16) -> Self {
        let (right, down) = unit_vector(aim);
        let x = position_from_grid(shooter.x) + right * RADIUS;
        let y = position_from_grid(shooter.y) + down * RADIUS;
        let (vx, vy) = (right * PULSE.speed, down * PULSE.speed);
        Self::new(
            position_to_grid(x),
            position_to_grid(y),
            velocity_to_grid(vx),
            velocity_to_grid(vy),
        )
    }

    /// One tick later.
    pub fn step(&mut self, map: &Map) -> Outcome {
        self.step_where(|x, y| is_solid(map, x, y))
    }

    /// The same where `is_solid` tells what is in a wall or outside the map, in units.
    pub fn step_where(&mut self, is_solid: impl Fn(f32, f32) -> bool) -> Outcome {
        let (x, y) = (position_from_grid(self.x), position_from_grid(self.y));
        let next_x = x + velocity_from_grid(self.vx) / TICKS_PER_SECOND;
        if is_solid(next_x, y) {
            if self.bounces_left == 0 {
                return Outcome::Stopped;
            }
            self.bounces_left -= 1;
            self.vx = self.vx.saturating_neg();
        } else {
            self.x = position_to_grid(next_x);
        }
        let x = position_from_grid(self.x);
        let next_y = y + velocity_from_grid(self.vy) / TICKS_PER_SECOND;
        if is_solid(x, next_y) {
            if self.bounces_left == 0 {
                return Outcome::Stopped;
            }
            self.bounces_left -= 1;
            self.vy = self.vy.saturating_neg();
        } else {
            self.y = position_to_grid(next_y);
        }
        Outcome::Flying
    }
}

/// True in a wall and outside the map.
pub(super) fn is_solid(map: &Map, x: f32, y: f32) -> bool {
    if x < 0.0 || y < 0.0 || x > f32::from(map.width) || y > f32::from(map.height) {
        return true;
    }
    map.walls.iter().any(|wall| wall.contains(x, y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arena::map::Wall;

    fn map(walls: &[Wall]) -> Map {
        Map {
            name: "test".into(),
            width: 1000,
            height: 800,
            walls: walls.to_vec(),
            ..Map::default()
        }
    }

    fn shot(x: f32, y: f32, aim: u16) -> Flight {
        let body = Body {
            x: position_to_grid(x),
            y: position_to_grid(y),
            vx: 0,
            vy: 0,
        };
        Flight::fired_by(&body, aim)
    }

    /// Ticks until it stops, and how it flew then.
    fn fly(map: &Map, mut flight: Flight) -> (u32, Flight) {
        for tick in 0..1000 {
            if flight.step(map) == Outcome::Stopped {
                return (tick, flight);
            }
        }
        panic!("it flies for ever: {flight:?}");
    }

    #[test]
    fn a_shot_has_the_speed_of_its_weapon_in_every_direction() {
        for aim in (0..=u16::MAX).step_by(97) {
            let flight = shot(500.0, 400.0, aim);
            let (vx, vy) = (velocity_from_grid(flight.vx), velocity_from_grid(flight.vy));
            assert!(
                ((vx * vx + vy * vy).sqrt() - PULSE.speed).abs() < 0.1,
                "{aim}: {flight:?}"
            );
        }
    }

    #[test]
    fn it_bounces_once_and_stops_at_the_second_wall() {
        let (ticks, end) = fly(&map(&[]), shot(500.0, 400.0, 0));
        assert_eq!((end.bounces_left, end.y), (0, position_to_grid(400.0)));
        assert!(end.vx < 0 && position_from_grid(end.x) < 16.0, "{end:?}");
        assert!((90..110).contains(&ticks), "{ticks}");
    }

    #[test]
    fn a_slanted_shot_leaves_a_wall_as_it_came() {
        let wall = Wall {
            x: 600,
            y: 0,
            width: 100,
            height: 800,
        };
        let start = shot(500.0, 200.0, 4096);
        let mut flight = start;
        while flight.bounces_left == 1 {
            assert_eq!(flight.step(&map(&[wall])), Outcome::Flying);
        }
        assert_eq!((flight.vx, flight.vy), (-start.vx, start.vy));
        assert!(position_from_grid(flight.x) <= 600.0);
    }

    #[test]
    fn nothing_flies_through_a_wall_as_thin_as_a_step() {
        let wall = Wall {
            x: 600,
            y: 0,
            width: 16,
            height: 800,
        };
        for x in 0..15 {
            let (_, end) = fly(&map(&[wall]), shot(400.0 + x as f32, 400.0, 0));
            assert!(position_from_grid(end.x) < 600.0);
        }
    }
}
