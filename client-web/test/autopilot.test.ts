import { expect, test } from "vitest";

import { Autopilot } from "../src/arena/input/autopilot.ts";
import type { Sight } from "../src/arena/input/controls.ts";
import type { Point } from "../src/tickroom/sim/prediction.ts";
import { Xorshift32 } from "./random.ts";

const MAP = { width: 2000, height: 1500 };

function sight(own: Point | undefined, targets: readonly Point[] = []): Sight {
  return { own, map: MAP, targets: () => targets };
}

function pilot(): Autopilot {
  const random = new Xorshift32(5);
  return new Autopilot(() => random.share());
}

test("it shoots at the nearest it sees, and at nobody it does not see", () => {
  const autopilot = pilot();
  const far = { x: 100, y: 500 };
  const near = { x: 300, y: 100 };
  const wish = autopilot.take(sight({ x: 100, y: 100 }, [far, near]));
  expect([wish.fire, wish.aimRad]).toEqual([true, 0]);
  expect(autopilot.take(sight({ x: 100, y: 100 })).fire).toBe(false);
});

test("it walks at full speed, and another way when a wall holds it", () => {
  const autopilot = pilot();
  const own = { x: 500, y: 500 };
  const ways = new Set<string>();
  for (let tick = 0; tick < 200; tick += 1) {
    const { move } = autopilot.take(sight(own));
    expect(Math.hypot(move.x, move.y)).toBeCloseTo(1);
    ways.add(`${move.x.toFixed(2)} ${move.y.toFixed(2)}`);
  }
  expect(ways.size).toBeGreaterThan(10);
});

test("it keeps away from who is near and comes closer to who is far", () => {
  const own = { x: 1000, y: 700 };
  const towards = (x: number): number => pilot().take(sight(own, [{ x, y: 700 }])).move.x;
  expect(towards(1050)).toBeLessThan(-0.9);
  expect(towards(1500)).toBeGreaterThan(0.5);
});

test("without a player it wishes nothing", () => {
  const autopilot = pilot();
  for (const wish of [autopilot.take(), autopilot.take(sight(undefined, [{ x: 1, y: 1 }]))]) {
    expect(wish).toEqual({ move: { x: 0, y: 0 }, aimRad: undefined, fire: false, rail: false, dash: false });
  }
});
