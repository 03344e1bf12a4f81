/**
 * One tick of a projectile's flight: the pure function that the server judges by and this client shows. Mirror of
 * `shared/src/arena/projectile.rs`, with the rules of arithmetic of `movement.ts`.
 *
 * A projectile is a point. It moves along each axis in turn: what it meets turns the velocity on that axis around, and
 * the point stays where it was on that axis for this tick.
 */

import type { ArenaMap } from "../protocol/map.ts";
import type { Body } from "../protocol/state.ts";
import { PULSE } from "../protocol/weapon.ts";
import { unitVector } from "./direction.ts";
import { RADIUS } from "./movement.ts";
import { positionFromGrid, positionToGrid, velocityFromGrid, velocityToGrid } from "./quantize.ts";

const { fround } = Math;

const TICKS_PER_SECOND = 60;
const I16_MIN = -0x8000;
const I16_MAX = 0x7fff;

/** A projectile in flight, on the grid of `quantize.ts`. */
export interface Flight {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
  /** Walls it may still bounce off. */
  readonly bouncesLeft: number;
}

/** A flight with all its bounces left. */
export function newFlight(x: number, y: number, vx: number, vy: number): Flight {
  return { x, y, vx, vy, bouncesLeft: PULSE.bounces };
}

/** A shot of `shooter` in the direction `aim`, from the edge of the body. */
export function firedBy(shooter: Body, aim: number): Flight {
  const [right, down] = unitVector(aim);
  return newFlight(
    positionToGrid(fround(positionFromGrid(shooter.x) + fround(right * RADIUS))),
    positionToGrid(fround(positionFromGrid(shooter.y) + fround(down * RADIUS))),
    velocityToGrid(fround(right * PULSE.speed)),
    velocityToGrid(fround(down * PULSE.speed)),
  );
}

/** One tick later; undefined when it met a wall with no bounce left. */
export function stepFlight(flight: Flight, map: ArenaMap): Flight | undefined {
  let { x, y, vx, vy, bouncesLeft } = flight;
  const nextX = moved(positionFromGrid(x), vx);
  if (isSolid(map, nextX, positionFromGrid(y))) {
    if (bouncesLeft === 0) {
      return undefined;
    }
    bouncesLeft -= 1;
    vx = turned(vx);
  } else {
    x = positionToGrid(nextX);
  }
  const nextY = moved(positionFromGrid(y), vy);
  if (isSolid(map, positionFromGrid(x), nextY)) {
    if (bouncesLeft === 0) {
      return undefined;
    }
    bouncesLeft -= 1;
    vy = turned(vy);
  } else {
    y = positionToGrid(nextY);
  }
  return { x, y, vx, vy, bouncesLeft };
}

function moved(position: number, velocity: number): number {
  return fround(position + fround(velocityFromGrid(velocity) / TICKS_PER_SECOND));
}

/** The other way round, held at the end of `i16`. Never a negative zero. */
function turned(velocity: number): number {
  return velocity === I16_MIN ? I16_MAX : 0 - velocity;
}

/** True in a wall and outside the map. */
function isSolid(map: ArenaMap, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x > map.width || y > map.height) {
    return true;
  }
  return map.walls.some(
    (wall) => x >= wall.x && x <= fround(wall.x + wall.width) && y >= wall.y && y <= fround(wall.y + wall.height),
  );
}
