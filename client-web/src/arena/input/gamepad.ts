/**
 * A gamepad in the standard layout: the left stick or the cross walks, the right stick aims, the right trigger fires, the
 * left one charges the rail, the lower button or the right shoulder dashes, the small left button shows the scores.
 */

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { DeviceWish } from "./device.ts";
import { directionOf, lengthOf, MIDDLE, outOfDeadZone } from "./stick.ts";

/** Numbers of the standard layout. */
const LOWER = 0;
const RIGHT_SHOULDER = 5;
const LEFT_TRIGGER = 6;
const RIGHT_TRIGGER = 7;
const SMALL_LEFT = 8;
const CROSS = { up: 12, down: 13, left: 14, right: 15 } as const;

/** A trigger counts from here on. */
const TRIGGER = 0.35;

/** As much of the browser's `Gamepad` as is read. */
export interface PadReading {
  readonly id: string;
  readonly connected: boolean;
  /** `standard` where the browser knows which axis and button is which. */
  readonly mapping: string;
  readonly axes: readonly number[];
  readonly buttons: readonly { readonly pressed: boolean; readonly value: number }[];
}

/** What a pad says at one moment. */
export interface PadState {
  readonly move: Point;
  readonly aimRad: number | undefined;
  readonly fire: boolean;
  readonly rail: boolean;
  readonly dash: boolean;
  readonly scores: boolean;
}

const LET_GO: PadState = { move: MIDDLE, aimRad: undefined, fire: false, rail: false, dash: false, scores: false };

/** Pure. Axes and buttons that a pad lacks are at rest. */
export function padState({ axes, buttons }: PadReading): PadState {
  const axis = (index: number): number => axes[index] ?? 0;
  const isDown = (index: number): boolean => {
    const button = buttons[index];
    return button !== undefined && (button.pressed || button.value >= TRIGGER);
  };
  const cross = {
    x: Number(isDown(CROSS.right)) - Number(isDown(CROSS.left)),
    y: Number(isDown(CROSS.down)) - Number(isDown(CROSS.up)),
  };
  const stick = outOfDeadZone({ x: axis(0), y: axis(1) });
  const length = Math.max(1, lengthOf(cross));
  return {
    move: lengthOf(stick) > 0 ? stick : { x: cross.x / length, y: cross.y / length },
    aimRad: directionOf(outOfDeadZone({ x: axis(2), y: axis(3) })),
    fire: isDown(RIGHT_TRIGGER),
    rail: isDown(LEFT_TRIGGER),
    dash: isDown(LOWER) || isDown(RIGHT_SHOULDER),
    scores: isDown(SMALL_LEFT),
  };
}

/** A pad that is there. One of another layout than the standard one is not used: its stick may be what fires. */
export interface FoundPad {
  readonly name: string;
  readonly isUsed: boolean;
}

export class Gamepads {
  private before = LET_GO;
  private isThere = false;

  /**
   * `told` gets the pad that is used, else one that cannot be, or undefined when none is left. A browser shows a pad to a page
   * only after a button of it was pressed.
   */
  constructor(
    private readonly page: Window,
    told: (found: FoundPad | undefined) => void,
  ) {
    const tell = (): void => {
      const pad = this.pad();
      this.isThere = pad !== undefined;
      const found = pad ?? this.connected()[0];
      told(found === undefined ? undefined : { name: found.id, isUsed: pad !== undefined });
    };
    page.addEventListener("gamepadconnected", tell);
    page.addEventListener("gamepaddisconnected", tell);
  }

  take(): DeviceWish {
    // To ask the browser is not free, and hardly anybody has one.
    const pad = this.isThere && this.page.document.hasFocus() ? this.pad() : undefined;
    const now = pad === undefined ? LET_GO : padState(pad);
    const { before } = this;
    this.before = now;
    return { ...now, rail: now.rail && !before.rail, dash: now.dash && !before.dash };
  }

  get wantsScores(): boolean {
    return this.before.scores;
  }

  private pad(): PadReading | undefined {
    return this.connected().find(({ mapping }) => mapping === "standard");
  }

  private connected(): PadReading[] {
    // Where a policy forbids gamepads the call throws.
    try {
      return this.page.navigator.getGamepads().flatMap((pad) => (pad?.connected === true ? [pad] : []));
    } catch {
      return [];
    }
  }
}
