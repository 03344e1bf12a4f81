/** The player of PROTOCOL.md plays: it knows nothing of ours, so nobody else's client needs to. */

import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterEach, expect, test } from "vitest";

import { startServer, stopServers } from "./server.ts";

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "stock_client.mjs");

afterEach(stopServers);

test("a client written from the protocol page plays for four seconds and leaves", async () => {
  const server = await startServer();
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, server.url, "4"]);
  expect(stderr).toBe("");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { what: string; snapshots: number; keyframes: number; slackTicks?: number; people?: number });
  const end = lines.at(-1);
  expect(end?.what).toBe("left");
  // 80 of which one is whole where the machine is idle. A busy one leaves some out, and begins anew for who was silent for long.
  expect(end?.snapshots).toBeGreaterThan(10);
  expect(end?.keyframes).toBeGreaterThanOrEqual(1);
  expect(end?.keyframes).toBeLessThan((end?.snapshots ?? 0) / 4);
  expect(end?.slackTicks).toBeDefined();
  expect(end?.people).toBe(1);
});
