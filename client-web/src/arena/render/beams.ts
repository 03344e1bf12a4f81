/**
 * The rail: a thin line grows brighter along the way while it charges, then a beam stands for a moment and goes out. Both begin at
 * the muzzle.
 */

import { Container } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import { RADIUS } from "../sim/movement.ts";
import { Ray } from "./glow.ts";
import { GOES_OUT, goOut, Pool } from "./pool.ts";

const BEAMS_MAX = 16;
const CHARGES_MAX = 32;
const LIFE_MS = 320;

/** From the middle of a player to the end of its weapon. */
const MUZZLE_UNITS = RADIUS + 7;

const LIGHT_WIDTH = 26;
const CORE_WIDTH = 9;
const CHARGE_WIDTH = 7;
/** A warning is seen from its first moment on: there are 150 ms to heed it. */
const CHARGE_ALPHA_MIN = 0.3;
const CHARGE_ALPHA_MAX = 0.85;
const BRIGHT_ALPHA_MIN = 0.7;

class Beam extends Container {
  private readonly light = new Ray();
  private readonly core = new Ray();

  constructor() {
    super();
    this.addChild(this.light, this.core);
  }

  draw(from: Point, to: Point, color: number): void {
    this.light.stretch(from, to, LIGHT_WIDTH);
    this.core.stretch(from, to, CORE_WIDTH);
    this.light.tint = color;
    this.light.alpha = 0.8;
  }

  age(share: number): void {
    this.alpha = 1 - share;
    this.light.widen(LIGHT_WIDTH * (1 + share));
    this.core.widen(CORE_WIDTH * (1 - share));
  }
}

/** One that charges, as it is drawn. */
export interface Charge {
  readonly from: Point;
  readonly to: Point;
  readonly color: number;
  /** How far it has got, 0 to 1. */
  readonly share: number;
}

export class Beams {
  readonly root = new Container();
  private readonly beams = new Pool<Beam, undefined>(this.root, BEAMS_MAX, () => new Beam(), { ...GOES_OUT, atOnce: 2 });
  private readonly charges: Ray[] = [];

  /** A beam that has just left. */
  add(from: Point, to: Point, color: number, nowMs: number): void {
    this.beams.take(undefined, nowMs).draw(muzzle(from, to), to, color);
  }

  /** Draws these charges and no others, and lets the beams grow old; `bright`: a charge is bright from its first moment on. */
  update(charges: Iterable<Charge>, bright: boolean, nowMs: number): void {
    const alphaMin = bright ? BRIGHT_ALPHA_MIN : CHARGE_ALPHA_MIN;
    let count = 0;
    for (const { from, to, color, share } of charges) {
      if (count < CHARGES_MAX) {
        const line = (this.charges[count] ??= this.root.addChild(new Ray()));
        line.scale.set(1);
        line.stretch(muzzle(from, to), to, CHARGE_WIDTH);
        line.tint = color;
        line.alpha = alphaMin + (CHARGE_ALPHA_MAX - alphaMin) * share;
        count += 1;
      }
    }
    for (const unused of this.charges.slice(count)) {
      goOut(unused);
    }
    this.beams.update(nowMs, (beam, _, ageMs) => {
      beam.age(Math.min(1, ageMs / LIFE_MS));
      return ageMs < LIFE_MS;
    });
  }

  clear(): void {
    this.beams.clear();
  }
}

/** Where a beam leaves the weapon of who stands at its beginning; one that ends before that has no length. */
function muzzle(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length > MUZZLE_UNITS ? MUZZLE_UNITS / length : 1;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
