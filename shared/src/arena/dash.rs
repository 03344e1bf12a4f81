//! The dash: some ticks of great speed in one direction, in which nothing hurts. Part of the step of `movement.rs`.
//!
//! ```text
//! tick           T     T+1 … T+7     T+8          T+9  …  T+149     T+150
//! ticks_left     9      8  …  2       1            0   …    0         9
//! cooldown     150    149  … 143    142          141   …    1       150
//!              pressed               walks again               pressed again
//!              └─ carried along ─┘
//!              └───── nothing hurts ─────┘
//! ```

use crate::record::{DecodeError, Reader, Record};

/// Units a second.
pub const DASH_SPEED: f32 = 900.0;

/// Ticks that a dash carries its player along: 120 units.
pub const DASH_TICKS: u8 = 8;

/// Ticks in which nothing hurts who dashes: one more, so that a dash through a shot does not end in it.
pub const DASH_SAFE_TICKS: u8 = 9;

/// Ticks from one dash to the next.
pub const DASH_COOLDOWN_TICKS: u8 = 150;

/// Where a player stands with its dash. The default can dash at once.
///
/// ```text
/// 0          1            2
/// +----------+------------+
/// | cooldown | ticks left |
/// +----------+------------+
///   u8         u8
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dash {
    /// Ticks until the next may begin.
    pub cooldown_ticks: u8,
    /// [`DASH_SAFE_TICKS`] after the tick in which it begins, one less after each other, 0 without one.
    pub ticks_left: u8,
}

impl Dash {
    /// One tick later; true when a dash begins.
    pub const fn step(&mut self, pressed: bool) -> bool {
        self.cooldown_ticks = self.cooldown_ticks.saturating_sub(1);
        self.ticks_left = self.ticks_left.saturating_sub(1);
        let begins = pressed && self.cooldown_ticks == 0;
        if begins {
            self.cooldown_ticks = DASH_COOLDOWN_TICKS;
            self.ticks_left = DASH_SAFE_TICKS;
        }
        begins
    }

    /// Nothing hurts.
    pub const fn is_safe(&self) -> bool {
        self.ticks_left > 0
    }

    /// In this tick the player does not steer.
    pub const fn carries(&self) -> bool {
        self.ticks_left > DASH_SAFE_TICKS - DASH_TICKS
    }

    /// This is the first tick in which the player steers again.
    pub const fn has_carried(&self) -> bool {
        self.ticks_left == DASH_SAFE_TICKS - DASH_TICKS
    }
}

impl Record for Dash {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.cooldown_ticks, self.ticks_left]);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            cooldown_ticks: reader.u8()?,
            ticks_left: reader.u8()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ticks of so many in which a dash begins, carries, and keeps safe.
    fn play(ticks: u32, pressed: impl Fn(u32) -> bool) -> [Vec<u32>; 3] {
        let mut dash = Dash::default();
        let mut found = [const { Vec::new() }; 3];
        for tick in 0..ticks {
            let begins = dash.step(pressed(tick));
            for (ticks, is_so) in found.iter_mut().zip([begins, dash.carries(), dash.is_safe()]) {
                if is_so {
                    ticks.push(tick);
                }
            }
        }
        found
    }

    #[test]
    fn a_dash_carries_for_eight_ticks_and_is_safe_for_nine() {
        let [begins, carries, safe] = play(100, |tick| tick == 10);
        assert_eq!(begins, [10]);
        assert_eq!(carries, (10..18).collect::<Vec<_>>());
        assert_eq!(safe, (10..19).collect::<Vec<_>>());
    }

    #[test]
    fn a_held_button_dashes_each_time_it_may() {
        let [begins, ..] = play(400, |_| true);
        assert_eq!(begins, [0, 150, 300]);
        let [begins, ..] = play(400, |tick| tick % 149 == 0);
        assert_eq!(begins, [0, 298]);
    }
}
