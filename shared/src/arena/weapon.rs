//! The weapons, one row each. Both sides read it: the server to judge, the client to show.

/// What a weapon does.
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
