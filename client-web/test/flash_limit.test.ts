import { expect, test } from "vitest";

import { VIEW_WIDTH } from "../src/arena/render/camera.ts";
import { FlashLimit, LARGE_UNITS, LightLimit } from "../src/arena/render/flash_limit.ts";

const TICKS_MS = Array.from({ length: 600 }, (_, tick) => (tick * 1000) / 60);

test("a player who is hit with every tick flashes less than three times in any second", () => {
  const limit = new FlashLimit();
  checkSeldom(TICKS_MS.filter((nowMs) => limit.admits(nowMs)));
});

test("large lights all over the picture flash less than three times in any second, and small ones as they come", () => {
  const limit = new LightLimit();
  const large: number[] = [];
  for (const [tick, nowMs] of TICKS_MS.entries()) {
    // Two of one moment, as at the end of a player, and now and then one of somebody else.
    const both = [70, 120].map((radius) => limit.admits(radius, nowMs));
    expect(both[0]).toBe(both[1]);
    if (both[0] === true) {
      large.push(nowMs);
    }
    expect(limit.admits(LARGE_UNITS - 1, nowMs)).toBe(true);
    if (tick % 7 === 0 && limit.admits(94, nowMs + 3)) {
      large.push(nowMs + 3);
    }
  }
  checkSeldom(large);
});

test("one that is not large is less than a quarter of 10° of the eye's field", () => {
  const ofReference = (341 * 256) / 4 * (VIEW_WIDTH / 1024) ** 2;
  const screenCm = 24 * 2.54 * (16 / Math.hypot(16, 9));
  const ofScreen = 0.006 * 60 ** 2 * (VIEW_WIDTH / screenCm) ** 2;
  expect(Math.PI * LARGE_UNITS ** 2).toBeLessThan(Math.min(ofReference, ofScreen));
});

/** Within ten seconds. */
function checkSeldom(flashesMs: readonly number[]): void {
  expect(flashesMs.length).toBeGreaterThan(25);
  for (const start of flashesMs) {
    expect(flashesMs.filter((nowMs) => nowMs >= start && nowMs < start + 1000).length).toBeLessThanOrEqual(3);
  }
}
