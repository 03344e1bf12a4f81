import { describe, expect, test } from "vitest";

import { CORRECTION, GUESS, jumpsOf, lostIn, placeAt, surelyKnown, wayOf, type Drawn, type Timed } from "../e2e/tracks.ts";

const UNITS_A_TICK = 320 / 60;
const FRAME_MS = 1000 / 60;

/** Somebody who runs to the right at full speed, told every third tick. */
const REAL: Timed[] = Array.from({ length: 100 }, (_, index) => ({ tick: index * 3, place: { x: index * 3 * UNITS_A_TICK, y: 0 } }));

/** A frame each tick, of what was told two snapshots before it; `off` is how far it is beside the truth. */
function track(ticks: readonly number[], off: (tick: number) => number = () => 0, toldTick = (tick: number): number => tick + 3): Drawn[] {
  return ticks.map((tick) => ({ tick, atMs: tick * FRAME_MS, toldTick: toldTick(tick), place: { x: tick * UNITS_A_TICK, y: off(tick) } }));
}

const EACH = Array.from({ length: 40 }, (_, index) => 10 + index);

/** A page that was held up for so many ticks. */
const HELD = EACH.filter((tick) => tick < 20 || tick > 32);

describe("a track", () => {
  test("has a place between two ticks, and none outside", () => {
    expect(placeAt(REAL, 4)).toEqual({ x: 4 * UNITS_A_TICK, y: 0 });
    expect([placeAt(REAL, -1), placeAt(REAL, 1000)]).toEqual([undefined, undefined]);
    expect(wayOf(REAL)).toBeCloseTo(99 * 3 * UNITS_A_TICK);
  });

  test.each([
    ["smoothly", track(EACH)],
    ["in long frames", track(HELD)],
  ])("of who goes %s has no jump", (_, drawn) => {
    expect([...jumpsOf(drawn, REAL, GUESS), ...jumpsOf(drawn, REAL, CORRECTION), ...lostIn(drawn, REAL)]).toEqual([]);
    expect(surelyKnown(drawn).every(Boolean)).toBe(true);
  });

  test("with a step aside has a jump there and one back, which tell how long the frame was and how far off it is", () => {
    const drawn = track(EACH, (tick) => (tick === 30 ? 50 : 0));
    expect(jumpsOf(drawn, REAL, CORRECTION)).toMatchObject([
      { frameTicks: 1, guessedTicks: [-3, -3], offUnits: [0, 50] },
      { frameTicks: 1, offUnits: [50, 0] },
    ]);
    expect(lostIn(drawn, REAL)).toMatchObject([{ atMs: 500, isUnits: 50 }]);
  });

  test("may be off as far as a guess goes, and glide back from there, all at once when the frame is as long", () => {
    const guesses = (tick: number): number => (tick < 14 ? tick + 3 : Math.max(14, tick < 20 ? 14 : tick + 3));
    const off = (tick: number): number => (tick > 14 && tick < 20 ? (tick - 14) * 7 : 0);
    const atOnce = track(HELD, off, guesses);
    expect([...jumpsOf(atOnce, REAL, GUESS), ...lostIn(atOnce, REAL)]).toEqual([]);
    expect(surelyKnown(atOnce).filter((known) => !known)).toHaveLength(12);
    // In a short frame it is a jump.
    expect(jumpsOf(track(EACH, off, guesses), REAL, GUESS)).toMatchObject([{ frameTicks: 1, offUnits: [35, 0] }]);
  });
});
