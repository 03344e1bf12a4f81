import { describe, expect, test } from "vitest";

import { BACKGROUND, colorOf, CONTRAST_EDGE, CONTRAST_FLOOR, CONTRAST_GRID, CONTRAST_WALL, cornersOf, pickupColors } from "../src/arena/render/palette.ts";

const ENTITIES = Array.from({ length: 64 }, (_, entity) => entity);

/** Of WCAG: 1 is the same, 21 is black on white. */
function contrast(a: number, b: number): number {
  const light = (color: number): number =>
    [16, 8, 0].reduce((sum, shift, index) => {
      const part = ((color >> shift) & 255) / 255;
      const linear = part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      return sum + linear * ([0.2126, 0.7152, 0.0722][index] ?? 0);
    }, 0);
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

describe.each([false, true])("colours (safe: %s)", (safe) => {
  test("stand out from the floor, and nobody has the own one", () => {
    const own = colorOf(0, true, safe);
    for (const entity of ENTITIES) {
      expect(contrast(colorOf(entity, false, safe), BACKGROUND)).toBeGreaterThan(4.5);
      expect(colorOf(entity, false, safe)).not.toBe(own);
    }
    expect(contrast(own, BACKGROUND)).toBeGreaterThan(4.5);
  });
});

test("each of the safe colours has one shape, and each shape one colour", () => {
  const pairs = new Set(ENTITIES.map((entity) => `${colorOf(entity, false, true)} ${cornersOf(entity)}`));
  const colors = new Set(ENTITIES.map((entity) => colorOf(entity, false, true)));
  const shapes = new Set(ENTITIES.map(cornersOf));
  expect([pairs.size, shapes.size]).toEqual([colors.size, colors.size]);
  expect(Math.min(...shapes)).toBe(3);
});

test("the safe colours of what lies on the floor are told apart by how light they are", () => {
  const { med, shield, overcharge } = pickupColors(true);
  for (const [a, b] of [[med, shield], [med, overcharge], [shield, overcharge]] as const) {
    expect(contrast(a, b)).toBeGreaterThan(1.5);
  }
  for (const color of [med, shield, overcharge]) {
    expect(contrast(color, BACKGROUND)).toBeGreaterThan(4.5);
  }
});

test("with high contrast whatever stops a shot or is one stands out from the floor, and the floor's own lines do not", () => {
  expect(contrast(CONTRAST_EDGE, CONTRAST_FLOOR)).toBeGreaterThan(15);
  expect(contrast(CONTRAST_EDGE, CONTRAST_WALL)).toBeGreaterThan(7);
  expect(contrast(CONTRAST_GRID, CONTRAST_FLOOR)).toBeLessThan(2);
  for (const entity of ENTITIES) {
    expect(contrast(colorOf(entity, false, false), CONTRAST_FLOOR)).toBeGreaterThan(4.5);
    expect(contrast(colorOf(entity, false, true), CONTRAST_FLOOR)).toBeGreaterThan(4.5);
  }
});
