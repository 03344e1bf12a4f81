//! Health and armor, the shield of who has just appeared, and the wait of who has died.

use shared::arena::state::HEALTH_MAX;

/// Ticks from a death to the next life: two seconds, so that a death costs something and nobody gets bored.
pub const RESPAWN_TICKS: u8 = 120;

/// Ticks that nothing hurts after a spawn, unless the player fires: long enough to look where one is.
pub const SHIELD_TICKS: u8 = 90;

/// How a player is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// 0 while dead.
    pub health: u8,
    /// Damage takes it before health; 0 while dead.
    pub armor: u8,
    /// Ticks that the shield still lasts, 0 while dead.
    pub shield_ticks: u8,
    /// Ticks until the next life, 0 while alive.
    pub respawn_ticks: u8,
}

impl Life {
    /// A new one.
    pub const fn new() -> Self {
        Self {
            health: HEALTH_MAX,
            armor: 0,
            shield_ticks: SHIELD_TICKS,
            respawn_ticks: 0,
        }
    }

    /// Walks, fires and can be hit.
    pub const fn is_alive(&self) -> bool {
        self.health > 0
    }

    /// Cannot be hurt.
    pub const fn is_shielded(&self) -> bool {
        self.shield_ticks > 0
    }

    /// One tick later.
    pub const fn wear_shield(&mut self) {
        self.shield_ticks = self.shield_ticks.saturating_sub(1);
    }

    /// Takes armor and then health away and gives how much of both; nothing from who is dead or shielded.
    pub fn lose(&mut self, damage: u8) -> u8 {
        if self.is_shielded() || !self.is_alive() {
            return 0;
        }
        let armor = damage.min(self.armor);
        let health = (damage - armor).min(self.health);
        self.armor -= armor;
        self.health -= health;
        if self.health == 0 {
            self.respawn_ticks = RESPAWN_TICKS;
        }
        armor + health
    }
}

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(health: u8, shield_ticks: u8, damage: u8, lost: u8, alive: bool) {
        let mut life = Life {
            health,
            armor: 0,
            shield_ticks,
            respawn_ticks: 0,
        };
        assert_eq!(life.lose(damage), lost);
        assert_eq!(
            (life.health, life.is_alive(), life.respawn_ticks > 0),
            (health - lost, alive, lost > 0 && !alive)
        );
    }

    /// What is left of health and armor.
    fn check_armored(health: u8, armor: u8, damage: u8, lost: u8, left: (u8, u8)) {
        let mut life = Life {
            health,
            armor,
            shield_ticks: 0,
            respawn_ticks: 0,
        };
        assert_eq!(life.lose(damage), lost);
        assert_eq!((life.health, life.armor), left);
    }

    #[test]
    fn damage_takes_armor_first() {
        check_armored(100, 50, 14, 14, (100, 36));
        check_armored(100, 50, 55, 55, (95, 0));
        check_armored(100, 14, 14, 14, (100, 0));
        check_armored(2, 10, 55, 12, (0, 0));
    }

    #[test]
    fn damage_takes_what_is_there_and_a_shield_keeps_it() {
        check(100, 0, 14, 14, true);
        check(14, 0, 14, 14, false);
        check(2, 0, 14, 2, false);
        check(100, 1, 14, 0, true);
        check(0, 0, 14, 0, false);
    }
}
