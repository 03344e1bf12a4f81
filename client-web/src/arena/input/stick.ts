/** Sticks, of gamepads and of thumbs on glass: how far they are pushed, and where. Pure. */

import type { Point } from "../../tickroom/sim/prediction.ts";

/** A stick in its middle. */
export const MIDDLE: Point = { x: 0, y: 0 };

/** A stick that is let go rests up to here off its middle. */
const DEAD_ZONE = 0.18;

/** Few sticks reach their very edge. */
const FULL = 0.95;

/** The push of a stick without its dead zone: 0 to 1 long, in the same direction, and without a step at the zone's edge. */
export function outOfDeadZone({ x, y }: Point): Point {
  const length = Math.hypot(x, y);
  // A broken pad may tell anything.
  if (!(length > DEAD_ZONE)) {
    return MIDDLE;
  }
  const push = Math.min(1, (length - DEAD_ZONE) / (FULL - DEAD_ZONE));
  return { x: (x / length) * push, y: (y / length) * push };
}

/** How a thumb that went down at `from` and is at `to` now pushes a stick of this radius; all in pixels. */
export function thumbPush(from: Point, to: Point, radius: number): Point {
  const x = (to.x - from.x) / radius;
  const y = (to.y - from.y) / radius;
  const length = Math.max(1, Math.hypot(x, y));
  return { x: x / length, y: y / length };
}

/** Where a stick points, radians; undefined in its middle. */
export function directionOf({ x, y }: Point): number | undefined {
  return x === 0 && y === 0 ? undefined : Math.atan2(y, x);
}

export function lengthOf({ x, y }: Point): number {
  return Math.hypot(x, y);
}
