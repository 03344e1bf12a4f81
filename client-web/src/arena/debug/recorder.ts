/**
 * Where everybody was drawn in the last seconds, and of which tick, for those who ask how smoothly. It begins when it is
 * first asked: nobody else pays for it. Pure.
 */

import type { View } from "../../tickroom/match.ts";
import type { Pose } from "../game.ts";

/** Older frames are forgotten. */
const KEPT_MS = 10_000;

/** More frames than a fast screen draws in that time are not kept either. */
const FRAMES_MAX = 2400;

/** One place, in units. */
export interface DrawnPlace {
  readonly entity: number;
  readonly x: number;
  readonly y: number;
  readonly alive: boolean;
}

/** A place at a tick. */
export interface TimedPlace extends DrawnPlace {
  readonly tick: number;
}

export interface DrawnFrame {
  /** Milliseconds of `performance.now()`. */
  readonly atMs: number;
  /** The tick of the others. */
  readonly pastTick: number;
  readonly others: readonly DrawnPlace[];
  /** The own player as it is predicted, and as the newest snapshot has it. */
  readonly own: TimedPlace | undefined;
  readonly told: TimedPlace | undefined;
}

export class Recorder {
  private readonly kept: DrawnFrame[] = [];
  private wanted = false;

  /** What was drawn since the first call, the oldest first. */
  frames(): readonly DrawnFrame[] {
    this.wanted = true;
    return this.kept;
  }

  /** Notes what is drawn in one frame, and where the server has the own player. */
  note({ pastTick, own, others }: View<Pose>, told: TimedPlace | undefined, nowMs: number): void {
    if (!this.wanted) {
      return;
    }
    this.kept.push({
      atMs: nowMs,
      pastTick,
      own: own === undefined ? undefined : { ...placeOf(own.entity, own.pose), tick: own.tick },
      told,
      others: [...others].map(([entity, pose]) => placeOf(entity, pose)),
    });
    const first = this.kept.findIndex((frame) => frame.atMs >= nowMs - KEPT_MS);
    this.kept.splice(0, Math.max(first, this.kept.length - FRAMES_MAX));
  }
}

function placeOf(entity: number, { x, y, alive }: Pose): DrawnPlace {
  return { entity, x, y, alive };
}
