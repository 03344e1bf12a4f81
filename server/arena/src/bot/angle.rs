//! From a direction to an angle of the wire, without the arctangent of the machine, whose last bits differ.
//!
//! Within an eighth of a turn, arctan a is close to π/4 a + a (1 − |a|) (0.2447 + 0.0663 |a|), which is off by less than
//! 0.1 degree (Rajan, Wang, Inkol and Joyal: Efficient approximations for the arctangent function, 2006). The other
//! eighths are its mirror images. A bot's aim is worse than that anyway.

use shared::arena::direction::TURN_STEPS;

/// Steps of an eighth of a turn.
const EIGHTH: f32 = (TURN_STEPS / 8) as f32;

/// The factors of the formula, in eighths of a turn instead of radians: 0.2447 ÷ (π/4), 0.0663 ÷ (π/4).
const BEND: f32 = 0.311_57;
const BEND_MORE: f32 = 0.084_42;

const HALF: u16 = (TURN_STEPS / 2) as u16;
const QUARTER: u16 = (TURN_STEPS / 4) as u16;

/// The angle of a direction (right, down) of any length; 0 for none.
pub fn angle_of(right: f32, down: f32) -> u16 {
    let (wide, high) = (right.abs(), down.abs());
    if wide + high <= 0.0 {
        return 0;
    }
    // The angle to the horizontal, 0 to a quarter.
    let slope = if high <= wide {
        within_eighth(high / wide)
    } else {
        QUARTER - within_eighth(wide / high)
    };
    match (right < 0.0, down < 0.0) {
        (false, false) => slope,
        (true, false) => HALF - slope,
        (true, true) => HALF + slope,
        (false, true) => 0_u16.wrapping_sub(slope),
    }
}

/// `ratio` is 0 to 1.
fn within_eighth(ratio: f32) -> u16 {
    let eighths = ratio + ratio * (1.0 - ratio) * (BEND + BEND_MORE * ratio);
    (eighths * EIGHTH) as u16
}

#[cfg(test)]
mod tests {
    use shared::arena::direction::unit_vector;

    use super::*;

    #[test]
    fn every_direction_has_its_angle_back() {
        for angle in (0..=u16::MAX).step_by(64) {
            let (right, down) = unit_vector(angle);
            let found = angle_of(right * 300.0, down * 300.0);
            let off = found.wrapping_sub(angle) as i16;
            // A tenth of a degree is 18 steps.
            assert!(off.abs() <= 18, "{angle}: {found}");
        }
        assert_eq!(angle_of(0.0, 0.0), 0);
    }
}
