/**
 * What is on its way in one direction: things that happen later, in the order in which they were sent. Bounded; what does
 * not fit is dropped and counted, which a stream never does: whoever sees the counter move has asked for too narrow a way.
 */

import { LinkModel, type Conditions } from "./conditioner.ts";

/** More than a minute of snapshots. */
const WAITING_MAX = 2048;

interface Waiting {
  readonly atMs: number;
  readonly arrive: () => void;
  readonly drop: (() => void) | undefined;
}

export class DelayLine {
  private readonly model: LinkModel;
  private waiting: Waiting[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastDelayMs: number | undefined;
  private droppedCount = 0;

  constructor(conditions: Conditions, seed: number) {
    this.model = new LinkModel(conditions, seed);
  }

  get conditions(): Conditions {
    return this.model.conditions;
  }

  set conditions(conditions: Conditions) {
    this.model.conditions = conditions;
    this.lastDelayMs = undefined;
  }

  /** How long the last message takes, or the next one would without jitter. */
  get delayMs(): number {
    return this.lastDelayMs ?? this.conditions.latencyUs / 1000;
  }

  get dropped(): number {
    return this.droppedCount;
  }

  get isWritable(): boolean {
    return this.waiting.length < WAITING_MAX && this.model.isWritable(Math.floor(performance.now() * 1000));
  }

  /** `arrive` is called when a message of so many bytes would arrive; `drop` instead when it never does. */
  send(bytes: number, arrive: () => void, drop?: () => void): void {
    if (this.waiting.length >= WAITING_MAX) {
      this.droppedCount += 1;
      drop?.();
      return;
    }
    const nowMs = performance.now();
    const atMs = this.model.deliverAt(Math.floor(nowMs * 1000), bytes) / 1000;
    this.lastDelayMs = Math.max(0, atMs - nowMs);
    if (this.waiting.length === 0 && atMs <= nowMs) {
      arrive();
      return;
    }
    this.waiting.push({ atMs, arrive, drop });
    this.wake();
  }

  /** What is on its way never arrives. */
  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.model.clear();
    const lost = this.waiting;
    this.waiting = [];
    for (const { drop } of lost) {
      drop?.();
    }
  }

  private wake(): void {
    const head = this.waiting[0];
    if (this.timer === undefined && head !== undefined) {
      this.timer = setTimeout(() => this.arrive(), Math.max(0, head.atMs - performance.now()));
    }
  }

  private arrive(): void {
    this.timer = undefined;
    const nowMs = performance.now();
    // Timers of a browser may fire a little early, but not earlier than a millisecond.
    while ((this.waiting[0]?.atMs ?? Infinity) <= nowMs + 0.5) {
      this.waiting.shift()?.arrive();
    }
    this.wake();
  }
}
