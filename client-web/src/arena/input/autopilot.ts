/**
 * A device that plays by itself, for `?bot=1`: walks about, keeps its distance from whoever it sees, and shoots. It knows what
 * a person at this page knows, and its wishes go the same way. Pure: time is counted in wishes, one a tick, and the random
 * numbers are given.
 */

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { Device, Sight } from "./controls.ts";
import type { DeviceWish } from "./device.ts";

/** How long it walks one way, ticks, and how much longer at most. */
const WALK_TICKS = 20;
const WALK_TICKS_MORE = 60;

/** Less than this a tick is standing at a wall, units. */
const STUCK_UNITS = 0.5;
const STUCK_TICKS = 8;

/** Nearer than this it backs off, farther than that it comes closer, units. */
const NEAR = 140;
const FAR = 320;

/** Ticks from one rail or dash to the next: longer than their cooldowns, so that none is in vain. */
const RAIL_TICKS = 120;
const DASH_TICKS = 200;

const RESTS: DeviceWish = { move: { x: 0, y: 0 }, aimRad: undefined, fire: false, rail: false, dash: false };

export class Autopilot implements Device {
  readonly wantsScores = false;
  private ticks = 0;
  private walkRad = 0;
  private walkUntil = 0;
  private last: Point | undefined;
  private stuckTicks = 0;

  /** `random` gives numbers in 0..1. */
  constructor(private readonly random: () => number) {}

  take(sight?: Sight): DeviceWish {
    const own = sight?.own;
    if (sight === undefined || own === undefined) {
      this.last = undefined;
      return RESTS;
    }
    this.ticks += 1;
    this.feel(own);
    const target = nearest(own, sight.targets());
    if (this.ticks >= this.walkUntil) {
      this.turn(own, target);
    }
    return {
      move: { x: Math.cos(this.walkRad), y: Math.sin(this.walkRad) },
      aimRad: target === undefined ? this.walkRad : Math.atan2(target.y - own.y, target.x - own.x),
      fire: target !== undefined,
      rail: target !== undefined && this.ticks % RAIL_TICKS === 0,
      dash: this.ticks % DASH_TICKS === 0,
    };
  }

  /** Notices that a wall is in the way. */
  private feel(own: Point): void {
    const moved = this.last === undefined ? Infinity : Math.hypot(own.x - this.last.x, own.y - this.last.y);
    this.last = { x: own.x, y: own.y };
    this.stuckTicks = moved < STUCK_UNITS ? this.stuckTicks + 1 : 0;
    if (this.stuckTicks >= STUCK_TICKS) {
      this.stuckTicks = 0;
      this.walk(this.walkRad + Math.PI * (0.5 + this.random()));
    }
  }

  /** Towards the target, away from it or around it; without one anywhere. */
  private turn(own: Point, target: Point | undefined): void {
    if (target === undefined) {
      this.walk(this.walkRad + (this.random() - 0.5) * Math.PI);
      return;
    }
    const towards = Math.atan2(target.y - own.y, target.x - own.x);
    const distance = Math.hypot(target.x - own.x, target.y - own.y);
    const aside = (this.random() < 0.5 ? -1 : 1) * (Math.PI / 2);
    if (distance > FAR) {
      this.walk(towards + aside / 3);
    } else {
      this.walk(towards + (distance < NEAR ? Math.PI : aside));
    }
  }

  private walk(rad: number): void {
    this.walkRad = Math.atan2(Math.sin(rad), Math.cos(rad));
    this.walkUntil = this.ticks + WALK_TICKS + Math.floor(this.random() * WALK_TICKS_MORE);
  }
}

function nearest(own: Point, targets: Iterable<Point>): Point | undefined {
  let best: Point | undefined;
  let bestDistance = Infinity;
  for (const target of targets) {
    const distance = Math.hypot(target.x - own.x, target.y - own.y);
    if (distance < bestDistance) {
      best = target;
      bestDistance = distance;
    }
  }
  return best;
}
