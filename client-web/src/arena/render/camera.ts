/** Which part of the arena is in the picture. Everybody sees the same 960 × 540 units, on any screen. Pure. */

import type { Point } from "../../tickroom/sim/prediction.ts";

/** As in `server/arena/src/picture.rs`, by which the server sends and bots see. */
export const VIEW_WIDTH = 960;
export const VIEW_HEIGHT = 540;

/** How far the picture may reach beyond the edge of the map, units: enough to see that there is an edge. */
const OVERSCAN = 72;

/** The middle of the picture when `target` is followed on a map of this size. */
export function cameraOn(target: Point, map: { readonly width: number; readonly height: number }): Point {
  return {
    x: heldOnAxis(target.x, map.width, VIEW_WIDTH),
    y: heldOnAxis(target.y, map.height, VIEW_HEIGHT),
  };
}

/** Whether something at `place` that reaches this far around is in the picture around `middle`. */
export function isInView(middle: Point, { x, y }: Point, reach: number): boolean {
  return Math.abs(x - middle.x) <= VIEW_WIDTH / 2 + reach && Math.abs(y - middle.y) <= VIEW_HEIGHT / 2 + reach;
}

function heldOnAxis(target: number, extent: number, view: number): number {
  const nearest = view / 2 - OVERSCAN;
  const farthest = extent - nearest;
  return nearest > farthest ? extent / 2 : Math.min(farthest, Math.max(nearest, target));
}
