/**
 * `npm run measure`: what a frame costs with sixteen players who fight, on a processor that is four times as slow. The calls that
 * draw are counted and not carried out: a graphics card would do that meanwhile, and here there is none.
 */

import type { CDPSession } from "playwright-core";
import { test } from "vitest";

import { GamePage, LARGE } from "../browser.ts";
import { countFrameCosts, percentile, takeFrameCosts, type FrameCost } from "../frame_costs.ts";
import { until } from "../poll.ts";
import { startServer } from "../server.ts";
import { browserOfFile } from "../tabs.ts";

const THROTTLING = 4;
const SECONDS = 20;

const FULL = ["--players-max", "16", "--fill-to", "16", "--warm-up-s", "0", "--countdown-s", "0", "--live-s", "600", "--bot-level", "hard"];

const browser = browserOfFile();

/** To be run before the calls are counted. */
function drawNothing(): void {
  for (const name of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced", "drawRangeElements"]) {
    Object.defineProperty(WebGL2RenderingContext.prototype, name, { value: () => undefined, writable: true, configurable: true });
  }
}

test("frames with sixteen players", async () => {
  const server = await startServer(0, FULL);
  const context = await browser().newContext({ viewport: LARGE });
  await context.addInitScript(drawNothing);
  // What is measured is the whole picture, whatever this machine would be given.
  await context.addInitScript(() => localStorage.setItem("tickroom.settings", JSON.stringify({ quality: "high" })));
  const page = await GamePage.openIn(context, `${server.url}/?renderer=webgl`, countFrameCosts);
  await page.play("Measured");
  await page.page.mouse.move(900, 300);
  await page.page.mouse.down();
  await until("all are seen", async () => ((await page.state()).others === 15 ? true : undefined));
  const cdp = await context.newCDPSession(page.page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  await takeFrameCosts(page);
  const before = await scriptS(cdp);
  await page.page.waitForTimeout(SECONDS * 1000);
  const frames = (await takeFrameCosts(page)).length;
  const meanMs = (((await scriptS(cdp)) - before) * 1000) / frames;
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: THROTTLING });
  await takeFrameCosts(page);
  await page.page.waitForTimeout(SECONDS * 1000);
  report(await takeFrameCosts(page), meanMs);
});

/** Seconds of processor time that scripts have taken, which other programs on this machine do not lengthen. */
async function scriptS(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "ScriptDuration")?.value ?? NaN;
}

function report(frames: readonly FrameCost[], meanMs: number): void {
  const row = (name: string, values: readonly number[]): string =>
    `${name.padEnd(24)} ${[0.5, 0.95, 0.99, 1].map((share) => percentile(values, share).toFixed(1).padStart(8)).join("")}`;
  console.log(
    [
      `${frames.length} frames in ${SECONDS} s, processor slowed down ${THROTTLING} times`,
      `${"".padEnd(24)}      p50     p95     p99     max`,
      row("own script, ms", frames.map((frame) => frame.scriptMs)),
      row("calls that draw", frames.map((frame) => frame.draws)),
      `all scripts, not slowed down: ${meanMs.toFixed(2)} ms of processor time a frame in the mean`,
    ].join("\n"),
  );
}
