import { defineConfig } from "vitest/config";

/**
 * Tests against the real server, whose binary `TICKROOM_BIN` names. Two files at once: much of their time they wait for a round to
 * end or a connection to break, and what they assert holds on a busy machine too.
 */
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    environment: "node",
    fileParallelism: true,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
