/** Where a hit on the own player came from: an arc around it on that side, for a moment. */

import { Container, Graphics } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import { SUFFERED } from "./palette.ts";
import { Pool } from "./pool.ts";

const LIFE_MS = 900;
const RADIUS_UNITS = 54;
const THICKNESS_UNITS = 9;
const HALF_RAD = 0.55;
/** Corners on either half of its edge. */
const STEPS = 8;

/** As many as can be told apart. */
const ARCS_MAX = 6;

export class DamageArcs {
  readonly root = new Container();
  private readonly pool = new Pool<Graphics, undefined>(this.root, ARCS_MAX, drawArc);

  /** The attacker is in this direction, radians. */
  add(rad: number, nowMs: number): void {
    this.pool.take(undefined, nowMs).rotation = rad;
  }

  /** Keeps the arcs around the own player. */
  update(own: Point | undefined, nowMs: number): void {
    this.root.visible = own !== undefined;
    if (own !== undefined) {
      this.root.position.set(own.x, own.y);
    }
    this.pool.update(nowMs, (arc, _, ageMs) => {
      const age = Math.min(1, ageMs / LIFE_MS);
      arc.alpha = 1 - age ** 2;
      arc.scale.set(1 + 0.25 * Math.max(0, 1 - age * 8));
      return age < 1;
    });
  }

  clear(): void {
    this.pool.clear();
  }
}

/** A sickle around the own player: thick in its middle, pointed at its ends. */
function drawArc(): Graphics {
  const angles = Array.from({ length: 2 * STEPS + 1 }, (_, index) => ((index - STEPS) / STEPS) * HALF_RAD);
  const edge = (reach: (rad: number) => number): number[][] =>
    angles.map((rad) => [Math.cos(rad) * reach(rad), Math.sin(rad) * reach(rad)]);
  const thickness = (rad: number): number => THICKNESS_UNITS * Math.cos((rad / HALF_RAD) * (Math.PI / 2));
  const outer = edge((rad) => RADIUS_UNITS + thickness(rad));
  return new Graphics().poly([...outer, ...edge(() => RADIUS_UNITS).reverse()].flat()).fill(SUFFERED);
}
