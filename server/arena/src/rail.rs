//! The Rail: a press, a line that warns for 0.15 s, and then a beam that is there at once.
//!
//! ```text
//! tick     T               T + 9                T + 66
//!          pressed          the beam leaves       may be pressed again
//!          RailCharging     RailFired
//!          └─ the line ────┘
//! ```
//!
//! The beam leaves from where its shooter is then, in the direction it looks then, and meets the others where the shooter saw
//! them in that tick (`history.rs`). So the line and the rewind do not add up: the line runs for everybody at the same
//! time, a victim sees it as late as it sees everything, and what counts is the aim at its end. Whoever has begun to
//! dash, or died, by the tick in which the beam leaves is not met; who is shielded stops it unhurt.
//!
//! Who dies while the Rail charges does not fire, and neither does anybody once weapons are locked.

use shared::arena::weapon::RAIL;

/// A player's Rail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rail {
    /// Ticks until it may be pressed again.
    pub cooldown_ticks: u8,
    /// Ticks until the beam leaves, 0 when none will.
    pub charge_ticks: u8,
}

/// What a Rail does in a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is at rest or charges on.
    Nothing,
    /// It begins to charge.
    Charges,
    /// The beam leaves.
    Fires,
}

impl Rail {
    /// One tick later.
    pub const fn step(&mut self, pressed: bool, may_fire: bool) -> Action {
        self.cooldown_ticks = self.cooldown_ticks.saturating_sub(1);
        if !may_fire {
            self.charge_ticks = 0;
            return Action::Nothing;
        }
        if self.charge_ticks > 0 {
            self.charge_ticks -= 1;
            return if self.charge_ticks == 0 {
                Action::Fires
            } else {
                Action::Nothing
            };
        }
        if pressed && self.cooldown_ticks == 0 {
            self.cooldown_ticks = RAIL.cooldown_ticks;
            self.charge_ticks = RAIL.charge_ticks;
            return Action::Charges;
        }
        Action::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ticks of 200 in which the Rail charges and fires.
    fn check(pressed: impl Fn(u32) -> bool, may_fire: impl Fn(u32) -> bool, charges: &[u32], fires: &[u32]) {
        let mut rail = Rail::default();
        let mut found = (Vec::new(), Vec::new());
        for tick in 0..200 {
            match rail.step(pressed(tick), may_fire(tick)) {
                Action::Charges => found.0.push(tick),
                Action::Fires => found.1.push(tick),
                Action::Nothing => {}
            }
        }
        assert_eq!(found, (charges.to_vec(), fires.to_vec()));
    }

    #[test]
    fn a_press_fires_once_after_its_charge() {
        let always = |_| true;
        check(|tick| tick == 5, always, &[5], &[14]);
        check(|tick| tick == 5 || tick == 8, always, &[5], &[14]);
        check(|tick| tick % 70 == 5, always, &[5, 75, 145], &[14, 84, 154]);
        check(always, always, &[0, 66, 132, 198], &[9, 75, 141]);
        check(|tick| tick == 5 || tick == 70, always, &[5], &[14]);
        check(|tick| tick == 5 || tick == 71, always, &[5, 71], &[14, 80]);
    }

    #[test]
    fn who_may_not_fire_any_more_loses_the_charge() {
        check(|tick| tick == 5, |tick| tick != 13, &[5], &[]);
        check(|tick| tick == 5, |tick| tick != 14, &[5], &[]);
        check(|tick| tick == 5, |tick| tick < 15, &[5], &[14]);
        check(|tick| tick == 5, |tick| tick > 5, &[], &[]);
        check(|tick| tick == 5 || tick == 40, |tick| tick != 9, &[5], &[]);
    }
}
