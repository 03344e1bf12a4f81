import { describe, expect, test } from "vitest";

import { ASSIST_RAD, assisted } from "../src/arena/input/aim_assist.ts";
import { Controls, type Device, type Sight } from "../src/arena/input/controls.ts";
import type { DeviceWish } from "../src/arena/input/device.ts";
import { Gamepads, padState, type FoundPad, type PadReading } from "../src/arena/input/gamepad.ts";
import { outOfDeadZone, thumbPush } from "../src/arena/input/stick.ts";
import { STICK_RADIUS_PX, Thumbs } from "../src/arena/input/thumbs.ts";
import type { Point } from "../src/tickroom/sim/prediction.ts";

const DEGREE = Math.PI / 180;

function pad(axes: number[], pressed: number[] = [], values: Readonly<Record<number, number>> = {}): PadReading {
  const buttons = Array.from({ length: 17 }, (_, index) => ({
    pressed: pressed.includes(index),
    value: values[index] ?? (pressed.includes(index) ? 1 : 0),
  }));
  return { id: "Pad", connected: true, mapping: "standard", axes, buttons };
}

describe("a stick", () => {
  test("rests within its dead zone, is full at its edge, and has no step between", () => {
    const length = (x: number): number => outOfDeadZone({ x, y: 0 }).x;
    expect([length(0), length(0.18), length(-0.1)]).toEqual([0, 0, 0]);
    expect(length(0.181)).toBeLessThan(0.01);
    expect([length(0.95), length(1), length(-1)]).toEqual([1, 1, -1]);
    for (let x = 0; x < 1; x += 0.01) {
      expect(length(x + 0.01) - length(x)).toBeLessThan(0.02);
    }
  });

  test("keeps its direction, and is at most 1 long in the corners", () => {
    const { x, y } = outOfDeadZone({ x: 1, y: -1 });
    expect([x, y]).toEqual([expect.closeTo(Math.SQRT1_2), expect.closeTo(-Math.SQRT1_2)]);
  });

  test("that tells nonsense rests", () => {
    for (const value of [NaN, undefined as unknown as number]) {
      expect(outOfDeadZone({ x: value, y: 1 })).toEqual({ x: 0, y: 0 });
    }
  });

  test("under a thumb goes as far as its edge", () => {
    const push = (x: number, y: number): Point => thumbPush({ x: 100, y: 100 }, { x, y }, 50);
    expect(push(100, 100)).toEqual({ x: 0, y: 0 });
    expect(push(125, 100)).toEqual({ x: 0.5, y: 0 });
    expect(push(100, 900)).toEqual({ x: 0, y: 1 });
  });
});

describe("the aim assist", () => {
  const own = { x: 500, y: 500 };
  const at = (degrees: number, distance = 200): Point => ({
    x: own.x + Math.cos(degrees * DEGREE) * distance,
    y: own.y + Math.sin(degrees * DEGREE) * distance,
  });
  const helped = (degrees: number, ...targets: Point[]): number => assisted(degrees * DEGREE, own, targets) / DEGREE;

  test("draws to who is within 3°, less and less up to 6°, and then not at all", () => {
    const check = (aimed: number, expected: number): void => expect(helped(aimed, at(20))).toBeCloseTo(expected, 9);
    check(20, 20);
    check(22.9, 20);
    check(17, 20);
    check(24.5, 23);
    check(15.5, 17);
    check(26.01, 26.01);
    check(13, 13);
    check(200, 200);
  });

  test("never jumps", () => {
    for (let aimed = 0; aimed < 40; aimed += 0.05) {
      const turn = helped(aimed + 0.05, at(20)) - helped(aimed, at(20));
      expect(turn).toBeGreaterThanOrEqual(-1e-9);
      expect(turn).toBeLessThan(0.11);
    }
  });

  test("takes the nearest direction of several, over the edge of the turn too", () => {
    expect(helped(0, at(5), at(-2), at(180))).toBeCloseTo(-2, 9);
    expect(helped(179.5, at(-179))).toBeCloseTo(181, 9);
  });

  test("is for nobody out of the picture, and not for one who stands in the same place", () => {
    expect(helped(20, at(20.5, 561), own)).toBe(20);
    expect(assisted(1, own, [])).toBe(1);
    expect(ASSIST_RAD).toBeCloseTo(6 * DEGREE, 12);
  });
});

