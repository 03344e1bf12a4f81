/** How a place in the arena sounds to the own player. Pure. */

import type { Point } from "../../tickroom/sim/prediction.ts";

/** Half the width of the picture: what is at its edge is heard on one side. */
const SIDE_UNITS = 480;

/** Fully on one side is unpleasant in headphones. */
const PAN_MAX = 0.8;

/** Half as loud at this distance. */
const HALF_UNITS = 380;

/** Where in the stereo picture, −1 left to 1 right, and how loud, 0 to 1. */
export interface Placed {
  readonly pan: number;
  readonly gain: number;
}

export const EVERYWHERE: Placed = { pan: 0, gain: 1 };

/** Without a place, or without a player who listens, it is everywhere. */
export function placedAt(place: Point | undefined, listener: Point | undefined): Placed {
  if (place === undefined || listener === undefined) {
    return EVERYWHERE;
  }
  const right = place.x - listener.x;
  const distance = Math.hypot(right, place.y - listener.y);
  const pan = Math.max(-1, Math.min(1, right / SIDE_UNITS)) * PAN_MAX;
  return { pan, gain: 1 / (1 + (distance / HALF_UNITS) ** 2) };
}

/** A direction in words, for captions; undefined right where the player is. */
export function sideOf(place: Point | undefined, listener: Point | undefined): string | undefined {
  if (place === undefined || listener === undefined) {
    return undefined;
  }
  const [right, down] = [place.x - listener.x, place.y - listener.y];
  if (Math.hypot(right, down) < 40) {
    return undefined;
  }
  if (Math.abs(right) > Math.abs(down)) {
    return right > 0 ? "right" : "left";
  }
  return down > 0 ? "below" : "above";
}
