/**
 * Two thumbs on glass: one half of the screen walks, the other aims and, pushed far enough, fires. A stick is where its
 * thumb goes down. Pure; pixels and ids come in as they are.
 */

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { DeviceWish } from "./device.ts";
import { directionOf, lengthOf, outOfDeadZone, thumbPush } from "./stick.ts";

/** From its middle to its edge, pixels of CSS. */
export const STICK_RADIUS_PX = 56;

/** The weapon fires when its stick is pushed as far as this; less only aims. */
const FIRE_PUSH = 0.55;

export type StickName = "move" | "aim";

/** A thumb on a stick. */
export interface Thumb {
  readonly id: number;
  readonly from: Point;
  readonly to: Point;
}

export class Thumbs {
  private readonly sticks = new Map<StickName, Thumb>();

  /** Which stick a touch at `x` of a screen of this width would take. */
  static stickAt(x: number, width: number, leftHanded: boolean): StickName {
    return x < width / 2 === leftHanded ? "aim" : "move";
  }

  /** A thumb goes down. A stick that has one already keeps it. */
  down(stick: StickName, id: number, at: Point): boolean {
    if (this.sticks.has(stick)) {
      return false;
    }
    this.sticks.set(stick, { id, from: at, to: at });
    return true;
  }

  move(id: number, to: Point): void {
    for (const [name, thumb] of this.sticks) {
      if (thumb.id === id) {
        this.sticks.set(name, { ...thumb, to });
      }
    }
  }

  up(id: number): void {
    for (const [name, thumb] of this.sticks) {
      if (thumb.id === id) {
        this.sticks.delete(name);
      }
    }
  }

  clear(): void {
    this.sticks.clear();
  }

  /** For drawing: where a stick is, and how it is pushed. */
  shown(stick: StickName): { readonly at: Point; readonly push: Point } | undefined {
    const thumb = this.sticks.get(stick);
    return thumb && { at: thumb.from, push: thumbPush(thumb.from, thumb.to, STICK_RADIUS_PX) };
  }

  wish(): Pick<DeviceWish, "move" | "aimRad" | "fire"> {
    const aim = this.push("aim");
    return { move: this.push("move"), aimRad: directionOf(aim), fire: lengthOf(aim) >= FIRE_PUSH };
  }

  private push(stick: StickName): Point {
    return outOfDeadZone(this.shown(stick)?.push ?? { x: 0, y: 0 });
  }
}
