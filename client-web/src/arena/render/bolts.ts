/** Projectiles: a bright head with a light around it, and a tail that follows the way, also around a bounce. */

import { Container, type Sprite } from "pixi.js";

import type { DrawnProjectile } from "../sim/fight.ts";
import type { Place, Projectile } from "../sim/projectiles.ts";
import { positionFromGrid } from "../sim/quantize.ts";
import { glow, streaks } from "./glow.ts";

const TAIL_WIDTH = 10;

class Bolt extends Container {
  readonly light: Sprite = glow(0xffffff, 20, 0.7);
  readonly core: Sprite = glow(0xffffff, 6.5, 1);
  readonly tail: Sprite[] = streaks();

  constructor() {
    super();
    this.addChild(this.light, ...this.tail, this.core);
  }

  draw(places: readonly Place[], color: number, lit: boolean): void {
    const head = places[0] ?? { x: 0, y: 0 };
    this.light.visible = lit;
    this.light.tint = color;
    this.light.position.set(head.x, head.y);
    this.core.position.set(head.x, head.y);
    this.tail.forEach((segment, index) => {
      const from = places[index];
      const to = places[index + 1];
      segment.visible = from !== undefined && to !== undefined;
      if (from !== undefined && to !== undefined) {
        segment.position.set(from.x, from.y);
        segment.rotation = Math.atan2(to.y - from.y, to.x - from.x);
        segment.width = Math.max(0.5, Math.hypot(to.x - from.x, to.y - from.y));
        segment.height = TAIL_WIDTH;
        segment.tint = color;
      }
    });
  }
}

export class Bolts {
  readonly root = new Container();
  private readonly bolts: Bolt[] = [];

  /** Draws these and nothing else, as far as they are in the picture; `lit`: with a soft light around each. */
  draw(
    drawn: Iterable<DrawnProjectile>,
    colorOf: (owner: number) => number,
    lit: boolean,
    sees: (place: Place) => boolean,
  ): void {
    let count = 0;
    for (const { projectile, tick, share } of drawn) {
      // Not yet fired at the moment that is drawn.
      if (tick < projectile.since || !sees(unitsOf(projectile.flight))) {
        continue;
      }
      const bolt = (this.bolts[count] ??= this.root.addChild(new Bolt()));
      bolt.visible = true;
      bolt.alpha = share;
      bolt.draw(placesOf(projectile, tick), colorOf(projectile.owner), lit);
      count += 1;
    }
    for (const unused of this.bolts.slice(count)) {
      unused.visible = false;
    }
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