describe("a gamepad", () => {
  test("walks with the left stick or the cross, and aims with the right stick", () => {
    expect(padState(pad([1, 0, 0, 1]))).toMatchObject({ move: { x: 1, y: 0 }, aimRad: Math.PI / 2 });
    expect(padState(pad([0, 0, 0.1, 0.1], [12, 14]))).toMatchObject({
      move: { x: expect.closeTo(-Math.SQRT1_2), y: expect.closeTo(-Math.SQRT1_2) },
      aimRad: undefined,
    });
  });

  test("fires with a trigger that is pulled a third of its way", () => {
    expect(padState(pad([0, 0, 0, 0], [], { 7: 0.3 })).fire).toBe(false);
    expect(padState(pad([0, 0, 0, 0], [], { 7: 0.4 })).fire).toBe(true);
  });

  test("that lacks axes and buttons rests", () => {
    expect(padState({ id: "", connected: true, mapping: "standard", axes: [], buttons: [] })).toEqual(padState(pad([0, 0, 0, 0])));
  });

  /** A window with these pads, and what is told of them. */
  function plugged(pads: (PadReading | null)[]) {
    const told: (FoundPad | undefined)[] = [];
    const page = Object.assign(new EventTarget(), {
      navigator: { getGamepads: () => pads },
      document: { hasFocus: () => true },
    });
    const gamepads = new Gamepads(page as unknown as Window, (found) => told.push(found));
    page.dispatchEvent(new Event("gamepadconnected"));
    return { gamepads, told, page };
  }

  test("tells a press once, and is told of when it comes and goes", () => {
    const pads = [null, pad([0, 0, 0, 0], [0, 6])];
    const { gamepads, told, page } = plugged(pads);
    expect([gamepads.take(), gamepads.take()]).toMatchObject([{ rail: true, dash: true }, { rail: false, dash: false }]);
    pads.pop();
    page.dispatchEvent(new Event("gamepaddisconnected"));
    expect(gamepads.take()).toMatchObject({ move: { x: 0, y: 0 }, rail: false });
    expect(told).toEqual([{ name: "Pad", isUsed: true }, undefined]);
  });

  test("of another layout than the standard one is said to be of no use, and makes way for one that is", () => {
    // Wheels and flight sticks have axes that never rest.
    const wheel: PadReading = { ...pad([1, 1, 1, 1], [7]), id: "Wheel", mapping: "" };
    const pads = [wheel];
    const { gamepads, told, page } = plugged(pads);
    expect(gamepads.take()).toMatchObject({ move: { x: 0, y: 0 }, aimRad: undefined, fire: false });
    pads.push(pad([1, 0, 0, 0]));
    page.dispatchEvent(new Event("gamepadconnected"));
    expect(gamepads.take()).toMatchObject({ move: { x: 1, y: 0 }, fire: false });
    expect(told).toEqual([
      { name: "Wheel", isUsed: false },
      { name: "Pad", isUsed: true },
    ]);
  });

  test("is not looked for where that is forbidden", () => {
    const page = Object.assign(new EventTarget(), {
      navigator: {
        getGamepads: () => {
          throw new Error("forbidden");
        },
      },
      document: { hasFocus: () => true },
    });
    expect(new Gamepads(page as unknown as Window, () => undefined).take()).toMatchObject({ fire: false });
  });
});

describe("thumbs", () => {
  test("walk on the left and aim on the right, or the other way round", () => {
    const check = (x: number, leftHanded: boolean, stick: string): void =>
      expect(Thumbs.stickAt(x, 800, leftHanded)).toBe(stick);
    check(0, false, "move");
    check(399, false, "move");
    check(400, false, "aim");
    check(399, true, "aim");
    check(400, true, "move");
  });

  test("push a stick from where they went down; the weapon fires when its stick is pushed far", () => {
    const thumbs = new Thumbs();
    thumbs.down("move", 1, { x: 100, y: 100 });
    thumbs.down("aim", 2, { x: 600, y: 200 });
    thumbs.move(1, { x: 100 + STICK_RADIUS_PX, y: 100 });
    thumbs.move(2, { x: 600, y: 200 + STICK_RADIUS_PX * 0.4 });
    expect(thumbs.wish()).toEqual({ move: { x: 1, y: 0 }, aimRad: Math.PI / 2, fire: false });
    thumbs.move(2, { x: 600, y: 900 });
    expect(thumbs.wish().fire).toBe(true);
    thumbs.up(2);
    expect(thumbs.wish()).toEqual({ move: { x: 1, y: 0 }, aimRad: undefined, fire: false });
    thumbs.clear();
    expect(thumbs.wish().move).toEqual({ x: 0, y: 0 });
  });

  test("do not take a stick from each other", () => {
    const thumbs = new Thumbs();
    expect([thumbs.down("move", 1, { x: 0, y: 0 }), thumbs.down("move", 2, { x: 9, y: 9 })]).toEqual([true, false]);
    thumbs.up(2);
    expect(thumbs.shown("move")?.at).toEqual({ x: 0, y: 0 });
    thumbs.up(1);
    expect(thumbs.shown("move")).toBeUndefined();
  });
});

