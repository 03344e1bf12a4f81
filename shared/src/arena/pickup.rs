//! What lies on the floor and helps whoever walks over it: where it lies is the map's, what it does is here, one row each.
//!
//! Whoever takes one makes it go away for a while. That is all a client is told (`PickedUp` of `event.rs`), with the tick in
//! which it is back; [`ANNOUNCED_TICKS`] before that tick everybody may see that it comes. When a round begins anew, all
//! lie there.

use serde::{Deserialize, Serialize};

use super::movement::RADIUS;
use super::state::Body;
use crate::limits::PICKUPS_MAX;
use crate::quantize::{POSITION_STEPS_PER_UNIT, position_to_grid};
use crate::tick::{TICK_HZ, Tick};

/// How long before it is back a pickup is announced, ticks: five seconds, enough to walk there and to meet somebody.
pub const ANNOUNCED_TICKS: u32 = 5 * TICK_HZ as u32;

/// Health that a med gives, up to the most there is.
pub const MED_HEALTH: u8 = 40;

/// Armor of who took a shield. Damage takes it before health; a second one fills it up and adds none.
pub const ARMOR_MAX: u8 = 50;

/// How long an overcharge lasts, ticks.
pub const OVERCHARGE_TICKS: u16 = 8 * TICK_HZ;

/// How near one must come to a pickup, units from middle to middle.
pub const REACH: f32 = RADIUS + 14.0;

/// [`REACH`] in grid steps.
const REACH_STEPS: u64 = (REACH * POSITION_STEPS_PER_UNIT) as u64;

/// What it does; its number on the wire is its place in [`PickupKind::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PickupKind {
    /// [`MED_HEALTH`] more.
    Med,
    /// [`ARMOR_MAX`] armor.
    Shield,
    /// The Pulse fires twice as fast for [`OVERCHARGE_TICKS`].
    Overcharge,
}

impl PickupKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Med, Self::Shield, Self::Overcharge];

    /// The word in map files and interfaces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Med => "med",
            Self::Shield => "shield",
            Self::Overcharge => "overcharge",
        }
    }

    /// Ticks from its taking to its return: the more it helps, the longer.
    pub const fn return_ticks(self) -> u32 {
        let seconds = match self {
            Self::Med => 12,
            Self::Shield => 20,
            Self::Overcharge => 30,
        };
        seconds * TICK_HZ as u32
    }
}

/// One of a map; whole units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pickup {
    /// What it does.
    pub kind: PickupKind,
    /// From the left edge.
    pub x: u16,
    /// From the upper edge.
    pub y: u16,
}

impl Pickup {
    /// How far somebody is who can reach it, squared grid steps; `None` when it is too far away. Whole numbers, so that no
    /// rounding decides who takes it.
    pub fn reached_from(&self, body: &Body) -> Option<u64> {
        let apart = |at: u16, of: u16| u64::from(at.abs_diff(position_to_grid(of.into())));
        let (x, y) = (apart(body.x, self.x), apart(body.y, self.y));
        let squared = x * x + y * y;
        (squared <= REACH_STEPS * REACH_STEPS).then_some(squared)
    }
}

/// Which pickups of a map are away, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// In the order of the map; what is not mentioned lies there.
    back: Vec<Tick>,
}

impl Shelf {
    /// Somebody took one. A number that no map can have is ignored: it comes from a peer.
    pub fn take(&mut self, pickup: u8, back: Tick) {
        let index = usize::from(pickup);
        if index >= PICKUPS_MAX {
            return;
        }
        if self.back.len() <= index {
            self.back.resize(index + 1, Tick(0));
        }
        self.back[index] = back;
    }

    /// The tick from which on it lies there; in the past when it does already.
    pub fn back(&self, index: usize) -> Tick {
        self.back.get(index).copied().unwrap_or(Tick(0))
    }

    /// All lie there.
    pub fn fill(&mut self) {
        self.back.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pickup_has_its_place_in_the_list_as_number() {
        for (number, kind) in PickupKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
        }
    }

    fn check(x: f32, y: f32, reaches: bool) {
        let pickup = Pickup {
            kind: PickupKind::Med,
            x: 500,
            y: 400,
        };
        let body = Body {
            x: position_to_grid(x),
            y: position_to_grid(y),
            ..Body::default()
        };
        assert_eq!(pickup.reached_from(&body).is_some(), reaches, "{x} {y}");
    }

    #[test]
    fn whoever_touches_it_reaches_it() {
        check(500.0, 400.0, true);
        check(530.0, 400.0, true);
        check(530.1, 400.0, false);
        check(500.0, 370.0, true);
        check(478.0, 379.0, false);
        check(0.0, 0.0, false);
        check(2047.0, 2047.0, false);
    }

    #[test]
    fn what_was_taken_is_away_until_its_tick_and_no_number_is_trusted() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.back(3), Tick(0));
        shelf.take(3, Tick(700));
        shelf.take(255, Tick(900));
        assert_eq!(
            (shelf.back(3), shelf.back(2), shelf.back(255)),
            (Tick(700), Tick(0), Tick(0))
        );
        shelf.fill();
        assert_eq!(shelf, Shelf::default());
    }
}
