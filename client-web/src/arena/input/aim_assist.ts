/**
 * Help for whoever aims with a stick: a direction that passes close by somebody is drawn to them. Pure.
 *
 * ```text
 * off the target as aimed   0° … 3°   3° … 6°              more
 * off the target as helped  0°        rises from 0° to 6°  as aimed
 * ```
 *
 * There is no jump anywhere, so a slow turn of the stick is a turn of the aim.
 */

import type { Point } from "../../tickroom/sim/prediction.ts";

/** The help reaches as far as this, radians. */
export const ASSIST_RAD = (6 * Math.PI) / 180;

/** Who is farther away does not draw the aim: about as far as the picture reaches. */
const RANGE_UNITS = 560;

/** The helped direction, radians. `targets` are those the player can see. */
export function assisted(aimRad: number, own: Point, targets: Iterable<Point>): number {
  let nearest: number | undefined;
  for (const { x, y } of targets) {
    const distance = Math.hypot(x - own.x, y - own.y);
    const off = turnTo(aimRad, Math.atan2(y - own.y, x - own.x));
    const isNear = distance > 0 && distance <= RANGE_UNITS && Math.abs(off) < ASSIST_RAD;
    if (isNear && Math.abs(off) < Math.abs(nearest ?? Infinity)) {
      nearest = off;
    }
  }
  if (nearest === undefined) {
    return aimRad;
  }
  const left = Math.max(0, 2 * Math.abs(nearest) - ASSIST_RAD);
  return aimRad + nearest - Math.sign(nearest) * left;
}

/** The turn from one direction to another, −π to π. */
function turnTo(from: number, to: number): number {
  return Math.atan2(Math.sin(to - from), Math.cos(to - from));
}
