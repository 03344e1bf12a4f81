/**
 * One tick of movement: the pure function that the server runs for everybody and this client for its own player.
 * Mirror of `shared/src/arena/movement.rs`.
 *
 * Both must get the same bits: the operations stand in the same order as there, and each is rounded to 32 bits with
 * `Math.fround`. `sqrt` of a 32-bit number rounded once from 64 bits is the 32-bit `sqrt`.
 */

import type { Input } from "../protocol/input.ts";
import type { ArenaMap, Wall } from "../protocol/map.ts";
import type { Body } from "../protocol/state.ts";
import { carries, DASH_SPEED, hasCarried, stepDash, type Dash } from "./dash.ts";
import { unitVector } from "./direction.ts";
import { positionFromGrid, positionToGrid, velocityFromGrid, velocityToGrid } from "./quantize.ts";

const { fround, sqrt } = Math;

/** Radius of a player, units. */
export const RADIUS = 16;

/** Top speed, units a second. */
const SPEED_MAX = 320;

const ACCELERATION_PER_TICK = 40;
const FRICTION_FACTOR = fround(0.8666667);
const SPEED_STOP = 4;
const TICKS_PER_SECOND = 60;
const STICK_FULL = 127;

/** The state within a tick, in units and units a second. */
interface Motion {
  x: number;
  y: number;
  vx: number;
  vy: number;
}

/** Everything that the movement of a player depends on, besides its wish and the map. */
export interface Mover {
  readonly body: Body;
  readonly dash: Dash;
}

/** The state after one tick with this input. */
export function step({ body, dash: before }: Mover, input: Input, map: ArenaMap): Mover {
  const motion: Motion = {
    x: positionFromGrid(body.x),
    y: positionFromGrid(body.y),
    vx: velocityFromGrid(body.vx),
    vy: velocityFromGrid(body.vy),
  };
  const { dash, begins } = stepDash(before, input.dash);
  if (begins) {
    leap(motion, input);
  } else if (hasCarried(dash)) {
    slowToWalk(motion);
  }
  if (!carries(dash)) {
    steer(motion, input);
  }
  motion.x = fround(motion.x + fround(motion.vx / TICKS_PER_SECOND));
  motion.y = fround(motion.y + fround(motion.vy / TICKS_PER_SECOND));
  for (const wall of map.walls) {
    leaveWall(motion, wall);
  }
  stayInside(motion, map);
  return {
    body: {
      x: positionToGrid(motion.x),
      y: positionToGrid(motion.y),
      vx: velocityToGrid(motion.vx),
      vy: velocityToGrid(motion.vy),
    },
    dash,
  };
}

/** A dash begins: all speed goes where the player wants to walk, or looks when it does not. */
function leap(motion: Motion, input: Input): void {
  const wishX = fround(input.moveX / STICK_FULL);
  const wishY = fround(input.moveY / STICK_FULL);
  const wishLength = fround(sqrt(fround(fround(wishX * wishX) + fround(wishY * wishY))));
  const [right, down] =
    wishLength > 0 ? [fround(wishX / wishLength), fround(wishY / wishLength)] : unitVector(input.aim);
  motion.vx = fround(right * DASH_SPEED);
  motion.vy = fround(down * DASH_SPEED);
}

/** What a dash leaves of its speed. */
function slowToWalk(motion: Motion): void {
  const speed = fround(sqrt(fround(fround(motion.vx * motion.vx) + fround(motion.vy * motion.vy))));
  if (speed > SPEED_MAX) {
    motion.vx = fround(fround(motion.vx * SPEED_MAX) / speed);
    motion.vy = fround(fround(motion.vy * SPEED_MAX) / speed);
  }
}

