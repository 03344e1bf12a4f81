/** What one device wishes for one tick. */

import type { Point } from "../../tickroom/sim/prediction.ts";

export interface DeviceWish {
  /** Where to walk, at most 1 long; down is positive. */
  readonly move: Point;
  /** Where a stick aims, radians; undefined when it does not. */
  readonly aimRad: number | undefined;
  readonly fire: boolean;
  /** Pressed since the last wish: these happen once. */
  readonly rail: boolean;
  readonly dash: boolean;
}
