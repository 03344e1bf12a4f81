//! The weapons, one row each. Both sides read it: the server to judge, the client to show.

use crate::record::{DecodeError, Reader};

/// Names a weapon; its number on the wire is its place in [`WeaponId::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeaponId {
    /// [`PULSE`].
    Pulse,
    /// [`RAIL`].
    Rail,
}

impl WeaponId {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Pulse, Self::Rail];

    /// Shown in the kill feed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pulse => PULSE.name,
            Self::Rail => RAIL.name,
        }
    }

    /// Reads the number.
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let number = reader.u8()?;
        Self::ALL
            .get(usize::from(number))
            .copied()
            .ok_or(DecodeError::Unknown {
                what: "weapon",
                found: number.into(),
            })
    }
}

/// What a weapon does whose shots fly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weapon {
    /// Shown in the kill feed.
    pub name: &'static str,
    /// Units a second.
    pub speed: f32,
    /// Health a hit takes.
    pub damage: u8,
    /// Ticks from one shot to the next.
    pub cooldown_ticks: u8,
    /// Ticks a projectile lives.
    pub life_ticks: u8,
    /// Walls it may bounce off.
    pub bounces: u8,
    /// Units a second that a hit adds to the victim's velocity, along the flight.
    pub knock_back: f32,
}

/// Fast bolts that bounce once.
pub const PULSE: Weapon = Weapon {
    name: "Pulse",
    speed: 900.0,
    damage: 14,
    cooldown_ticks: 7,
    life_ticks: 72,
    bounces: 1,
    knock_back: 60.0,
};

/// What a weapon does whose shots are there at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeamWeapon {
    /// Shown in the kill feed.
    pub name: &'static str,
    /// Units, unless a wall is nearer.
    pub range: f32,
    /// Health a hit takes.
    pub damage: u8,
    /// Ticks from one press that counts to the next.
    pub cooldown_ticks: u8,
    /// Ticks from that press to the shot. A line shows it to everybody meanwhile: who sees it can dash.
    pub charge_ticks: u8,
}

/// Hits at once, far away and hard, what its shooter saw there.
pub const RAIL: BeamWeapon = BeamWeapon {
    name: "Rail",
    range: 900.0,
    damage: 55,
    cooldown_ticks: 66,
    charge_ticks: 9,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weapon_has_its_place_in_the_list_as_number() {
        for (number, weapon) in WeaponId::ALL.into_iter().enumerate() {
            assert_eq!(weapon as usize, number);
        }
    }
}
