/** Where the pointer aims: from the own player on the screen to the pointer. Pure. */

import type { Point } from "../../tickroom/sim/prediction.ts";
import { cameraOn, VIEW_HEIGHT, VIEW_WIDTH } from "../render/camera.ts";
import { TURN_STEPS } from "../sim/direction.ts";

/** The nearest step of the wire to a direction in radians, 0 right, π/2 down. */
export function aimSteps(rad: number): number {
  return Math.round((rad / (2 * Math.PI)) * TURN_STEPS) & (TURN_STEPS - 1);
}

/** The direction of a step of the wire, radians. */
export function aimRad(steps: number): number {
  return (steps / TURN_STEPS) * 2 * Math.PI;
}

/**
 * The direction from the own player to the pointer, steps of the wire. `pointer` is where it is in the picture, 0 to 1 on
 * each axis. Undefined right on the player: there is no direction.
 */
export function aimAt(
  pointer: Point,
  own: Point,
  map: { readonly width: number; readonly height: number },
): number | undefined {
  const middle = cameraOn(own, map);
  const right = (pointer.x - 0.5) * VIEW_WIDTH - (own.x - middle.x);
  const down = (pointer.y - 0.5) * VIEW_HEIGHT - (own.y - middle.y);
  return right === 0 && down === 0 ? undefined : aimSteps(Math.atan2(down, right));
}
