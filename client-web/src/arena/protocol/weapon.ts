/** The weapons, one row each. Mirror of `shared/src/arena/weapon.rs`. */

/** What a weapon does. */
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
