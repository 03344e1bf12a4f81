import { expect, test } from "vitest";

import { GamePage } from "./browser.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const browser = browserOfFile();

/** Quickly drawn in software. */
const SMALL = { width: 320, height: 180 };

/** The browser's time of each frame is `__frameMs` after the one before, and the next one begins at once. */
function madeUpFrames(): void {
  const page = window as unknown as { __frameMs: number };
  page.__frameMs = 10;
  let atMs = 0;
  window.requestAnimationFrame = (callback) =>
    window.setTimeout(() => {
      atMs += page.__frameMs;
      callback(atMs);
    });
}

test("slow frames make the picture simpler, and a choice holds whatever the frames say", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url, madeUpFrames, SMALL);
  const frames = (ms: number): Promise<void> =>
    page.page.evaluate((value) => void Object.assign(window, { __frameMs: value }), ms);
  const becomes = (level: string): Promise<true> =>
    until(`the quality is ${level}`, async () => ((await page.state()).quality === level ? true : undefined));
  const pixels = (): Promise<number> => page.page.evaluate(() => document.querySelector<HTMLCanvasElement>("#stage canvas")?.width ?? 0);

  await page.play("Steady");
  await becomes("high");
  const sharp = await pixels();
  await frames(50);
  await becomes("low");
  await until("there are fewer pixels", async () => ((await pixels()) < sharp ? true : undefined));
  await page.screenshot("quality_low");
  await page.page.keyboard.press("KeyO");
  await page.page.getByLabel("Quality").selectOption("high");
  await becomes("high");
  await until("all pixels are back", async () => ((await pixels()) === sharp ? true : undefined));
  await page.page.getByLabel("Quality").selectOption("auto");
  await becomes("low");
  expect(page.faults).toEqual([]);
});
