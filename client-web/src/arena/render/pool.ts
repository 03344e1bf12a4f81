/** Things to draw that come and go many times a second: made once, hidden when not needed, used again. */

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
  ) {}

  /** Shows one; the caller gives it its look. */
  take(data: D, nowMs: number): T {
    const item = this.free.pop() ?? (this.made < this.max ? this.makeOne() : this.oldest());
    item.visible = true;
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

  private makeOne(): T {
    const item = this.make();
    this.made += 1;
    this.parent.addChild(item);
    return item;
  }

  private oldest(): T {
    const oldest = this.used.shift();
    return oldest === undefined ? this.makeOne() : oldest.item;
  }

  private putBack(item: T): void {
    item.visible = false;
    this.free.push(item);
  }
}