/** Turns the velocity towards the wish, or lets it die down without one. */
function steer(motion: Motion, input: Input): void {
  if (input.moveX === 0 && input.moveY === 0) {
    motion.vx = slowed(motion.vx);
    motion.vy = slowed(motion.vy);
    return;
  }
  let wishX = fround(input.moveX / STICK_FULL);
  let wishY = fround(input.moveY / STICK_FULL);
  const wishLength = fround(sqrt(fround(fround(wishX * wishX) + fround(wishY * wishY))));
  if (wishLength > 1) {
    wishX = fround(wishX / wishLength);
    wishY = fround(wishY / wishLength);
  }
  const changeX = fround(fround(wishX * SPEED_MAX) - motion.vx);
  const changeY = fround(fround(wishY * SPEED_MAX) - motion.vy);
  const change = fround(sqrt(fround(fround(changeX * changeX) + fround(changeY * changeY))));
  if (change > ACCELERATION_PER_TICK) {
    motion.vx = fround(motion.vx + fround(fround(changeX * ACCELERATION_PER_TICK) / change));
    motion.vy = fround(motion.vy + fround(fround(changeY * ACCELERATION_PER_TICK) / change));
  } else {
    motion.vx = fround(motion.vx + changeX);
    motion.vy = fround(motion.vy + changeY);
  }
}

/** Pushes the circle out of a box along the shortest way and takes away the speed into it. */
function leaveWall(motion: Motion, wall: Wall): void {
  const left = wall.x;
  const top = wall.y;
  const right = fround(left + wall.width);
  const bottom = fround(top + wall.height);
  const nearestX = heldBetween(motion.x, left, right);
  const nearestY = heldBetween(motion.y, top, bottom);
  const awayX = fround(motion.x - nearestX);
  const awayY = fround(motion.y - nearestY);
  const distanceSquared = fround(fround(awayX * awayX) + fround(awayY * awayY));
  if (distanceSquared >= RADIUS * RADIUS) {
    return;
  }
  if (distanceSquared > 0) {
    const distance = fround(sqrt(distanceSquared));
    const normalX = fround(awayX / distance);
    const normalY = fround(awayY / distance);
    motion.x = fround(nearestX + fround(normalX * RADIUS));
    motion.y = fround(nearestY + fround(normalY * RADIUS));
    loseSpeedInto(motion, normalX, normalY);
  } else {
    leaveFromInside(motion, left, top, right, bottom);
  }
}

/** The centre lies in the box: out through the nearest side, ties in the order left, right, top, bottom. */
function leaveFromInside(motion: Motion, left: number, top: number, right: number, bottom: number): void {
  const toLeft = fround(motion.x - left);
  const toRight = fround(right - motion.x);
  const toTop = fround(motion.y - top);
  const toBottom = fround(bottom - motion.y);
  if (toLeft <= toRight && toLeft <= toTop && toLeft <= toBottom) {
    motion.x = fround(left - RADIUS);
    loseSpeedInto(motion, -1, 0);
  } else if (toRight <= toTop && toRight <= toBottom) {
    motion.x = fround(right + RADIUS);
    loseSpeedInto(motion, 1, 0);
  } else if (toTop <= toBottom) {
    motion.y = fround(top - RADIUS);
    loseSpeedInto(motion, 0, -1);
  } else {
    motion.y = fround(bottom + RADIUS);
    loseSpeedInto(motion, 0, 1);
  }
}

function loseSpeedInto(motion: Motion, normalX: number, normalY: number): void {
  const into = fround(fround(motion.vx * normalX) + fround(motion.vy * normalY));
  if (into < 0) {
    motion.vx = fround(motion.vx - fround(into * normalX));
    motion.vy = fround(motion.vy - fround(into * normalY));
  }
}

/** The edge of the map is a wall that has no other side. */
function stayInside(motion: Motion, map: ArenaMap): void {
  const farX = fround(map.width - RADIUS);
  if (motion.x < RADIUS) {
    motion.x = RADIUS;
    motion.vx = motion.vx < 0 ? 0 : motion.vx;
  } else if (motion.x > farX) {
    motion.x = farX;
    motion.vx = motion.vx > 0 ? 0 : motion.vx;
  }
  const farY = fround(map.height - RADIUS);
  if (motion.y < RADIUS) {
    motion.y = RADIUS;
    motion.vy = motion.vy < 0 ? 0 : motion.vy;
  } else if (motion.y > farY) {
    motion.y = farY;
    motion.vy = motion.vy > 0 ? 0 : motion.vy;
  }
}

function slowed(velocity: number): number {
  const slower = fround(velocity * FRICTION_FACTOR);
  return slower < SPEED_STOP && slower > -SPEED_STOP ? 0 : slower;
}

function heldBetween(value: number, low: number, high: number): number {
  if (value < low) {
    return low;
  }
  return value > high ? high : value;
}
