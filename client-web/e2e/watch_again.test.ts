import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

import type { Shown } from "../src/arena/replay/steering.ts";
import { violations } from "./axe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

/** A round of 5 s, and time to look at its results. */
const SHORT = ["--warm-up-s", "0", "--countdown-s", "1", "--live-s", "5", "--sudden-death-s", "0", "--results-s", "60", "--warm-match", "false"];

const browser = browserOfFile();
const directories: string[] = [];

afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

/** Flags of a server that records into a directory of its own. */
function recording(): string[] {
  const directory = mkdtempSync(join(tmpdir(), "tickroom-again-"));
  directories.push(directory);
  return [...SHORT, "--record-dir", directory];
}

/** The tick of the first frame in this phase. */
async function phase({ page }: GamePage, wished: string): Promise<number> {
  const tick = await page.waitForFunction((name) => {
    const { phase, tick } = window.__tickroom?.state() ?? {};
    return phase === name ? tick : undefined;
  }, wished);
  return (await tick.jsonValue()) ?? NaN;
}

/** How a recording stands in the first frame in which it is shown. */
async function begun({ page }: GamePage): Promise<Shown> {
  const shown = await page.waitForFunction(() => {
    const { replay, others = 0 } = window.__tickroom?.state() ?? {};
    return replay !== undefined && replay.endTick > 0 && !replay.waits && others > 0 ? replay : undefined;
  });
  const replay = await shown.jsonValue();
  if (replay === undefined) {
    throw new Error("what was waited for is there");
  }
  return replay;
}

/** Waits until the round is over and its recording is asked for in this way. */
async function watchAgain(page: GamePage, ask: () => Promise<void>): Promise<void> {
  const began = await phase(page, "live");
  const over = await phase(page, "results");
  await page.page.getByRole("button", { name: "Watch the round again" }).waitFor();
  await page.screenshot("watch_again");
  expect(await violations(page), "results").toEqual([]);
  await ask();
  const { tick, endTick } = await begun(page);
  expect(Math.abs(tick - began)).toBeLessThan(180);
  // Of what goes on all is there but the last second.
  expect(endTick).toBeGreaterThan(over - 90);
}

test("after a round its player watches it again, while the match goes on, and plays on afterwards", async () => {
  const server = await startServer(0, recording());
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.play("Ada");
  await watchAgain(page, () => page.page.getByRole("button", { name: "Watch the round again" }).click());
  expect(page.page.url()).toMatch(/replay=\d+-match-1/);
  await page.page.keyboard.press("Escape");
  await page.play("Ada");
  expect(page.page.url()).not.toContain("replay");
  expect(page.faults).toEqual([]);
});

test("in a private match too, by a key", async () => {
  const server = await startServer(0, recording());
  const host = await GamePage.open(browser(), server.url, undefined, LARGE);
  await host.page.getByLabel("Your name").fill("Ada");
  await host.page.getByRole("button", { name: "Private match" }).click();
  await host.inMatch();
  await watchAgain(host, () => host.page.keyboard.press("KeyV"));
  expect(host.page.url()).toMatch(/replay=\d+-private-1-[A-Z]{10}/);
  expect(host.faults).toEqual([]);
});

test.each([
  ["records nothing", SHORT],
  ["shows no recordings", () => [...recording(), "--replays-max", "0"]],
])("a server that %s offers nothing to be watched", async (_, flags) => {
  const server = await startServer(0, typeof flags === "function" ? flags() : flags);
  const page = await GamePage.open(browser(), server.url);
  await page.play("Ada");
  await phase(page, "results");
  await page.page.getByRole("heading", { name: /win|won|draw|Nobody|round/i }).waitFor();
  expect(await page.page.getByRole("button", { name: "Watch the round again" }).isVisible()).toBe(false);
  await page.page.keyboard.press("KeyV");
  expect((await page.state()).session).toBe("playing");
  expect(page.faults).toEqual([]);
});

/** What of the controls is too small for a finger, or lies under something else. */
function outOfReach({ page }: GamePage): Promise<string[]> {
  return page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>(".watch-bars :is(button, input, select), .leave, .tool")];
    const shown = all.filter((control) => control.checkVisibility());
    const faults = shown.filter((control) => {
      const { left, top, width, height } = control.getBoundingClientRect();
      const found = document.elementFromPoint(left + width / 2, top + height / 2);
      return width < 44 || height < 44 || found === null || !control.contains(found);
    });
    return shown.length < 9 ? [`only ${shown.length} are there`] : faults.map(({ outerHTML }) => outerHTML);
  });
}

test("on a phone the controls of a recording are in reach of a finger, whichever way it is held", async () => {
  const server = await startServer(0, recording());
  const page = await GamePage.openPhone(browser(), server.url);
  await page.play("Ada");
  await watchAgain(page, () => page.page.getByRole("button", { name: "Watch the round again" }).tap());
  for (const [way, viewport] of [["across", undefined], ["small", { width: 667, height: 375 }], ["upright", { width: 390, height: 760 }]] as const) {
    if (viewport !== undefined) {
      await page.page.setViewportSize(viewport);
    }
    expect(await outOfReach(page), way).toEqual([]);
    await page.screenshot(`watch_again_${way}`);
  }
  await page.page.getByRole("button", { name: "Pause" }).tap();
  await page.page.getByRole("button", { name: "Play", exact: true }).waitFor();
  expect(page.faults).toEqual([]);
});
