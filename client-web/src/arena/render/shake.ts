/** The picture trembles when the own player is hit. Pure. */

import type { Point } from "../../tickroom/sim/prediction.ts";

/** On either axis. More would make it hard to aim. */
export const UNITS_MAX = 4;

/**
 * A Pulse (14) shakes by 2.2 units, a Rail (55) and an end by as much as there is. Were each Pulse to shake by 4, then eight of
 * them in a second would hold the picture at the bound, and neither a Rail nor a second attacker could be felt.
 */
const UNITS_PER_DAMAGE = 0.16;

const HALF_LIFE_MS = 70;

/** Of the trembling on each axis; without a common period, so that it does not look like a circle. */
const PERIODS_MS = { x: 47, y: 61 };

export class Shake {
  private strength = 0;
  private sinceMs = 0;

  /** The own player was hit, and this was taken from it. */
  hit(damage: number, nowMs: number): void {
    this.add(damage * UNITS_PER_DAMAGE, nowMs);
  }

  /** The own player has met its end. */
  end(nowMs: number): void {
    this.add(UNITS_MAX, nowMs);
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

  private add(units: number, nowMs: number): void {
    this.strength = Math.min(UNITS_MAX, this.left(nowMs) + units);
    this.sinceMs = nowMs;
  }

  private left(nowMs: number): number {
    return this.strength * 0.5 ** (Math.max(0, nowMs - this.sinceMs) / HALF_LIFE_MS);
  }
}
