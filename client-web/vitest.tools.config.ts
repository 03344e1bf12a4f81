import { defineConfig } from "vitest/config";

/** What is run by hand against the real server in a real browser: it measures or makes pictures, and asserts nothing. */
export default defineConfig({
  test: {
    include: ["e2e/tools/*.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
});
