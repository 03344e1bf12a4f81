import { defineConfig } from "vitest/config";

/** Tests against the real server, whose binary `TICKROOM_BIN` names. One after the other: they share two cores. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
