/**
 * Everybody else: drawn between two snapshots, a little in the past. When the next snapshot is late they go on for a
 * moment the way they went, then hold; when it comes they glide back to where they are. Pure.
 */

import { noCounts } from "../counters.ts";
import type { Point } from "./prediction.ts";
import { allOn, type Switches } from "./switches.ts";

/** Going on without a snapshot for longer would be invention. */
export const EXTRAPOLATE_MS_MAX = 100;

/** Time in which the error of having gone on is taken back. */
export const BLEND_BACK_MS = 100;

/** More than this is a new place and not an error. */
export const SNAP_UNITS = 64;

/** Snapshots kept: at 20 Hz more than a second, four times the largest delay. */
const SNAPSHOTS_MAX = 32;

/** What interpolation must know of a game; `S` is an entity's state, `P` what is drawn of it. */
export interface InterpolationRules<S, P extends Point> {
  pose(state: S): P;
  /** `share` 0 gives `from`, 1 gives `to`. */
  blend(from: P, to: P, share: number): P;
  /** Where `pose` would be after some seconds if nothing changed. */
  extrapolate(pose: P, seconds: number): P;
}

interface Shown<S> {
  readonly tick: number;
  readonly entities: ReadonlyMap<number, S>;
}

interface Glide {
  readonly from: Point;
  readonly startMs: number;
}

export class Interpolation<S, P extends Point> {
  private snapshots: Shown<S>[] = [];
  private drawnTick = -Infinity;
  private readonly glides = new Map<number, Glide>();

  constructor(
    private readonly rules: InterpolationRules<S, P>,
    private readonly tickMs: number,
    private readonly counters = noCounts(),
    private readonly switches: Readonly<Switches> = allOn(),
  ) {}

  /** The tick of which everybody is drawn; undefined before it was told. */
  get renderTick(): number | undefined {
    if (!this.switches.interpolation) {
      return this.snapshots.at(-1)?.tick;
    }
    return this.drawnTick === -Infinity ? undefined : this.drawnTick;
  }

  /** Takes in a snapshot; older ones than the newest are ignored. What it holds must not change any more. */
  push(tick: number, entities: ReadonlyMap<number, S>, nowMs: number): void {
    const newest = this.snapshots.at(-1);
    if (newest !== undefined && tick <= newest.tick) {
      return;
    }
    const extrapolating = newest !== undefined && this.drawnTick > newest.tick;
    const before = extrapolating ? this.sample(nowMs) : undefined;
    this.snapshots.push({ tick, entities });
    if (this.snapshots.length > SNAPSHOTS_MAX) {
      this.snapshots.shift();
    }
    this.forgetPast();
    if (before !== undefined) {
      this.glideFrom(before, nowMs);
    }
  }

  /** Moves the moment that is drawn. It never goes back, except after a jump of the clock. */
  advance(renderTick: number): void {
    const jumpTicks = (4 * EXTRAPOLATE_MS_MAX) / this.tickMs;
    const newestTick = this.snapshots.at(-1)?.tick ?? Infinity;
    const wasGuess = this.drawnTick > newestTick;
    if (renderTick > this.drawnTick || renderTick < this.drawnTick - jumpTicks) {
      this.drawnTick = renderTick;
    }
    const isGuess = this.switches.interpolation && this.drawnTick > newestTick;
    this.counters.extrapolations += isGuess && !wasGuess ? 1 : 0;
    this.forgetPast();
  }

  /** What to draw of each entity but one. */
  sample(nowMs: number, except?: number): Map<number, P> {
    if (!this.switches.interpolation) {
      return this.newest(except);
    }
    const poses = this.sampleSnapshots(except);
    for (const [entity, glide] of this.glides) {
      const left = 1 - (nowMs - glide.startMs) / BLEND_BACK_MS;
      const pose = poses.get(entity);
      if (left <= 0 || pose === undefined) {
        this.glides.delete(entity);
      } else {
        poses.set(entity, { ...pose, x: pose.x + glide.from.x * left, y: pose.y + glide.from.y * left });
      }
    }
    return poses;
  }

  /** Where the newest snapshot has each entity but one. */
  private newest(except?: number): Map<number, P> {
    const told = [...(this.snapshots.at(-1)?.entities ?? [])].filter(([entity]) => entity !== except);
    return new Map(told.map(([entity, state]) => [entity, this.rules.pose(state)]));
  }

  /** What is drawn lies after the first snapshot and before the second, or after the only one. */
  private forgetPast(): void {
    while ((this.snapshots[1]?.tick ?? Infinity) <= this.drawnTick) {
      this.snapshots.shift();
    }
  }

  private glideFrom(before: ReadonlyMap<number, P>, nowMs: number): void {
    this.glides.clear();
    for (const [entity, after] of this.sampleSnapshots()) {
      const shown = before.get(entity);
      if (shown === undefined) {
        continue;
      }
      const from = { x: shown.x - after.x, y: shown.y - after.y };
      if (Math.hypot(from.x, from.y) <= SNAP_UNITS) {
        this.glides.set(entity, { from, startMs: nowMs });
      }
    }
  }

  private sampleSnapshots(except?: number): Map<number, P> {
    const [from, to] = this.snapshots;
    const poses = new Map<number, P>();
    if (from === undefined) {
      return poses;
    }
    for (const [entity, state] of from.entities) {
      if (entity === except) {
        continue;
      }
      poses.set(entity, this.poseBetween(from.tick, state, to?.tick, to?.entities.get(entity)));
    }
    return poses;
  }

  private poseBetween(fromTick: number, from: S, toTick: number | undefined, to: S | undefined): P {
    const pose = this.rules.pose(from);
    const aheadTicks = Math.max(0, this.drawnTick - fromTick);
    if (toTick === undefined) {
      const aheadMs = Math.min(EXTRAPOLATE_MS_MAX, aheadTicks * this.tickMs);
      return this.rules.extrapolate(pose, aheadMs / 1000);
    }
    // Who did not change is the same record in both.
    if (to === undefined || to === from) {
      return pose;
    }
    return this.rules.blend(pose, this.rules.pose(to), Math.min(1, aheadTicks / (toTick - fromTick)));
  }
}
