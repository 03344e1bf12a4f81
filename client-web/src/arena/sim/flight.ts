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
  const edges = edgesOf(map);
  for (let at = 0; at < edges.length; at += EDGES) {
    if (x >= edges[at]! && x <= edges[at + 1]! && y >= edges[at + 2]! && y <= edges[at + 3]!) {
      return true;
    }
  }
  return false;
}

/** Of a wall: left, right, top, bottom. */
const EDGES = 4;

/** Asked hundreds of times in each frame that has many shots, so each map has its edges side by side. */
const edgesByMap = new WeakMap<ArenaMap, Float32Array>();

function edgesOf(map: ArenaMap): Float32Array {
  let edges = edgesByMap.get(map);
  if (edges === undefined) {
    // Single floats, as Rust adds them.
    edges = Float32Array.from(map.walls.flatMap(({ x, y, width, height }) => [x, x + width, y, y + height]));
    edgesByMap.set(map, edges);
  }
  return edges;
}
