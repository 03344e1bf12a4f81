//! What happened in the arena that a client shows once. All numbers little-endian; the first byte is the kind.
//!
//! ```text
//! Spawned        1 | entity u16 | x u16 | y u16
//! Fired          2 | key u16 | owner u16 | x u16 | y u16 | vx i16 | vy i16
//! Ended          3 | key u16 | x u16 | y u16 | cause u8 (0 expired, 1 wall, 2 player)
//! Hit            4 | victim u16 | attacker u16 | damage u8 | weapon u8 (0 Pulse, 1 Rail)
//! Killed         5 | victim u16 | killer u16 | weapon u8 | streak u8 (bits 0 to 6), shutdown (bit 7)
//! RailCharging   6 | owner u16
//! RailFired      7 | owner u16 | x u16 | y u16 | x u16 | y u16 | hit u16 (65535 nobody)
//! PickedUp       8 | pickup u8 | by u16 | back u32 tick
//! ```
//!
//! Projectiles are no entities of a snapshot: a client hears of the start, computes the flight with the same step, and
//! hears of the end.

use super::projectile::Flight;
use super::weapon::WeaponId;
use crate::ids::EntityId;
use crate::record::{DecodeError, Reader, Record};
use crate::tick::Tick;

/// A past-tense record. Kind 0 is never used, so that zeroed bytes mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A player appeared.
    Spawned {
        /// Who.
        entity: EntityId,
        /// Steps of 1/32 unit.
        x: u16,
        /// Steps of 1/32 unit.
        y: u16,
    },
    /// A projectile left a weapon.
    Fired {
        /// Names the projectile; reused when the number has gone round, long after its end.
        key: u16,
        /// Whose it is.
        owner: EntityId,
        /// Where it starts, with all its bounces left.
        flight: Flight,
    },
    /// A projectile is gone.
    Ended {
        /// Which.
        key: u16,
        /// Steps of 1/32 unit.
        x: u16,
        /// Steps of 1/32 unit.
        y: u16,
        /// Why.
        cause: EndCause,
    },
    /// Somebody lost health.
    Hit {
        /// Who.
        victim: EntityId,
        /// Through whom.
        attacker: EntityId,
        /// How much.
        damage: u8,
        /// By what.
        weapon: WeaponId,
    },
    /// Somebody died.
    Killed {
        /// Who.
        victim: EntityId,
        /// Through whom.
        killer: EntityId,
        /// By what.
        weapon: WeaponId,
        /// Kills of the killer in its present life, this one included; 0 when it does not count, stays at [`STREAK_MAX`].
        streak: u8,
        /// It ended a run of the victim that was worth more points.
        shutdown: bool,
    },
    /// A Rail was told to charge: its shot leaves `RAIL.charge_ticks` later, in the direction in which the owner looks then. A
    /// line along that direction warns of it meanwhile. The owner may die before.
    RailCharging {
        /// Whose.
        owner: EntityId,
    },
    /// A Rail's shot, there at once.
    RailFired {
        /// Whose.
        owner: EntityId,
        /// Where it starts, steps of 1/32 unit.
        from: (u16, u16),
        /// Where it ends: at a wall, at its range, or in whom it met, where the shooter saw that player.
        to: (u16, u16),
        /// Whom it met, hurt or not; [`EntityId::NONE`] when nobody.
        hit: EntityId,
    },
    /// Somebody took what lay on the floor. It stands until it is back, so that whoever comes later knows.
    PickedUp {
        /// Its place in the list of the map.
        pickup: u8,
        /// Who.
        by: EntityId,
        /// From this tick on it lies there again, unless the round begins anew before.
        back: Tick,
    },
}

/// The longest run of kills that is told.
pub const STREAK_MAX: u8 = 0x7f;

const SHUTDOWN: u8 = 0x80;

/// Why a projectile is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// Its time was up.
    Expired,
    /// It met a wall with no bounce left.
    Wall,
    /// It met a player.
    Player,
}

impl EndCause {
    const ALL: [Self; 3] = [Self::Expired, Self::Wall, Self::Player];
}

const SPAWNED: u8 = 1;
const FIRED: u8 = 2;
const ENDED: u8 = 3;
const HIT: u8 = 4;
const KILLED: u8 = 5;
const RAIL_CHARGING: u8 = 6;
const RAIL_FIRED: u8 = 7;
const PICKED_UP: u8 = 8;