describe("the controls", () => {
  const REST: DeviceWish = { move: { x: 0, y: 0 }, aimRad: undefined, fire: false, rail: false, dash: false };
  const SIGHT: Sight = { own: { x: 1000, y: 700 }, map: { width: 2000, height: 1500 }, targets: () => [] };

  class FakeDevice implements Device {
    next: Partial<DeviceWish> = {};
    wantsScores = false;

    take(): DeviceWish {
      return { ...REST, ...this.next };
    }
  }

  class FakePointer {
    position: Point | undefined;
    moved = false;
    fire = false;
    rail = false;

    takeMoved(): boolean {
      return this.moved;
    }

    takeFire(): boolean {
      return this.fire;
    }

    takeRail(): boolean {
      return this.rail;
    }
  }

  function rig(): { first: FakeDevice; second: FakeDevice; pointer: FakePointer; controls: Controls } {
    const [first, second, pointer] = [new FakeDevice(), new FakeDevice(), new FakePointer()];
    return { first, second, pointer, controls: new Controls([first, second], pointer) };
  }

  test("walk as the first device that walks says, and act as any says", () => {
    const { first, second, pointer, controls } = rig();
    second.next = { move: { x: -0.5, y: 1 }, dash: true };
    pointer.fire = true;
    expect(controls.wish(SIGHT)).toMatchObject({ fire: true, rail: false, dash: true, moveX: -63, moveY: 127 });
    first.next = { move: { x: 1, y: 1 }, rail: true };
    expect(controls.wish(SIGHT)).toMatchObject({ moveX: 127, moveY: 127, rail: true });
    second.wantsScores = true;
    expect(controls.wantsScores).toBe(true);
  });

  test("aim as the device that aimed last", () => {
    const { second, pointer, controls } = rig();
    pointer.position = { x: 0.5, y: 0.9 };
    pointer.moved = true;
    expect(controls.wish(SIGHT).aim).toBe(16_384);
    pointer.moved = false;
    second.next = { aimRad: Math.PI };
    expect(controls.wish(SIGHT).aim).toBe(32_768);
    second.next = {};
    expect(controls.wish(SIGHT).aim).toBe(32_768);
    pointer.moved = true;
    expect(controls.wish(SIGHT).aim).toBe(16_384);
  });

  test("help a stick and not the mouse", () => {
    const { second, pointer, controls } = rig();
    const targets = (): Point[] => [{ x: 1000, y: 900 }];
    pointer.position = { x: 0.51, y: 0.9 };
    pointer.moved = true;
    const byMouse = controls.wish({ ...SIGHT, targets }).aim;
    expect(byMouse).toBeLessThan(16_384);
    pointer.moved = false;
    second.next = { aimRad: 88 * DEGREE };
    expect(controls.wish({ ...SIGHT, targets }).aim).toBe(16_384);
  });

  test("look where they walk when none of them aims, and on when they rest", () => {
    const { first, second, pointer, controls } = rig();
    const aim = (x: number, y: number): number => {
      first.next = { move: { x, y } };
      return controls.wish(SIGHT).aim;
    };
    expect([aim(0, 1), aim(0, 0), aim(-1, 0)]).toEqual([16_384, 16_384, 32_768]);
    expect(controls.wish({ ...SIGHT, own: undefined }).aim).toBe(32_768);
    second.next = { aimRad: 0 };
    expect(aim(0, 1)).toBe(0);
    second.next = {};
    expect(aim(0, 1)).toBe(0);
    pointer.position = { x: 0.5, y: 0.9 };
    pointer.moved = true;
    expect(aim(-1, 0)).toBe(16_384);
  });

  test("keep the aim while there is no player to aim from", () => {
    const { second, pointer, controls } = rig();
    pointer.position = { x: 0.9, y: 0.1 };
    expect(controls.wish({ ...SIGHT, own: undefined }).aim).toBe(0);
    second.next = { aimRad: Math.PI / 2 };
    expect(controls.wish({ ...SIGHT, own: undefined }).aim).toBe(16_384);
  });
});
