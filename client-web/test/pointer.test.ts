import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { Pointer } from "../src/arena/input/pointer.ts";

/** What is pointed at. */
class FakeElement {
  constructor(private readonly kind: string) {}

  closest(selectors: string): FakeElement | null {
    return selectors.split(", ").includes(this.kind) ? this : null;
  }
}

const PICTURE = new FakeElement("canvas");
const BUTTON = new FakeElement("button");
const OUTSIDE = new FakeElement("body");

beforeAll(() => vi.stubGlobal("Element", FakeElement));
afterAll(() => vi.unstubAllGlobals());

const LEFT = 1;
const RIGHT = 2;

/** A mouse over a picture of 200×100, told of by events as browsers send them. */
function rig(): { pointer: Pointer; tell: (kind: string, event: object) => void } {
  const listeners = new Map<string, ((event: object) => void)[]>();
  const addEventListener = (kind: string, listener: (event: object) => void): void => {
    listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
  };
  const getBoundingClientRect = (): object => ({ left: 0, top: 0, width: 200, height: 100 });
  const contains = (target: unknown): boolean => target !== OUTSIDE;
  const pointer = new Pointer({ addEventListener, getBoundingClientRect, contains } as never, { addEventListener } as never);
  const tell = (kind: string, event: object): void => {
    const whole = { type: kind, pointerType: "mouse", clientX: 50, clientY: 50, buttons: 0, target: PICTURE, ...event };
    listeners.get(kind)?.forEach((listener) => listener(whole));
  };
  return { pointer, tell };
}

/** What each event leads to: the trigger is held or was pressed, and the rail was. */
type Step = readonly [kind: string, buttons: number, fires: boolean, rail: boolean];

test.each<[name: string, steps: Step[]]>([
  ["the trigger is held until it is let go", [["pointerdown", LEFT, true, false], ["pointermove", LEFT, true, false], ["pointerup", 0, false, false]]],
  ["the rail goes off while the trigger is held", [["pointerdown", LEFT, true, false], ["pointermove", LEFT | RIGHT, true, true], ["pointermove", LEFT, true, false], ["pointerup", 0, false, false]]],
  ["the trigger is pulled while the other button is down", [["pointerdown", RIGHT, false, true], ["pointermove", LEFT | RIGHT, true, false], ["pointermove", RIGHT, false, false], ["pointerup", 0, false, false]]],
  ["the last button that is let go need not be the trigger", [["pointerdown", LEFT, true, false], ["pointermove", LEFT | RIGHT, true, true], ["pointermove", RIGHT, false, false], ["pointerup", 0, false, false]]],
  ["what the page has not heard of is known by the next move", [["pointerdown", LEFT, true, false], ["pointermove", 0, false, false]]],
  ["a cancelled one holds nothing", [["pointerdown", LEFT, true, false], ["pointercancel", 0, false, false], ["pointerdown", LEFT, true, false]]],
])("%s", (_, steps) => {
  const { pointer, tell } = rig();
  for (const [kind, buttons, fires, rail] of steps) {
    tell(kind, { buttons });
    expect([pointer.takeFire(), pointer.takeRail()], `${kind} ${buttons}`).toEqual([fires, rail]);
  }
});

test("a press that is over before it is asked for counts once", () => {
  const { pointer, tell } = rig();
  tell("pointerdown", { buttons: LEFT });
  tell("pointerup", { buttons: 0 });
  expect([pointer.takeFire(), pointer.takeFire()]).toEqual([true, false]);
});

test.each([
  ["a control", { target: BUTTON }],
  ["the page around", { target: OUTSIDE }],
  ["a finger", { pointerType: "touch" }],
])("a press on %s is none, also when it goes over the picture", (_, where) => {
  const { pointer, tell } = rig();
  tell("pointerdown", { buttons: LEFT | RIGHT, ...where });
  tell("pointermove", { buttons: LEFT | RIGHT, ...where, target: PICTURE });
  expect([pointer.takeFire(), pointer.takeRail()]).toEqual([false, false]);
});

test("it points to a share of the picture, also outside of it", () => {
  const { pointer, tell } = rig();
  expect(pointer.position).toBeUndefined();
  tell("pointermove", { clientX: 300, clientY: 25 });
  expect(pointer.position).toEqual({ x: 1.5, y: 0.25 });
  expect([pointer.takeMoved(), pointer.takeMoved()]).toEqual([true, false]);
});
