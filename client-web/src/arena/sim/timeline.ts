/** Events that wait for the moment that is drawn to reach them. Pure. */

/** More cannot be waiting in a second; a page that draws nothing keeps the newest. */
const WAITING_MAX = 1024;

export class Timeline<E> {
  private waiting: { readonly tick: number; readonly event: E }[] = [];

  /** Ticks need not come in order. */
  add(event: E, tick: number): void {
    this.waiting.push({ tick, event });
    if (this.waiting.length > WAITING_MAX) {
      this.waiting.shift();
    }
  }

  /** What has happened up to `tick`, with when; in the order in which it was added. */
  take(tick: number): { readonly tick: number; readonly event: E }[] {
    if (this.waiting.length === 0) {
      return [];
    }
    const due = this.waiting.filter((entry) => entry.tick <= tick);
    this.waiting = this.waiting.filter((entry) => entry.tick > tick);
    return due;
  }

  clear(): void {
    this.waiting = [];
  }
}
