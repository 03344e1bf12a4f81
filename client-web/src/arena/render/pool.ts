/**
 * Things to draw that come and go: made once, hidden when not needed, used again. To hide or show one lets the drawing library
 * gather anew what there is to draw, so what comes and goes in each frame goes out instead, and stays among the others.
 */

import type { Container } from "pixi.js";

/** What is in use, with what belongs to it. */
export interface Used<T, D> {
  readonly item: T;
  readonly data: D;
  readonly startMs: number;
}

export class Pool<T extends Container, D> {
  private readonly free: T[] = [];
  private used: Used<T, D>[] = [];
  private made = 0;

  /** At most `max` at once; when one more is wanted the oldest ends early. */
  constructor(
    private readonly parent: Container,
    private readonly max: number,
    private readonly make: () => T,
    private readonly manner: Manner = HIDES,
  ) {}

  /** Shows one; the caller gives it its look. */
  take(data: D, nowMs: number): T {
    if (this.free.length === 0 && this.made < this.max) {
      this.makeSome();
    }
    const item = this.free.pop() ?? this.oldest();
    this.manner.show(item);
    this.used.push({ item, data, startMs: nowMs });
    return item;
  }

  /** Calls `update` for each in use with its age; those for which it gives false end. */
  update(nowMs: number, update: (item: T, data: D, ageMs: number) => boolean): void {
    this.used = this.used.filter(({ item, data, startMs }) => {
      const stays = update(item, data, nowMs - startMs);
      if (!stays) {
        this.putBack(item);
      }
      return stays;
    });
  }

  clear(): void {
    for (const { item } of this.used.splice(0)) {
      this.putBack(item);
    }
  }

  private makeSome(): void {
    const count = Math.min(this.max - this.made, this.manner.atOnce);
    for (let index = 0; index < count; index += 1) {
      const item = this.make();
      this.made += 1;
      this.parent.addChild(item);
      this.putBack(item);
    }
  }

  private oldest(): T {
    const oldest = this.used.shift();
    if (oldest === undefined) {
      throw new Error("a pool has room for one at least");
    }
    return oldest.item;
  }

  private putBack(item: T): void {
    this.manner.hide(item);
    this.free.push(item);
  }
}

/** How what is in a pool comes and goes, and how many are made at a time. */
interface Manner {
  readonly atOnce: number;
  show(item: Container): void;
  hide(item: Container): void;
}

/** For what comes seldom, or has a texture of its own. */
const HIDES: Manner = {
  atOnce: 1,
  show(item) {
    item.visible = true;
  },
  hide(item) {
    item.visible = false;
  },
};

/** For what comes and goes all the time. What is out is still looked at whenever what there is to draw is gathered anew. */
export const GOES_OUT: Manner = {
  atOnce: 12,
  show(item) {
    item.alpha = 1;
    item.scale.set(1);
  },
  hide: goOut,
};

/** Lets a light go out: it is of no size, so that it costs no pixel either. */
export function goOut(light: Container): void {
  light.alpha = 0;
  light.scale.set(0);
}