impl Record for Event {
    fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Spawned { entity, x, y } => put(out, SPAWNED, &[entity.0, x, y]),
            Self::Fired { key, owner, flight } => {
                put(
                    out,
                    FIRED,
                    &[
                        key,
                        owner.0,
                        flight.x,
                        flight.y,
                        flight.vx as u16,
                        flight.vy as u16,
                    ],
                );
            }
            Self::Ended { key, x, y, cause } => {
                put(out, ENDED, &[key, x, y]);
                out.push(cause as u8);
            }
            Self::Hit {
                victim,
                attacker,
                damage,
                weapon,
            } => {
                put(out, HIT, &[victim.0, attacker.0]);
                out.extend_from_slice(&[damage, weapon as u8]);
            }
            Self::Killed {
                victim,
                killer,
                weapon,
                streak,
                shutdown,
            } => {
                put(out, KILLED, &[victim.0, killer.0]);
                let shutdown = if shutdown { SHUTDOWN } else { 0 };
                out.extend_from_slice(&[weapon as u8, streak.min(STREAK_MAX) | shutdown]);
            }
            Self::RailCharging { owner } => put(out, RAIL_CHARGING, &[owner.0]),
            Self::RailFired { owner, from, to, hit } => {
                put(out, RAIL_FIRED, &[owner.0, from.0, from.1, to.0, to.1, hit.0])
            }
            Self::PickedUp { pickup, by, back } => {
                out.extend_from_slice(&[PICKED_UP, pickup]);
                out.extend_from_slice(&by.0.to_le_bytes());
                out.extend_from_slice(&back.0.to_le_bytes());
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            SPAWNED => Ok(Self::Spawned {
                entity: EntityId(reader.u16()?),
                x: reader.u16()?,
                y: reader.u16()?,
            }),
            FIRED => {
                let (key, owner) = (reader.u16()?, EntityId(reader.u16()?));
                let (x, y) = (reader.u16()?, reader.u16()?);
                Ok(Self::Fired {
                    key,
                    owner,
                    flight: Flight::new(x, y, reader.i16()?, reader.i16()?),
                })
            }
            ENDED => {
                let (key, x, y, number) = (reader.u16()?, reader.u16()?, reader.u16()?, reader.u8()?);
                let cause = *EndCause::ALL
                    .get(usize::from(number))
                    .ok_or(DecodeError::Unknown {
                        what: "end cause",
                        found: number.into(),
                    })?;
                Ok(Self::Ended { key, x, y, cause })
            }
            HIT => {
                let (victim, attacker) = (EntityId(reader.u16()?), EntityId(reader.u16()?));
                Ok(Self::Hit {
                    victim,
                    attacker,
                    damage: reader.u8()?,
                    weapon: WeaponId::decode(reader)?,
                })
            }
            KILLED => {
                let (victim, killer) = (EntityId(reader.u16()?), EntityId(reader.u16()?));
                let (weapon, run) = (WeaponId::decode(reader)?, reader.u8()?);
                Ok(Self::Killed {
                    victim,
                    killer,
                    weapon,
                    streak: run & !SHUTDOWN,
                    shutdown: run & SHUTDOWN != 0,
                })
            }
            RAIL_CHARGING => Ok(Self::RailCharging {
                owner: EntityId(reader.u16()?),
            }),
            RAIL_FIRED => Ok(Self::RailFired {
                owner: EntityId(reader.u16()?),
                from: (reader.u16()?, reader.u16()?),
                to: (reader.u16()?, reader.u16()?),
                hit: EntityId(reader.u16()?),
            }),
            PICKED_UP => Ok(Self::PickedUp {
                pickup: reader.u8()?,
                by: EntityId(reader.u16()?),
                back: Tick(reader.u32()?),
            }),
            kind => Err(DecodeError::Unknown {
                what: "event kind",
                found: kind.into(),
            }),
        }
    }
}

fn put(out: &mut Vec<u8>, kind: u8, numbers: &[u16]) {
    out.push(kind);
    for number in numbers {
        out.extend_from_slice(&number.to_le_bytes());
    }
}
