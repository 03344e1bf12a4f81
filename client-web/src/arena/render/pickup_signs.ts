/**
 * The sign of each kind of what lies on the floor: a cross, a shield, a bolt. The picture and the minimap take it from here: colour
 * alone tells nothing. Pure.
 */

import type { PickupKind } from "../protocol/pickup.ts";

/** Corners, x and y in turn, units from its middle; within 11 units of it. */
export const PICKUP_SIGNS: Readonly<Record<PickupKind, readonly number[]>> = {
  med: [-3, -9, 3, -9, 3, -3, 9, -3, 9, 3, 3, 3, 3, 9, -3, 9, -3, 3, -9, 3, -9, -3, -3, -3],
  shield: [0, -9, 7, -6, 6, 2, 0, 9, -6, 2, -7, -6],
  overcharge: [2, -11, -6, 2, -1, 2, -2, 11, 6, -2, 1, -2],
};
