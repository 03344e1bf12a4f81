/** Where a viewer's camera is: behind somebody, as softly as one wishes, or where it is moved by hand. Pure. */

import { cameraOn } from "../render/camera.ts";
import type { Point } from "../../tickroom/sim/prediction.ts";

/** Farther than this is another place: the camera cuts instead of flying over half the map. Units. */
const CUT_UNITS = 700;

/** A page that was not drawn for longer has missed the way. */
const STEP_MS_MAX = 100;

interface Extent {
  readonly width: number;
  readonly height: number;
}

export class FollowCamera {
  private place: Point | undefined;
  private advancedMs: number | undefined;

  /** The camera comes closer to its target by two thirds in `tauMs`; `cuts` says whether it may leap to one far away. */
  constructor(
    private readonly tauMs: number,
    private readonly cuts: boolean,
  ) {}

  /** Units; undefined before it was anywhere. */
  get at(): Point | undefined {
    return this.place;
  }

  /** Goes on towards `target`; without one it stays. */
  follow(target: Point | undefined, map: Extent, nowMs: number): void {
    const elapsedMs = this.elapsedMs(nowMs);
    if (target === undefined) {
      return;
    }
    const goal = cameraOn(target, map);
    const from = this.place;
    if (from === undefined || (this.cuts && Math.hypot(goal.x - from.x, goal.y - from.y) > CUT_UNITS)) {
      this.place = goal;
      return;
    }
    const share = 1 - Math.exp(-elapsedMs / this.tauMs);
    this.place = { x: from.x + (goal.x - from.x) * share, y: from.y + (goal.y - from.y) * share };
  }

  /** Moves it by so many units, as far as the map goes. */
  move(dx: number, dy: number, map: Extent): void {
    const from = this.place ?? middleOf(map);
    this.place = cameraOn({ x: from.x + dx, y: from.y + dy }, map);
  }

  /** Milliseconds since the last call. */
  elapsedMs(nowMs: number): number {
    const elapsedMs = Math.max(0, Math.min(STEP_MS_MAX, nowMs - (this.advancedMs ?? nowMs)));
    this.advancedMs = nowMs;
    return elapsedMs;
  }
}

/** The middle of a map. */
export function middleOf({ width, height }: Extent): Point {
  return { x: width / 2, y: height / 2 };
}
