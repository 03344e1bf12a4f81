import { describe, expect, test } from "vitest";

import { aimAt, aimRad, aimSteps } from "../src/arena/input/aim.ts";
import { unitVector } from "../src/arena/sim/direction.ts";

const MAP = { width: 2000, height: 1500 };
const MIDDLE = { x: 1000, y: 700 };

describe("the aim", () => {
  test("is 65536 steps a turn, 0 right, a quarter down", () => {
    const check = (rad: number, steps: number): void => expect(aimSteps(rad)).toBe(steps);
    check(0, 0);
    check(Math.PI / 2, 16_384);
    check(Math.PI, 32_768);
    check(-Math.PI, 32_768);
    check(-Math.PI / 2, 49_152);
    check(-1e-9, 0);
    check(2 * Math.PI, 0);
  });

  test("goes from the own player in the picture to the pointer", () => {
    expect(aimAt({ x: 0.75, y: 0.5 }, MIDDLE, MAP)).toBe(0);
    expect(aimAt({ x: 0.5, y: 0.9 }, MIDDLE, MAP)).toBe(16_384);
    expect(aimAt({ x: 0.1, y: 0.5 }, MIDDLE, MAP)).toBe(32_768);
    expect(aimAt({ x: 0.5, y: -0.2 }, MIDDLE, MAP)).toBe(49_152);
    expect(aimAt({ x: 0.5, y: 0.5 }, MIDDLE, MAP)).toBeUndefined();
  });

  test("counts from where the player is when the picture does not follow to the edge", () => {
    // In the corner the player stands left of and above the middle of the picture.
    expect(aimAt({ x: 0.5, y: 0.5 }, { x: 16, y: 16 }, MAP)).toBe(aimSteps(Math.atan2(198 - 16, 408 - 16)));
  });

  test("and the direction of a shot are the same to a thousandth of a turn", () => {
    for (let steps = 0; steps < 65_536; steps += 61) {
      const [right, down] = unitVector(steps);
      const off = Math.abs(Math.atan2(down, right) - aimRad(steps)) % (2 * Math.PI);
      expect(Math.min(off, 2 * Math.PI - off)).toBeLessThan((2 * Math.PI) / 1024);
    }
  });
});
