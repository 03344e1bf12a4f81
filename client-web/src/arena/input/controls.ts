/**
 * All devices as one: gives the wish of a tick. Walking is of the first device that walks; the aim is of the device that
 * aimed last, and stays when that rests. Where none aims, the player looks where it walks.
 */

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { Input } from "../protocol/input.ts";
import { aimAt, aimRad, aimSteps } from "./aim.ts";
import { assisted } from "./aim_assist.ts";
import type { DeviceWish } from "./device.ts";
import { lengthOf } from "./stick.ts";

const FULL = 127;

/** A device of keys or sticks. */
export interface Device {
  /** The wish of a tick; without a sight what was pressed is only forgotten. */
  take(sight?: Sight): DeviceWish;
  readonly wantsScores: boolean;
}

/** A device that points at a place in the picture. */
export interface Pointing {
  readonly position: Point | undefined;
  /** True when it moved or was pressed since the last call. */
  takeMoved(): boolean;
  takeFire(): boolean;
  takeRail(): boolean;
}

/** What whoever aims can see. */
export interface Sight {
  readonly own: Point | undefined;
  readonly map: { readonly width: number; readonly height: number };
  /** The others who can be shot at, with nothing between. */
  targets(): Iterable<Point>;
}

export class Controls {
  private aim = 0;
  private aimsWithStick = false;

  constructor(
    private readonly devices: readonly Device[],
    private readonly pointer: Pointing,
  ) {}

  /** Steps of 1/65536 turn. */
  get aimSteps(): number {
    return this.aim;
  }

  get wantsScores(): boolean {
    return this.devices.some((device) => device.wantsScores);
  }

  /** What was pressed so far was for something else, as the menu; what is held counts. */
  forgetPresses(): void {
    this.devices.forEach((device) => device.take());
    this.pointer.takeFire();
    this.pointer.takeRail();
  }

  /** The wish of one tick. */
  wish(sight: Sight): Input {
    const wishes = this.devices.map((device) => device.take(sight));
    const move = wishes.map((wish) => wish.move).find((push) => lengthOf(push) > 0) ?? { x: 0, y: 0 };
    this.turn(wishes, move, sight);
    const fires = this.pointer.takeFire();
    const charges = this.pointer.takeRail();
    return {
      fire: fires || wishes.some((wish) => wish.fire),
      rail: charges || wishes.some((wish) => wish.rail),
      dash: wishes.some((wish) => wish.dash),
      moveX: Math.round(move.x * FULL),
      moveY: Math.round(move.y * FULL),
      aim: this.aim,
    };
  }

  private turn(wishes: readonly DeviceWish[], move: Point, { own, map, targets }: Sight): void {
    const stick = wishes.map((wish) => wish.aimRad).find((rad) => rad !== undefined);
    const moved = this.pointer.takeMoved();
    this.aimsWithStick = stick !== undefined || (this.aimsWithStick && !moved);
    if (stick !== undefined) {
      this.aim = this.aimedAt(stick, own, targets);
    } else if (this.aimsWithStick) {
      return;
    } else if (this.pointer.position === undefined) {
      // Who has keys alone looks where it walks.
      this.aim = lengthOf(move) > 0 ? this.aimedAt(Math.atan2(move.y, move.x), own, targets) : this.aim;
    } else if (own !== undefined) {
      this.aim = aimAt(this.pointer.position, own, map) ?? this.aim;
    }
  }

  private aimedAt(rad: number, own: Point | undefined, targets: () => Iterable<Point>): number {
    return aimSteps(own === undefined ? rad : assisted(rad, own, targets()));
  }

  /** Where the aim points, radians. */
  get aimRad(): number {
    return aimRad(this.aim);
  }
}
