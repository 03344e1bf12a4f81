/**
 * How a recording goes on: what was wished for and what the server has confirmed. A wish counts at once on the page; the match
 * begins anew when the server is there. Wishes that come faster than the server takes them are put off, and the newest counts:
 * a beginning that an older one has led to is passed through. One that the server has not taken is wished for again. Pure.
 */

import type { Playback } from "../../tickroom/match.ts";
import { SPEEDS_QUARTERS, type Steer } from "../../tickroom/protocol/steer.ts";
import type { ReplayAction } from "./replay_keys.ts";

/** Between two wishes: the server closes a connection that sends more than five a second for long. */
const GAP_MS = 250;

/** Without a word of the server for so long a wish is lost: it tells four times a second how far it is on its way. */
const LOST_MS = 3000;

/** So near to the end it is the end. */
const END_TICKS = 1;

const REAL = 4;

/** How the recording stands, by what the server has said. */
export interface Standing {
  readonly playback: Playback;
  /** How often it has begun anew, and at which tick it did last. */
  readonly era: number;
  readonly beganTick: number;
  readonly drawnTick: number;
  /** How far the server is on its way to another moment; undefined when it is on none, or has not said. */
  readonly seekingTick: number | undefined;
}

/** What the page shows of it. */
export interface Shown {
  readonly tick: number;
  readonly endTick: number;
  /** The speed at which it goes on, or would, quarters of real time. */
  readonly quarters: number;
  readonly stands: boolean;
  /** The moment that was asked for is not there yet. */
  readonly waits: boolean;
}

export class Steering {
  private quarters: number;
  private paused: boolean;
  /** Asked for and not reached. */
  private goal: number | undefined;
  private era: number | undefined;
  private queued: Steer | undefined;
  /** Sent last, and the server is not there yet. */
  private underway: Steer | undefined;
  private sentMs = -Infinity;
  private seekingTick: number | undefined;
  private heardMs = -Infinity;
  private tick = 0;
  private endTick = 0;

  constructor({ speedQuarters }: Playback) {
    this.paused = speedQuarters === 0;
    this.quarters = this.paused ? REAL : speedQuarters;
  }

  /** Takes in how the recording stands. Gives what is to be sent now. */
  advance(standing: Standing, nowMs: number): Steer | undefined {
    const { playback, drawnTick } = standing;
    this.hear(standing, nowMs);
    this.endTick = playback.endTick;
    this.tick = Math.max(0, Math.min(drawnTick, playback.endTick));
    const isLost = nowMs - this.heardMs > LOST_MS;
    const steer = this.queued ?? (isLost ? this.underway : undefined);
    if (steer === undefined || nowMs - this.sentMs < GAP_MS) {
      return undefined;
    }
    this.queued = undefined;
    this.underway = steer;
    this.sentMs = nowMs;
    this.heardMs = nowMs;
    return steer;
  }

  private hear({ playback, era, beganTick, seekingTick }: Standing, nowMs: number): void {
    if (era !== this.era || seekingTick !== this.seekingTick) {
      this.heardMs = nowMs;
    }
    this.seekingTick = seekingTick;
    if (era === this.era) {
      return;
    }
    this.era = era;
    if (beganTick === this.goal && this.queued?.to === undefined) {
      this.goal = undefined;
    }
    if (this.underway === undefined || !leadsTo(this.underway, playback, beganTick)) {
      return;
    }
    // A wish for another speed alone was taken, and the one for a moment before it was not.
    if (this.goal !== undefined && this.queued === undefined) {
      this.queued = { quarters: this.underway.quarters, to: this.goal };
    }
    this.underway = undefined;
  }

  get shown(): Shown {
    const { goal, endTick, quarters } = this;
    const tick = goal ?? this.tick;
    return { tick, endTick, quarters, stands: this.paused || this.isAtEnd, waits: goal !== undefined };
  }

  /** Stands still or goes on; from the end it begins again. */
  toggle(): void {
    const again = this.isAtEnd;
    this.paused = !this.paused && !again;
    this.wish(again ? 0 : undefined);
  }

  /** Goes to a moment. */
  seek(tick: number): void {
    this.wish(Math.max(0, Math.min(this.endTick, Math.round(tick))));
  }

  /** Goes on at another speed; what stands still, or is over, does so later. */
  setSpeed(quarters: number): void {
    this.quarters = quarters;
    const isOver = this.goal === undefined && this.isAtEnd;
    if (!this.paused && !isOver) {
      this.wish(undefined);
    }
  }

  act(action: ReplayAction): void {
    switch (action.kind) {
      case "toggle":
        this.toggle();
        break;
      case "skip":
        this.seek(this.shown.tick + action.ticks);
        break;
      case "edge":
        this.seek(action.end ? this.endTick : 0);
        break;
      case "speed":
        this.setSpeed(speedBeside(this.quarters, action.step));
        break;
    }
  }

  private get isAtEnd(): boolean {
    return (this.goal ?? this.tick) >= this.endTick - END_TICKS && this.endTick > 0;
  }

  private wish(to: number | undefined): void {
    this.goal = to ?? this.goal;
    this.queued = { quarters: this.paused ? 0 : this.quarters, to: to ?? this.queued?.to };
  }
}

/** Whether a beginning is that of this wish, and not of one before it. */
function leadsTo({ quarters, to }: Steer, playback: Playback, beganTick: number): boolean {
  return quarters === playback.speedQuarters && (to === undefined || to === beganTick);
}

/** The next faster or slower speed; the fastest and the slowest stay. */
export function speedBeside(quarters: number, step: 1 | -1): number {
  const speeds = SPEEDS_QUARTERS.filter((speed) => speed > 0);
  const index = speeds.findIndex((speed) => speed === quarters);
  return speeds[Math.max(0, Math.min(speeds.length - 1, index + step))] ?? quarters;
}
