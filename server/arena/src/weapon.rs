//! The trigger: when a shot leaves, and what it costs.

use shared::arena::weapon::PULSE;

/// The weapon in hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weapon {
    /// Ticks until it can fire again.
    pub cooldown_ticks: u8,
    /// Ticks that it still fires twice as fast.
    pub overcharge_ticks: u16,
}

impl Weapon {
    /// One tick later; true when a shot leaves. Overcharged it cools down two ticks at once, and what is left of these when a
    /// shot leaves adds to the next wait, so that an odd cooldown is halved on the average.
    pub const fn pull(&mut self, trigger: bool) -> bool {
        let speed = if self.overcharge_ticks > 0 { 2 } else { 1 };
        self.overcharge_ticks = self.overcharge_ticks.saturating_sub(1);
        let is_cool = self.cooldown_ticks < 2 * speed;
        self.cooldown_ticks = self.cooldown_ticks.saturating_sub(speed);
        let fires = trigger && is_cool;
        if fires {
            self.cooldown_ticks += PULSE.cooldown_ticks;
        }
        fires
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ticks in which shots leave.
    fn check(trigger: impl Fn(u32) -> bool, expected: &[u32]) {
        let mut weapon = Weapon::default();
        let shots: Vec<u32> = (0..30).filter(|&tick| weapon.pull(trigger(tick))).collect();
        assert_eq!(shots, expected);
    }

    #[test]
    fn a_held_trigger_fires_each_time_the_weapon_has_cooled_down() {
        check(|_| true, &[0, 7, 14, 21, 28]);
        check(|tick| tick == 3 || tick == 9, &[3]);
        check(|tick| tick == 3 || tick == 10, &[3, 10]);
        check(|_| false, &[]);
    }

    #[test]
    fn an_overcharge_halves_the_wait_while_it_lasts() {
        let mut weapon = Weapon {
            cooldown_ticks: 3,
            overcharge_ticks: 15,
        };
        let shots: Vec<u32> = (0..40).filter(|_| weapon.pull(true)).collect();
        assert_eq!(shots, [0, 4, 7, 11, 14, 22, 29, 36]);
    }
}
