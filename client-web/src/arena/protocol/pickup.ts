/** What lies on the floor and helps whoever walks over it. Mirror of `shared/src/arena/pickup.rs`. */

/** What it does; the index is the number on the wire. */
export const PICKUP_KINDS = ["med", "shield", "overcharge"] as const;

export type PickupKind = (typeof PICKUP_KINDS)[number];

/** One of a map; whole units. */
export interface Pickup {
  readonly kind: PickupKind;
  readonly x: number;
  readonly y: number;
}

/** So many ticks before it is back it is announced. */
export const ANNOUNCED_TICKS = 300;

/** Armor of who took a shield. */
export const ARMOR_MAX = 50;

/** How long an overcharge lasts. */
export const OVERCHARGE_TICKS = 480;
