/** Short-lived points of light: from walls, from hits, from muzzles, and all of a player who is gone. */

import { Container, type Sprite } from "pixi.js";

import { glow } from "./glow.ts";
import { GOES_OUT, Pool } from "./pool.ts";

const SPARKS_MAX = 240;

/** Share of the speed that is left after a second. */
const DRAG_LEFT_PER_S = 0.02;

interface Spark {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
  readonly lifeMs: number;
  readonly radius: number;
}

/** How many, how fast (units a second), how long and how large; `rad` and `spread` are the directions. */
export interface Burst {
  readonly count: number;
  readonly speed: number;
  readonly lifeMs: number;
  readonly radius: number;
  readonly rad: number;
  readonly spread: number;
}

export const ALL_AROUND = 2 * Math.PI;

export class Sparks {
  readonly root = new Container();
  private readonly pool = new Pool<Sprite, Spark>(this.root, SPARKS_MAX, () => glow(0xffffff, 4, 1), GOES_OUT);

  add(x: number, y: number, color: number, burst: Burst, nowMs: number): void {
    for (let index = 0; index < burst.count; index += 1) {
      const rad = burst.rad + (Math.random() - 0.5) * burst.spread;
      const speed = burst.speed * (0.25 + 0.75 * Math.random());
      const spark = {
        x,
        y,
        vx: Math.cos(rad) * speed,
        vy: Math.sin(rad) * speed,
        lifeMs: burst.lifeMs * (0.5 + 0.5 * Math.random()),
        radius: burst.radius * (0.6 + 0.6 * Math.random()),
      };
      this.pool.take(spark, nowMs).tint = index % 3 === 0 ? 0xffffff : color;
    }
  }

  /** A light that stays where it is and goes out. */
  flash(x: number, y: number, color: number, radius: number, lifeMs: number, nowMs: number): void {
    this.pool.take({ x, y, vx: 0, vy: 0, lifeMs, radius }, nowMs).tint = color;
  }

  update(nowMs: number): void {
    this.pool.update(nowMs, (sprite, spark, ageMs) => {
      const left = 1 - ageMs / spark.lifeMs;
      if (left <= 0) {
        return false;
      }
      // The way of something that slows down by the same share in each moment.
      const seconds = (1 - DRAG_LEFT_PER_S ** (ageMs / 1000)) / -Math.log(DRAG_LEFT_PER_S);
      sprite.position.set(spark.x + spark.vx * seconds, spark.y + spark.vy * seconds);
      sprite.alpha = Math.min(1, left * 1.6);
      sprite.setSize(spark.radius * 2 * (0.35 + 0.65 * left));
      return true;
    });
  }

  clear(): void {
    this.pool.clear();
  }
}
