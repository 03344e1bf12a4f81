/** Projectiles: a bright head with a light around it, and a tail that follows the way, also around a bounce. */

import { Container, type Sprite } from "pixi.js";

import type { DrawnProjectile } from "../sim/fight.ts";
import type { Place, Projectile } from "../sim/projectiles.ts";
import { positionFromGrid } from "../sim/quantize.ts";
import { cutStreak, glow, streak } from "./glow.ts";
import { goOut } from "./pool.ts";

/** Units of its parts. */
interface Size {
  readonly tail: number;
  readonly core: number;
  readonly light: number;
  readonly lightAlpha: number;
}

const USUAL: Size = { tail: 10, core: 6.5, light: 20, lightAlpha: 0.7 };

/** Of high contrast, also on a slow machine: whose it is is told by its light. */
const BRIGHT: Size = { tail: 17, core: 11, light: 24, lightAlpha: 1 };

const MADE_AT_ONCE = 8;

/** A way this much longer than the straight line between its ends has a corner. */
const BENT = 1.002;

/** What is not needed goes out and is not hidden: the drawing library would gather anew what there is to draw. */
class Bolt extends Container {
  private readonly light = glow(0xffffff, USUAL.light, USUAL.lightAlpha);
  private readonly core = glow(0xffffff, USUAL.core, 1);
  /** The tail as far as a corner, and beyond it. Nearly all fly straight, and none bounces twice. */
  private readonly near = streak();
  private readonly far = streak();
  private isOut = false;

  constructor() {
    super();
    this.addChild(this.light, this.far, this.near, this.core);
  }

  /** Nothing of it is seen until it is drawn again. */
  goOut(): void {
    if (!this.isOut) {
      this.isOut = true;
      [this.light, this.core, this.near, this.far].forEach(goOut);
    }
  }

  draw(places: readonly Place[], share: number, color: number, size: Size, lit: boolean): void {
    const head = places[0] ?? { x: 0, y: 0 };
    const end = places.at(-1) ?? head;
    this.isOut = false;
    this.alpha = share;
    this.core.alpha = 1;
    this.core.setSize(size.core * 2);
    this.core.position.set(head.x, head.y);
    this.light.alpha = lit ? size.lightAlpha : 0;
    this.light.setSize(size.light * 2);
    this.light.tint = color;
    this.light.position.set(head.x, head.y);
    const corner = cornerOf(places);
    const at = places[corner];
    const cut = cutStreak(at === undefined ? 1 : corner / (places.length - 1));
    this.near.texture = cut.near;
    stretch(this.near, head, at ?? end, color, size.tail);
    if (at === undefined) {
      goOut(this.far);
    } else {
      this.far.texture = cut.far;
      stretch(this.far, at, end, color, size.tail);
    }
  }
}

function stretch(part: Sprite, from: Place, to: Place, color: number, width: number): void {
  part.alpha = 1;
  part.position.set(from.x, from.y);
  part.rotation = Math.atan2(to.y - from.y, to.x - from.x);
  part.setSize(Math.max(0.5, distance(from, to)), width);
  part.tint = color;
}

/** The place in which a way turns; −1 when it is straight. */
function cornerOf(places: readonly Place[]): number {
  const [head, end] = [places[0], places.at(-1)];
  if (head === undefined || end === undefined) {
    return -1;
  }
  let corner = -1;
  let longest = distance(head, end) * BENT + 0.5;
  for (let index = 1; index < places.length - 1; index += 1) {
    const at = places[index] ?? head;
    const way = distance(head, at) + distance(at, end);
    if (way > longest) {
      longest = way;
      corner = index;
    }
  }
  return corner;
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

export class Bolts {
  readonly root = new Container();
  private readonly bolts: Bolt[] = [];

  /** Draws these and nothing else, as far as they are in the picture; `lit`: with a soft light around each; `bright`: larger. */
  draw(
    drawn: Iterable<DrawnProjectile>,
    colorOf: (owner: number) => number,
    lit: boolean,
    bright: boolean,
    sees: (place: Place) => boolean,
  ): void {
    const size = bright ? BRIGHT : USUAL;
    let count = 0;
    for (const { projectile, tick, share } of drawn) {
      // Not yet fired at the moment that is drawn.
      if (tick < projectile.since || !sees(unitsOf(projectile.flight))) {
        continue;
      }
      this.boltAt(count).draw(placesOf(projectile, tick), share, colorOf(projectile.owner), size, lit || bright);
      count += 1;
    }
    for (let index = count; index < this.bolts.length; index += 1) {
      this.bolts[index]?.goOut();
    }
  }

  /** Some are made at a time: each time the drawing library gathers anew what there is to draw. */
  private boltAt(index: number): Bolt {
    while (this.bolts.length <= index) {
      const some = Array.from({ length: MADE_AT_ONCE }, () => new Bolt());
      some.forEach((bolt) => bolt.goOut());
      this.root.addChild(...some);
      this.bolts.push(...some);
    }
    return this.bolts[index] ?? new Bolt();
  }
}

/** From the head, between two ticks, back along the way; units. */
function placesOf({ flight, before, tail, tick: computed }: Projectile, tick: number): Place[] {
  // Drawn one tick behind what is computed, so that there are two states to draw between.
  const share = Math.min(1, Math.max(0, tick - computed));
  const head = {
    x: before.x + (flight.x - before.x) * share,
    y: before.y + (flight.y - before.y) * share,
  };
  return [head, ...tail.slice(1)].map(unitsOf);
}

function unitsOf({ x, y }: Place): Place {
  return { x: positionFromGrid(x), y: positionFromGrid(y) };
}
