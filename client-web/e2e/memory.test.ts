/** What a long session holds on to: after the garbage is collected there must be no more of it than before. */

import type { CDPSession } from "playwright-core";
import { expect, test } from "vitest";

import { GamePage } from "./browser.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

/** A round of five seconds, so that many of them, and all maps, are played. */
const SHORT_ROUNDS = ["--warm-up-s", "0", "--countdown-s", "1", "--live-s", "2", "--sudden-death-s", "1", "--results-s", "1"];

/** Rounds before the first count, in which caches and pools fill, and between two counts. */
const ROUNDS_BEFORE = 4;
const ROUNDS_BETWEEN = 3;

/** Counts after the first. A longer session: `TICKROOM_MEMORY_COUNTS=60`. */
const COUNTS = Number(process.env["TICKROOM_MEMORY_COUNTS"] ?? 3);

/** The least of so many last counts counts: what is about to be forgotten is no leak, and what leaks is in all of them. */
const LAST = 3;

/** What they may be above the first: players who come and go have a few elements each. */
const NODES_MORE_MAX = 150;
const LISTENERS_MORE_MAX = 10;
const HEAP_MORE_BYTES_MAX = 3_000_000;

interface Held {
  readonly nodes: number;
  readonly listeners: number;
  readonly heapBytes: number;
}

const browser = browserOfFile();

/** Counts what is left when all garbage is gone. */
async function held(session: CDPSession): Promise<Held> {
  for (let time = 0; time < 3; time += 1) {
    await session.send("HeapProfiler.collectGarbage");
  }
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
  return { nodes: value("Nodes"), listeners: value("JSEventListeners"), heapBytes: value("JSHeapUsedSize") };
}

/** Plays on until so many more rounds have begun. */
async function playRounds(page: GamePage, rounds: number): Promise<void> {
  const { round: first = 0 } = await page.state();
  await until(`${rounds} rounds`, async () => (((await page.state()).round ?? 0) >= first + rounds ? true : undefined), 120_000);
}

/** Everything that makes and forgets something: the panel, its source, the settings, another look, leaving and joining. */
async function useAll(page: GamePage, name: string): Promise<void> {
  const { page: tab } = page;
  await tab.keyboard.press("KeyN");
  for (const summary of await tab.locator(".net-row summary").all()) {
    await summary.click();
    await summary.click();
  }
  await tab.keyboard.press("KeyN");
  for (const [isHigh, textScale] of [[true, "1.5"], [false, "1"]] as const) {
    await tab.getByRole("button", { name: "Settings" }).click();
    await tab.getByLabel("High contrast").setChecked(isHigh);
    await tab.getByLabel("Size of text").selectOption(textScale);
    await tab.getByRole("button", { name: "Done" }).click();
    await tab.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  }
  await tab.keyboard.press("Escape");
  await page.play(name);
}

test("a session of many rounds and matches holds on to no nodes, listeners or memory", { timeout: 900_000 }, async () => {
  const server = await startServer(0, SHORT_ROUNDS);
  const page = await GamePage.open(browser(), server.url);
  const session = await page.page.context().newCDPSession(page.page);
  await session.send("Performance.enable");
  await page.play("Long");
  await page.page.keyboard.down("KeyD");
  await page.page.mouse.down();
  await playRounds(page, ROUNDS_BEFORE);
  await useAll(page, "Longer");
  const first = await held(session);
  const counts: Held[] = [];
  for (let count = 0; count < COUNTS; count += 1) {
    await useAll(page, `Longer ${count}`);
    await playRounds(page, ROUNDS_BETWEEN);
    counts.push(await held(session));
  }
  console.log(JSON.stringify([first, ...counts]));
  const more = (of: (held: Held) => number): number => Math.min(...counts.slice(-LAST).map(of)) - of(first);
  expect(more(({ nodes }) => nodes)).toBeLessThan(NODES_MORE_MAX);
  expect(more(({ listeners }) => listeners)).toBeLessThan(LISTENERS_MORE_MAX);
  expect(more(({ heapBytes }) => heapBytes)).toBeLessThan(HEAP_MORE_BYTES_MAX);
  expect(page.faults).toEqual([]);
});
