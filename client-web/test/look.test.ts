import { describe, expect, test } from "vitest";

import type { Team } from "../src/arena/protocol/team.ts";
import { PICKUP_KINDS } from "../src/arena/protocol/pickup.ts";
import { isSameLook, textUnits, USUAL_LOOK } from "../src/arena/render/look.ts";
import { PICKUP_SIGNS } from "../src/arena/render/pickup_signs.ts";
import { shapeOf, type Shape } from "../src/arena/render/shape.ts";
import { TEXT_SCALES } from "../src/arena/settings/settings.ts";
import { cornersAround } from "../src/arena/ui/minimap.ts";

const ENTITIES = Array.from({ length: 64 }, (_, entity) => entity);

function shape(entity: number, safeColors: boolean, team?: Team, { own = false, bot = false } = {}): Shape {
  return shapeOf({ entity, own, bot, team }, safeColors);
}

test("text of the picture grows with every choice, and what is no choice is held", () => {
  const sizes = TEXT_SCALES.map((textScale) => textUnits(12, { ...USUAL_LOOK, textScale }));
  expect(sizes).toEqual([12, 15, 18]);
  expect([-1, 0.2, 40, Infinity].map((textScale) => textUnits(10, { ...USUAL_LOOK, textScale }))).toEqual([10, 10, 20, 20]);
});

test("a look is another one as soon as one part of it is", () => {
  const { calm, safeColors, highContrast } = USUAL_LOOK;
  const others = [{ calm: !calm }, { safeColors: !safeColors }, { highContrast: !highContrast }, { textScale: 1.5 }];
  expect(others.map((part) => isSameLook({ ...USUAL_LOOK, ...part }, USUAL_LOOK))).toEqual([false, false, false, false]);
  expect(isSameLook({ ...USUAL_LOOK }, USUAL_LOOK)).toBe(true);
});

describe("shapes", () => {
  test("tell teams apart, with safe colours or without", () => {
    for (const safe of [false, true]) {
      const [blue, orange] = [shape(1, safe, "blue"), shape(1, safe, "orange")];
      expect(cornersAround(blue, 8)).toEqual([]);
      expect(cornersAround(orange, 8)).toHaveLength(8);
      expect(shape(7, safe, "blue", { own: true })).toBe(blue);
    }
  });

  test("of safe colours are as many as there are colours, and few objects", () => {
    const shapes = new Set(ENTITIES.map((entity) => shape(entity, true)));
    expect([...shapes].map(({ corners }) => corners).sort()).toEqual([3, 4, 5, 6, 7, 8]);
  });

  test("with corners cover as much as the circle that they stand for", () => {
    for (const cornered of new Set(ENTITIES.map((entity) => shape(entity, true)))) {
      expect(Math.abs(areaOf(cornersAround(cornered, 10)))).toBeCloseTo(Math.PI * 100, 6);
    }
  });
});

test("what lies on the floor has signs of its own, none of which is a shape of players", () => {
  const counts = PICKUP_KINDS.map((kind) => PICKUP_SIGNS[kind].length / 2);
  expect(counts).toEqual([12, 6, 6]);
  for (const sign of PICKUP_KINDS.map((kind) => PICKUP_SIGNS[kind])) {
    const reaches = sign.flatMap((x, index) => (index % 2 === 0 ? [Math.hypot(x, sign[index + 1] ?? 0)] : []));
    // Corners of a player's shape are all as far from its middle.
    expect(Math.max(...reaches) - Math.min(...reaches)).toBeGreaterThan(2);
    expect(Math.max(...sign.map(Math.abs))).toBeLessThanOrEqual(11);
  }
});

function areaOf(corners: readonly number[]): number {
  let area = 0;
  for (let index = 0; index < corners.length; index += 2) {
    const next = (index + 2) % corners.length;
    area += ((corners[index] ?? 0) * (corners[next + 1] ?? 0) - (corners[next] ?? 0) * (corners[index + 1] ?? 0)) / 2;
  }
  return area;
}
