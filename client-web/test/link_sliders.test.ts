import { expect, test } from "vitest";

import { DIRECT, PRESETS } from "../src/tickroom/net/conditions.ts";
import { SLIDERS } from "../src/arena/ui/link_sliders.ts";

test("each slider gives back what it was set to, and nothing at 0", () => {
  for (const { label, max, of, set } of SLIDERS) {
    expect(of(DIRECT), label).toBe(0);
    for (const value of [0, 1, 7, max]) {
      expect(of(set(DIRECT, value)), `${label} ${value}`).toBe(value);
    }
    expect(of(set(set(DIRECT, 7), 0)), label).toBe(0);
  }
});

test("a slider changes nothing that another is for", () => {
  const before = PRESETS["train"] ?? DIRECT;
  for (const slider of SLIDERS) {
    const after = slider.set(before, 5);
    for (const other of SLIDERS.filter((each) => each !== slider)) {
      expect(other.of(after), `${slider.label} and ${other.label}`).toBe(other.of(before));
    }
  }
});

test("presets lie within the sliders", () => {
  for (const [name, conditions] of Object.entries(PRESETS)) {
    for (const { label, max, of } of SLIDERS) {
      expect(of(conditions), `${label} of ${name}`).toBeLessThanOrEqual(max);
    }
  }
});
