/** The weapons, one row each. Mirror of `shared/src/arena/weapon.rs`. */

/** Names a weapon; its number on the wire is its place. */
export const WEAPONS = ["pulse", "rail"] as const;

export type WeaponId = (typeof WEAPONS)[number];

/** What a weapon does whose shots fly. */
export interface Weapon {
  /** Shown in the kill feed. */
  readonly name: string;
  /** Units a second. */
  readonly speed: number;
  /** Health a hit takes. */
  readonly damage: number;
  /** Ticks from one shot to the next. */
  readonly cooldownTicks: number;
  /** Ticks a projectile lives. */
  readonly lifeTicks: number;
  /** Walls it may bounce off. */
  readonly bounces: number;
}

/** Fast bolts that bounce once. */
export const PULSE: Weapon = {
  name: "Pulse",
  speed: 900,
  damage: 14,
  cooldownTicks: 7,
  lifeTicks: 72,
  bounces: 1,
};

/** What a weapon does whose shots are there at once. */
export interface BeamWeapon {
  /** Shown in the kill feed. */
  readonly name: string;
  /** Units, unless a wall is nearer. */
  readonly range: number;
  /** Health a hit takes. */
  readonly damage: number;
  /** Ticks from one press that counts to the next. */
  readonly cooldownTicks: number;
  /** Ticks from that press to the shot; a line shows it to everybody meanwhile. */
  readonly chargeTicks: number;
}

/** Hits at once, far away and hard, what its shooter saw there. */
export const RAIL: BeamWeapon = {
  name: "Rail",
  range: 900,
  damage: 55,
  cooldownTicks: 66,
  chargeTicks: 9,
};

/** The name of a weapon, as it is shown. */
export function weaponName(weapon: WeaponId): string {
  return weapon === "pulse" ? PULSE.name : RAIL.name;
}
