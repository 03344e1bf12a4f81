import { defineConfig } from "vitest/config";

/** What judges frames has the machine for itself, as a player has. */
const ALONE = ["latency", "quality", "frame_costs"].map((name) => `e2e/${name}.test.ts`);

/**
 * Tests against the real server, whose binary `TICKROOM_BIN` names. Two files at once: much of their time they wait for a round to
 * end or a connection to break, and what they assert holds on a busy machine too. Then those that judge frames, one after the other.
 */
export default defineConfig({
  test: {
    environment: "node",
    // Only there to fail at the end.
    expect: { poll: { timeout: 90_000 } },
    testTimeout: 240_000,
    hookTimeout: 240_000,
    projects: [
      {
        extends: true,
        test: { name: "together", include: ["e2e/**/*.test.ts"], exclude: ALONE, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      { extends: true, test: { name: "alone", include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
