/**
 * `npm run measure`: what a frame costs with sixteen players who fight, on a processor that is four times as slow. The calls that
 * draw are counted and not carried out: a graphics card would do that meanwhile, and here there is none. Processor time is what
 * counts; the time on the clock is told beside it, which grows with all that runs on the machine, the browser's own drawing of
 * the page among it.
 */

import type { CDPSession } from "playwright-core";
import { test } from "vitest";

import { GamePage } from "../browser.ts";
import { countFrameCosts, percentile, takeFrameCosts, type FrameCost } from "../frame_costs.ts";
import { until } from "../poll.ts";
import { startServer } from "../server.ts";
import { browserOfFile } from "../tabs.ts";
import { markDrawing, traceFrames, type FrameTime } from "./frame_trace.ts";

const THROTTLING = 4;
const SECONDS = 20;

/** Small, because here software puts the pixels of the page together, on the same processor; scripts do the same for each size. */
const VIEWPORT = { width: 640, height: 360 };

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
  const context = await browser().newContext({ viewport: VIEWPORT });
  await context.addInitScript(drawNothing);
  await context.addInitScript(markDrawing);
  // What is measured is the whole picture, whatever this machine would be given.
  await context.addInitScript(() => localStorage.setItem("tickroom.settings", JSON.stringify({ quality: "high" })));
  const page = await GamePage.openIn(context, `${server.url}/?renderer=webgl`, countFrameCosts);
  await page.play("Measured");
  await page.page.mouse.move(450, 150);
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
  const times = await traceFrames(browser(), page.page, SECONDS);
  report(times, await takeFrameCosts(page), meanMs);
});

/** Seconds of processor time that scripts have taken, which other programs on this machine do not lengthen. */
async function scriptS(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "ScriptDuration")?.value ?? NaN;
}

function report(times: readonly FrameTime[], frames: readonly FrameCost[], meanMs: number): void {
  const row = (name: string, values: readonly number[]): string =>
    `${name.padEnd(24)} ${[0.5, 0.95, 0.99, 1].map((share) => percentile(values, share).toFixed(1).padStart(8)).join("")}`;
  console.log(
    [
      `${frames.length} frames in ${SECONDS} s, processor slowed down ${THROTTLING} times`,
      `${"".padEnd(24)}      p50     p95     p99     max`,
      row("own script, ms", times.map((time) => time.scriptMs - time.libraryMs)),
      row("drawing library, ms", times.map((time) => time.libraryMs)),
      row("both, ms", times.map((time) => time.scriptMs)),
      row("both by the clock, ms", frames.map((frame) => frame.scriptMs)),
      row("calls that draw", frames.map((frame) => frame.draws)),
      `all scripts, not slowed down: ${meanMs.toFixed(2)} ms of processor time a frame in the mean`,
    ].join("\n"),
  );
}
