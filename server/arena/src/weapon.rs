//! The trigger: when a shot leaves, and what it costs.

use bevy_ecs::component::Component;
use bevy_ecs::system::{Query, Res, ResMut};
use shared::arena::event::Event;
use shared::arena::projectile::Flight;
use shared::arena::weapon::PULSE;
use simulation::game::Events;

use crate::life::Life;
use crate::player::{Lineup, Pose, Wish};
use crate::projectile::Projectiles;
use crate::round::Round;

/// The weapon in hand.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// A shot for everybody who holds the trigger, is alive and may. It comes after all flights of this tick, so that a shot
/// stands at its start in the tick of its event, and clients can count from there.
pub fn fire(
    round: Res<Round>,
    lineup: Res<Lineup>,
    mut projectiles: ResMut<Projectiles>,
    mut events: ResMut<Events<Event>>,
    mut players: Query<(&Pose, &Wish, &mut Weapon, &mut Life)>,
) {
    for member in lineup.members() {
        let Ok((pose, wish, mut weapon, mut life)) = players.get_mut(member.entity) else {
            continue;
        };
        let trigger = wish.0.fire && life.is_alive() && round.status.phase.weapons_fire();
        if weapon.pull(trigger) {
            life.shield_ticks = 0;
            let flight = Flight::fired_by(&pose.0, wish.0.aim);
            projectiles.launch(member.id, flight, &mut events);
        }
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
