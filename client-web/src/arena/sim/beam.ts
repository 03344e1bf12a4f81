/**
 * Where a beam ends that leaves a player at once. Mirror of `shared/src/arena/beam.rs`, with the arithmetic of
 * `movement.ts`.
 */

import type { ArenaMap } from "../protocol/map.ts";
import { unitVector } from "./direction.ts";
import { positionFromGrid, positionToGrid } from "./quantize.ts";

const { fround } = Math;

/** A point on the grid of positions. */
export interface GridPoint {
  readonly x: number;
  readonly y: number;
}

/**
 * The point where a beam from `from` in the direction `aim` meets a wall or the edge of the map, or `range` units away.
 */
export function beamEnd(map: ArenaMap, from: GridPoint, aim: number, range: number): GridPoint {
  const x = positionFromGrid(from.x);
  const y = positionFromGrid(from.y);
  const [right, down] = unitVector(aim);
  const wayX = fround(right * range);
  const wayY = fround(down * range);
  let part = partInside(x, wayX, map.width, 1);
  part = partInside(y, wayY, map.height, part);
  for (const wall of map.walls) {
    const onX = partWithin(x, wayX, wall.x, fround(wall.x + wall.width));
    const onY = partWithin(y, wayY, wall.y, fround(wall.y + wall.height));
    const enters = onX[0] > onY[0] ? onX[0] : onY[0];
    const leaves = onX[1] < onY[1] ? onX[1] : onY[1];
    if (enters >= 0 && enters <= leaves && enters < part) {
      part = enters;
    }
  }
  return {
    x: positionToGrid(fround(x + fround(wayX * part))),
    y: positionToGrid(fround(y + fround(wayY * part))),
  };
}

/** The part of a way on one axis that lies before the far edge of the map or the near one, at most `part`. */
function partInside(from: number, way: number, extent: number, part: number): number {
  let toEdge = part;
  if (way > 0) {
    toEdge = fround(fround(extent - from) / way);
  } else if (way < 0) {
    toEdge = fround(fround(0 - from) / way);
  }
  return toEdge < part ? toEdge : part;
}

/**
 * Where a way on one axis enters a span and where it leaves it, as parts of the way; never when it does not move and is
 * outside, always when it does not move and is inside.
 */
function partWithin(from: number, way: number, low: number, high: number): readonly [number, number] {
  if (way > 0) {
    return [fround(fround(low - from) / way), fround(fround(high - from) / way)];
  }
  if (way < 0) {
    return [fround(fround(high - from) / way), fround(fround(low - from) / way)];
  }
  return from >= low && from <= high ? [-1, 2] : [2, -1];
}
