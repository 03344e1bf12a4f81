//! The grid of the wire: positions at 1/32 unit in a `u16`, velocities at 1/16 unit a second in an `i16`.
//!
//! The simulation snaps its state to this grid after every tick. What a client receives is therefore the
//! authoritative state itself and not a copy of lower precision, and prediction is compared as integers.
//!
//! Only `+ − × ÷`, `floor` and comparisons are used, because those give the same bits in Rust and, with
//! `Math.fround`, in JavaScript.

/// Steps of the position grid in one unit of length.
pub const POSITION_STEPS_PER_UNIT: f32 = 32.0;

/// Steps of the velocity grid in one unit a second.
pub const VELOCITY_STEPS_PER_UNIT: f32 = 16.0;

/// Largest coordinate, unit of length: a map ends below it.
pub const POSITION_MAX: f32 = u16::MAX as f32 / POSITION_STEPS_PER_UNIT;

/// The nearest grid step to a coordinate in units, halves upwards, held at 0 and `u16::MAX`.
pub fn position_to_grid(units: f32) -> u16 {
    // The conversion cuts off, which is `floor` above 0, and holds at both ends.
    (units * POSITION_STEPS_PER_UNIT + 0.5) as u16
}

/// The coordinate of a grid step, in units; exact.
pub fn position_from_grid(step: u16) -> f32 {
    f32::from(step) / POSITION_STEPS_PER_UNIT
}

/// The nearest grid step to a velocity in units a second, halves upwards, held at the ends of `i16`.
pub fn velocity_to_grid(units_per_s: f32) -> i16 {
    // `floor` by a conversion: older processors, for which programs are built, have no instruction of their own for it.
    let step = units_per_s * VELOCITY_STEPS_PER_UNIT + 0.5;
    let cut_off = step as i32;
    let floor = cut_off.saturating_sub(i32::from(step < cut_off as f32));
    floor.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

/// The velocity of a grid step, in units a second; exact.
pub fn velocity_from_grid(step: i16) -> f32 {
    f32::from(step) / VELOCITY_STEPS_PER_UNIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grid_step_survives_the_way_there_and_back() {
        for step in 0..=u16::MAX {
            assert_eq!(position_to_grid(position_from_grid(step)), step);
        }
        for step in i16::MIN..=i16::MAX {
            assert_eq!(velocity_to_grid(velocity_from_grid(step)), step);
        }
    }

    #[test]
    fn what_lies_outside_is_held_at_the_end() {
        assert_eq!(position_to_grid(-5.0), 0);
        assert_eq!(position_to_grid(1e9), u16::MAX);
        assert_eq!(velocity_to_grid(-1e9), i16::MIN);
        assert_eq!(velocity_to_grid(1e9), i16::MAX);
        assert_eq!(velocity_to_grid(f32::MIN), i16::MIN);
        assert_eq!(velocity_to_grid(f32::MAX), i16::MAX);
    }

    #[test]
    fn halves_go_upwards_on_both_sides_of_zero() {
        for (units_per_s, step) in [
            (0.03, 0),
            (0.031_25, 1),
            (-0.031_25, 0),
            (-0.032, -1),
            (-0.093_75, -1),
        ] {
            assert_eq!(velocity_to_grid(units_per_s), step, "{units_per_s}");
        }
    }
}
