/** A ring of light that opens where a player appears, and wider where one ends. */

import { Container, type Sprite } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import { glow, ring } from "./glow.ts";
import { GOES_OUT, Pool } from "./pool.ts";

const LIFE_MS = 700;
const RADIUS_START = 10;
const RADIUS_END = 72;

/** Rings at once; when there are more, the oldest ends early. */
const RINGS_MAX = 32;

/** Of the light within a ring of size 1. */
export const RING_LIGHT_UNITS = RADIUS_END * 1.3;
const LIGHT_ALPHA = 0.7;

class Ring extends Container {
  readonly line: Container = new Container();
  readonly light: Sprite = glow(0xffffff, RING_LIGHT_UNITS, LIGHT_ALPHA);

  constructor() {
    super();
    this.line.addChild(ring(0xffffff, RADIUS_END));
    this.addChild(this.light, this.line);
  }
}

export class Rings {
  readonly root = new Container();
  private readonly pool = new Pool<Ring, number>(this.root, RINGS_MAX, () => new Ring(), { ...GOES_OUT, atOnce: 2 });

  /** `size` 1 is the ring of a spawn; `lit`: with a light within it. */
  add({ x, y }: Point, color: number, size: number, lit: boolean, nowMs: number): void {
    const ring = this.pool.take(size, nowMs);
    ring.position.set(x, y);
    ring.line.tint = color;
    ring.light.tint = color;
    ring.light.alpha = lit ? LIGHT_ALPHA : 0;
  }

  update(nowMs: number): void {
    this.pool.update(nowMs, (ring, size, ageMs) => {
      const age = Math.min(1, ageMs / LIFE_MS);
      const opened = 1 - (1 - age) ** 3;
      ring.scale.set(size);
      ring.line.scale.set((RADIUS_START + (RADIUS_END - RADIUS_START) * opened) / RADIUS_END);
      ring.alpha = (1 - age) ** 1.5;
      return age < 1;
    });
  }

  clear(): void {
    this.pool.clear();
  }
}
