/**
 * The own player, ahead of the server: each input is applied at once and kept until the server's state for its tick
 * comes. Equal states need nothing. Otherwise the server's state is taken and the inputs since then are replayed; the
 * picture glides to the new place, the simulation is there at once.
 *
 * Pure: the step comes in as a function, time as an argument.
 */

import { noCounts } from "../counters.ts";
import { allOn, type Switches } from "./switches.ts";

/** Ticks that are remembered, about two seconds. */
const RING_TICKS = 128;

/** Inputs replayed at most: a client further ahead than one second plays blind and catches up instead. */
const REPLAY_TICKS_MAX = 60;

/** Ticks without an input for which the server repeats the last one (`input_buffer.rs`); then it assumes none. */
const REPEATED_TICKS_MAX = 15;

/** Time after which half of a visible error is gone. */
export const ERROR_HALF_LIFE_MS = 80;

/** A correction larger than this is shown at once: gliding that far would look like flying through walls. */
export const SNAP_UNITS = 64;

/** A place in units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What prediction must know of a game; `S` is the state of the own player, `I` its input. */
export interface PredictionRules<S, I> {
  /** The state after one more tick. */
  step(state: S, input: I): S;
  /** True when what is predicted is the same in both. */
  equal(a: S, b: S): boolean;
  /** `predicted` with what is not predicted taken from the server's newest state. */
  adopt(predicted: S, server: S): S;
  position(state: S): Point;
  /** What the server repeats of an input for a tick without one: nothing that happens once. */
  held(input: I): I;
  /** The input that the server assumes when there has been none for long. */
  readonly neutral: I;
}

/** One tick that was predicted for the first time, not again after a correction. */
export interface Predicted<S, I> {
  readonly tick: number;
  readonly input: I;
  readonly before: S;
  readonly after: S;
}

interface Entry<S, I> {
  readonly tick: number;
  readonly input: I;
  /** After the tick. */
  readonly state: S;
}

export class Prediction<S, I> {
  private readonly ring: (Entry<S, I> | undefined)[] = new Array(RING_TICKS);
  private newestEntry: Entry<S, I>;
  private previousState: S;
  private error: Point = { x: 0, y: 0 };
  private errorMs = 0;

  /** Begins with what the server says of `tick`. */
  constructor(
    private rules: PredictionRules<S, I>,
    tick: number,
    state: S,
    private readonly counters = noCounts(),
    private readonly switches: Readonly<Switches> = allOn(),
  ) {
    this.newestEntry = { tick, input: rules.neutral, state };
    this.previousState = state;
    this.keep(this.newestEntry);
  }

  /** The tick of the newest predicted state. */
  get tick(): number {
    return this.newestEntry.tick;
  }

  /** The newest predicted state. */
  get state(): S {
    return this.newestEntry.state;
  }

  /** The state one tick before the newest, for drawing between the two. */
  get previous(): S {
    return this.previousState;
  }

  /**
   * Applies the input for `tick`; gives what it did, undefined when the tick was predicted before. Ticks left out since
   * the last call repeat its input for as long as the server does.
   */
  predict(tick: number, input: I): Predicted<S, I> | undefined {
    const { tick: heldTick, input: held } = this.newestEntry;
    const gapStart = Math.max(this.newestEntry.tick + 1, tick - REPLAY_TICKS_MAX);
    for (let missed = gapStart; missed < tick; missed += 1) {
      this.advance(missed, missed - heldTick <= REPEATED_TICKS_MAX ? this.rules.held(held) : this.rules.neutral);
    }
    if (tick <= this.newestEntry.tick) {
      return undefined;
    }
    this.advance(tick, input);
    return { tick, input, before: this.previousState, after: this.state };
  }

  /** Takes in the server's state for `tick`. True when it differed from what was predicted. */
  reconcile(tick: number, state: S, nowMs: number): boolean {
    const predicted = this.at(tick);
    const agrees = predicted !== undefined && this.rules.equal(predicted.state, state);
    if (agrees || !this.switches.reconciliation) {
      this.counters.unreconciled += agrees ? 0 : 1;
      this.adopt(state);
      return false;
    }
    const before = this.rules.position(this.state);
    const inputs = this.inputsAfter(tick);
    this.newestEntry = { tick, input: predicted?.input ?? this.newestEntry.input, state };
    this.previousState = state;
    this.keep(this.newestEntry);
    for (const entry of inputs) {
      this.advance(entry.tick, entry.input);
    }
    this.counters.replays += inputs.length > 0 ? 1 : 0;
    this.counters.replayedTicks += inputs.length;
    this.correctedFrom(before, nowMs);
    return true;
  }

  /** The rules of a new round; what was predicted by the old ones is corrected by the next snapshot. */
  play(rules: PredictionRules<S, I>): void {
    this.rules = rules;
  }

  /** What to add to the position so that the last correction is not seen as a jump. */
  visualError(nowMs: number): Point {
    const left = 0.5 ** (Math.max(0, nowMs - this.errorMs) / ERROR_HALF_LIFE_MS);
    return { x: this.error.x * left, y: this.error.y * left };
  }

  private adopt(server: S): void {
    this.newestEntry = { ...this.newestEntry, state: this.rules.adopt(this.newestEntry.state, server) };
    this.previousState = this.rules.adopt(this.previousState, server);
    this.keep(this.newestEntry);
  }

  private correctedFrom(before: Point, nowMs: number): void {
    const { counters } = this;
    const shown = this.visualError(nowMs);
    const after = this.rules.position(this.state);
    const error = { x: shown.x + before.x - after.x, y: shown.y + before.y - after.y };
    const snaps = Math.hypot(error.x, error.y) > SNAP_UNITS;
    this.error = snaps ? { x: 0, y: 0 } : error;
    this.errorMs = nowMs;
    counters.corrections += 1;
    if (snaps) {
      counters.snaps += 1;
    } else {
      const units = Math.hypot(before.x - after.x, before.y - after.y);
      counters.correctionUnits += units;
      counters.correctionUnitsMax = Math.max(counters.correctionUnitsMax, units);
    }
  }

  private advance(tick: number, input: I): void {
    this.previousState = this.newestEntry.state;
    this.newestEntry = { tick, input, state: this.rules.step(this.newestEntry.state, input) };
    this.keep(this.newestEntry);
  }

  private keep(entry: Entry<S, I>): void {
    this.ring[entry.tick % RING_TICKS] = entry;
  }

  private at(tick: number): Entry<S, I> | undefined {
    const entry = this.ring[tick % RING_TICKS];
    return entry?.tick === tick ? entry : undefined;
  }

  /** The inputs for the ticks after `tick` up to the newest, at most as many as are replayed. */
  private inputsAfter(tick: number): Entry<S, I>[] {
    const entries: Entry<S, I>[] = [];
    const newest = this.newestEntry.tick;
    for (let replayed = Math.max(tick + 1, newest - REPLAY_TICKS_MAX + 1); replayed <= newest; replayed += 1) {
      const entry = this.at(replayed);
      if (entry !== undefined) {
        entries.push(entry);
      }
    }
    return entries;
  }
}
