import { expect, test } from "vitest";

import { FlashLimit } from "../src/arena/render/flash_limit.ts";

test("a player who is hit with every tick flashes less than three times in any second", () => {
  const limit = new FlashLimit();
  const flashes = Array.from({ length: 600 }, (_, tick) => (tick * 1000) / 60).filter((nowMs) => limit.admits(nowMs));
  expect(flashes.length).toBeGreaterThan(25);
  for (const start of flashes) {
    expect(flashes.filter((nowMs) => nowMs >= start && nowMs < start + 1000).length).toBeLessThanOrEqual(3);
  }
});
