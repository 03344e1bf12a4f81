/** The picture trembles when the own player is hit. Pure. */

import type { Point } from "../../tickroom/sim/prediction.ts";

/** More would make it hard to aim. */
const UNITS_MAX = 4;

const HALF_LIFE_MS = 70;

/** Of the trembling on each axis; without a common period, so that it does not look like a circle. */
const PERIODS_MS = { x: 47, y: 61 };

export class Shake {
  private strength = 0;
  private sinceMs = 0;

  add(units: number, nowMs: number): void {
    this.strength = Math.min(UNITS_MAX, this.left(nowMs) + units);
    this.sinceMs = nowMs;
  }

  /** How far the picture is off its place, units. */
  offset(nowMs: number): Point {
    const left = this.left(nowMs);
    if (left < 0.05) {
      return { x: 0, y: 0 };
    }
    return {
      x: left * Math.sin((nowMs / PERIODS_MS.x) * 2 * Math.PI),
      y: left * Math.sin((nowMs / PERIODS_MS.y) * 2 * Math.PI),
    };
  }

  private left(nowMs: number): number {
    return this.strength * 0.5 ** (Math.max(0, nowMs - this.sinceMs) / HALF_LIFE_MS);
  }
}
