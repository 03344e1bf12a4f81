import { expect, test } from "vitest";

import type { Shown } from "../src/arena/replay/steering.ts";
import { violations } from "./axe.ts";
import { GamePage, LARGE, type InMatch } from "./browser.ts";
import { directoriesOfFile } from "./directories.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";
import { Wire } from "./wire.ts";

/** A round of 5 s, and time to look at its results. */
const SHORT = ["--warm-up-s", "0", "--countdown-s", "1", "--live-s", "5", "--sudden-death-s", "0", "--results-s", "60", "--warm-match", "false"];

const browser = browserOfFile();
const emptyDirectory = directoriesOfFile();

/** Flags of a server that records into a directory of its own. */
function recording(): string[] {
  return [...SHORT, "--record-dir", emptyDirectory()];
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

/** Waits until the round is over and its recording is asked for in this way; gives the tab that shows it. */
async function watchAgain(page: GamePage, ask: () => Promise<void>): Promise<GamePage> {
  const began = await phase(page, "live");
  const over = await phase(page, "results");
  await page.page.getByRole("link", { name: "Watch the round again" }).waitFor();
  await page.screenshot("watch_again");
  expect(await violations(page), "results").toEqual([]);
  const tab = await page.opensTab(ask);
  const { tick, endTick } = await begun(tab);
  expect(Math.abs(tick - began)).toBeLessThan(180);
  // Of what goes on all is there but the last second.
  expect(endTick).toBeGreaterThan(over - 90);
  expect(tab.page.url()).toMatch(/\?replay=\d+-match-1&t=/);
  return tab;
}

/** Waits until this player, who was in the match before, has walked there. */
async function playsOn(page: GamePage, before: InMatch, keys = ["KeyD", "KeyS"]): Promise<void> {
  await page.page.bringToFront();
  for (const key of keys) {
    await page.page.keyboard.down(key);
  }
  const now = await until("the player walks", async () => {
    const state = await page.inMatch();
    return Math.hypot(state.own.x - before.own.x, state.own.y - before.own.y) > 8 ? state : undefined;
  });
  for (const key of keys) {
    await page.page.keyboard.up(key);
  }
  expect([now.matchId, now.player]).toEqual([before.matchId, before.player]);
}

test("after a round its player watches it again in another tab, and plays on in the first", async () => {
  const server = await startServer(0, recording());
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.play("Ada");
  const tab = await watchAgain(page, () => page.page.getByRole("link", { name: "Watch the round again" }).click());
  await playsOn(page, await page.inMatch());
  // Nothing that becomes of the one tab is any business of the other.
  await tab.page.bringToFront();
  await tab.page.reload();
  await begun(tab);
  await tab.page.close();
  // Back, as there may be a corner.
  await playsOn(page, await page.inMatch(), ["KeyA", "KeyW"]);
  expect([...page.faults, ...tab.faults]).toEqual([]);
});

test("by a key too; a recording that is refused is told in its own tab alone", async () => {
  const server = await startServer(0, [...recording(), "--replays-max", "1"]);
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.play("Ada");
  const shown = await watchAgain(page, () => page.page.keyboard.press("KeyV"));
  const before = await page.inMatch();
  await page.page.bringToFront();
  const refused = await page.opensTab(() => page.page.keyboard.press("KeyV"));
  await refused.page.getByText(/As many recordings are being watched/).waitFor();
  await playsOn(page, before);
  // What is loaded anew gives its place back before.
  await shown.page.bringToFront();
  await shown.page.reload();
  await begun(shown);
  expect([...page.faults, ...shown.faults, ...refused.faults]).toEqual([]);
});

test("a connection that breaks takes nothing from what was seen of the round", async () => {
  const server = await startServer(0, recording());
  const wire = await Wire.open(browser());
  const page = await GamePage.openIn(wire.context, server.url);
  await page.play("Ada");
  await phase(page, "live");
  await wire.cut();
  await page.notice(/Connection lost/);
  wire.mend();
  await phase(page, "results");
  await page.page.getByRole("link", { name: "Watch the round again" }).waitFor();
  expect(page.faults).toEqual([]);
});

test("a private match is not shown while it goes on", async () => {
  const server = await startServer(0, recording());
  const host = await GamePage.open(browser(), server.url, undefined, LARGE);
  await host.page.getByLabel("Your name").fill("Ada");
  await host.page.getByRole("button", { name: "Private match" }).click();
  await host.inMatch();
  await offersNothing(host);
});

/** Waits for the results; there is no way from them to a recording. */
async function offersNothing(page: GamePage): Promise<void> {
  await phase(page, "results");
  await page.page.getByRole("heading", { name: /win|won|draw|Nobody|round/i }).waitFor();
  expect(await page.page.getByRole("link", { name: "Watch" }).isVisible()).toBe(false);
  await page.page.keyboard.press("KeyV");
  expect((await page.state()).session).toBe("playing");
  expect(page.page.context().pages()).toHaveLength(1);
  expect(page.faults).toEqual([]);
}

test.each([
  ["records nothing", SHORT],
  ["shows no recordings", () => [...recording(), "--replays-max", "0"]],
])("a server that %s offers nothing to be watched", async (_, flags) => {
  const server = await startServer(0, typeof flags === "function" ? flags() : flags);
  const page = await GamePage.open(browser(), server.url);
  await page.play("Ada");
  await offersNothing(page);
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
  const tab = await watchAgain(page, () => page.page.getByRole("link", { name: "Watch the round again" }).tap());
  // Before it is over.
  await tab.page.getByRole("button", { name: "Pause" }).tap();
  await tab.page.getByRole("button", { name: "Play", exact: true }).waitFor();
  for (const [way, viewport] of [["across", undefined], ["small", { width: 667, height: 375 }], ["upright", { width: 390, height: 760 }]] as const) {
    if (viewport !== undefined) {
      await tab.page.setViewportSize(viewport);
    }
    await expect.poll(() => outOfReach(tab), { message: way }).toEqual([]);
    await tab.screenshot(`watch_again_${way}`);
  }
  expect([...page.faults, ...tab.faults]).toEqual([]);
});
