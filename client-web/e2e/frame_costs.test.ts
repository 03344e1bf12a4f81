import { expect, test } from "vitest";

import { GamePage } from "./browser.ts";
import { countFrameCosts, takeFrameCosts, type FrameCost } from "./frame_costs.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

/** Each one is work for the processor before the graphics card has any. */
const DRAWS_MAX = 60;

const FRAMES = 150;

/** Rounds are short: when one begins all players appear at once, each with a ring and a shield. */
const FULL = [
  ...["--players-max", "16", "--fill-to", "16", "--bot-level", "hard", "--warm-up-s", "1", "--countdown-s", "0"],
  ...["--live-s", "4", "--sudden-death-s", "1", "--results-s", "1"],
];

const browser = browserOfFile();

test("sixteen players who fight take at most sixty calls that draw, in every frame", async () => {
  const server = await startServer(0, FULL);
  const page = await GamePage.open(browser(), `${server.url}/?renderer=webgl`, countFrameCosts, { width: 320, height: 180 });
  const { round } = await page.play("Sixteenth");
  await page.page.mouse.move(250, 60);
  await page.page.mouse.down();
  await until("all are seen", async () => ((await page.state()).others === 15 ? true : undefined));
  await takeFrameCosts(page);
  const frames: FrameCost[] = [];
  await until("frames of more than one round are drawn", async () => {
    frames.push(...(await takeFrameCosts(page)));
    return frames.length >= FRAMES && (await page.state()).round !== round ? true : undefined;
  }, 90_000);
  const draws = frames.map((frame) => frame.draws);
  expect((await page.state()).renderer).toBe("webgl");
  expect(Math.min(...draws)).toBeGreaterThan(0);
  expect(Math.max(...draws)).toBeLessThanOrEqual(DRAWS_MAX);
  expect(page.faults).toEqual([]);
});
