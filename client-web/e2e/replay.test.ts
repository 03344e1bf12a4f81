import { readdirSync } from "node:fs";
import { expect, test } from "vitest";

import type { ProbeState } from "../src/arena/debug/probe.ts";
import { violations } from "./axe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { directoriesOfFile } from "./directories.ts";
import { until } from "./poll.ts";
import { startServer, type Server } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

/** Rounds of 5 s. */
const SHORT = ["--warm-up-s", "1", "--countdown-s", "1", "--live-s", "5", "--results-s", "1", "--warm-match", "false"];

const browser = browserOfFile();
const emptyDirectory = directoriesOfFile();

/** A server with the recording of a match that Ada played for some seconds. */
async function recorded(ticks: number, flags: string[] = []): Promise<{ readonly server: Server; readonly name: string }> {
  const directory = emptyDirectory();
  const before = await startServer(0, [...SHORT, "--record-dir", directory]);
  const host = await GamePage.open(browser(), `${before.url}/?bot=1`);
  await until("Ada has played", async () => ((await host.state()).tick ?? 0) > ticks || undefined);
  expect(host.faults).toEqual([]);
  await host.page.context().close();
  // A server that ends writes down what was played.
  await before.stop();
  const name = readdirSync(directory).find((file) => file.endsWith(".replay")) ?? "";
  const server = await startServer(0, [...SHORT, "--record-dir", directory, ...flags]);
  return { server, name: name.replace(/\.replay$/, "") };
}

type Replayed = ProbeState & { readonly replay: NonNullable<ProbeState["replay"]> };

/** Waits until the page shows a recording as wished. */
function replaying(page: GamePage, what: string, wished: (state: Replayed) => boolean = () => true): Promise<Replayed> {
  return until(`the page shows a recording: ${what}`, async () => {
    const { replay, ...state } = await page.state();
    const found = replay === undefined ? undefined : { ...state, replay };
    // Before its first frame it is at no tick.
    const isDrawn = found !== undefined && !found.replay.waits && found.others > 0 && found.replay.tick > 0;
    return isDrawn && wished(found) ? found : undefined;
  });
}

/** Stops it, unless it stands already because it is over. */
async function pause(page: GamePage): Promise<void> {
  if (!(await replaying(page, "some moment")).replay.stands) {
    await page.page.keyboard.press("Space");
  }
  await replaying(page, "a still picture", ({ replay }) => replay.stands);
}

/** What is drawn of everybody, to be compared. */
function places({ seen }: ProbeState): string[] {
  return seen.map(({ entity, name, x, y, alive }) => `${entity} ${name} ${x.toFixed(2)} ${y.toFixed(2)} ${String(alive)}`).sort();
}

test("a link opens a recording at its moment; it is paused, scrubbed, and sped up by keys, buttons and slider", async () => {
  const { server, name } = await recorded(420);
  const page = await GamePage.open(browser(), `${server.url}/?replay=${name}&t=2`, undefined, LARGE);
  const bar = page.page.getByRole("group", { name: "Recording" });
  const slider = page.page.getByRole("slider", { name: "Moment of the recording" });
  const first = await replaying(page, "from the second second on");
  expect(first.replay.tick).toBeGreaterThanOrEqual(115);
  expect(first.replay.endTick).toBeGreaterThan(400);
  await replaying(page, "and goes on", ({ replay }) => replay.tick > first.replay.tick + 30);

  await page.page.keyboard.press("Space");
  await bar.getByRole("button", { name: "Play" }).waitFor();
  await slider.fill("3");
  const third = await replaying(page, "the third second", ({ replay }) => replay.tick === 180);
  expect(await slider.getAttribute("aria-valuetext")).toMatch(/^3 seconds of \d+ seconds$/);
  await page.page.keyboard.press("ArrowRight");
  const end = await replaying(page, "five seconds later, or the end", ({ replay }) => replay.tick > 400);
  expect(places(end)).not.toEqual(places(third));
  await page.page.keyboard.press("Home");
  await until("it is at the beginning", async () => ((await page.state()).replay?.tick === 0 ? true : undefined));
  await slider.fill("3");
  expect(places(await replaying(page, "the third second again", ({ replay }) => replay.tick === 180))).toEqual(places(third));

  await page.screenshot("replay");
  expect(await violations(page), "recording").toEqual([]);
  await page.page.getByLabel("Speed").selectOption({ label: "¼×" });
  await bar.getByRole("button", { name: "Play" }).click();
  await replaying(page, "slowly", ({ replay }) => replay.quarters === 1 && !replay.stands && replay.tick > 190);
  await page.page.keyboard.press("ArrowUp");
  await page.page.keyboard.press("ArrowUp");
  await page.page.keyboard.press("ArrowUp");
  await page.page.keyboard.press("ArrowUp");
  await replaying(page, "fast", ({ replay }) => replay.quarters === 16);
  const last = await replaying(page, "its end", ({ replay }) => replay.stands && replay.tick === replay.endTick);
  // Slowly, so that it is not over again before anybody looks.
  for (let step = 0; step < 4; step += 1) {
    await page.page.keyboard.press("ArrowDown");
  }
  await page.page.keyboard.press("Space");
  await replaying(page, "from its beginning", ({ replay }) => !replay.stands && replay.quarters === 1 && replay.tick < last.replay.endTick - 60);

  await page.page.keyboard.press("Escape");
  await page.page.getByRole("button", { name: "Play", exact: true }).waitFor();
  // With its next frame.
  await expect.poll(() => page.page.url()).not.toContain("replay");
  expect(page.faults).toEqual([]);
});

test("a recording is chosen from the menu, its camera follows and is free, and a copied link leads to its moment", async () => {
  const { server, name } = await recorded(300);
  const context = await browser().newContext({ viewport: LARGE, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await GamePage.openIn(context, server.url);
  await page.page.getByText("Recorded matches").click();
  await page.page.getByRole("button", { name: /Watch the recording Free for all/ }).click();
  await replaying(page, "with everybody", ({ others }) => others >= 8);
  await pause(page);
  await expect.poll(() => page.page.url()).toContain(`replay=${name}`);
  const watched = page.page.getByRole("toolbar", { name: "Watching" });
  expect(await watched.getByRole("button", { name: "Join" }).isVisible()).toBe(false);
  const { watch } = await replaying(page, "the person", (state) => state.watch?.followed !== undefined);
  await page.page.keyboard.press("KeyE");
  await replaying(page, "the next player", (state) => state.watch?.followed !== watch?.followed);
  // After the mouse the keys are for the recording again, whatever it has pressed.
  await watched.getByRole("button", { name: "Free camera" }).click();
  await page.page.keyboard.press("Home");
  await page.page.keyboard.press("Space");
  await replaying(page, "that goes on, with a free camera", (state) => !state.replay.stands && state.watch?.isFree === true);
  const speed = page.page.getByLabel("Speed");
  await speed.click();
  await speed.selectOption({ label: "½×" });
  await page.page.keyboard.press("Space");
  await replaying(page, "a still picture", ({ replay }) => replay.stands && replay.quarters === 2);
  await page.page.getByRole("slider").fill("2.5");
  const shown = await replaying(page, "a moment", (state) => state.replay.tick === 150 && state.watch?.isFree === true);

  await page.page.getByRole("button", { name: "Copy link" }).click();
  await page.page.getByRole("button", { name: "Copied" }).waitFor();
  const link = await page.page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(`${server.url}/?replay=${name}&t=2.5`);
  const guest = await GamePage.open(browser(), link);
  const begun = await replaying(guest, "the moment of the link");
  expect(begun.replay.tick).toBeGreaterThanOrEqual(150 - 9);
  await pause(guest);
  await guest.page.getByRole("slider").fill("2.5");
  const seen = await replaying(guest, "the same moment", ({ replay }) => replay.stands && replay.tick === 150);
  expect(places(seen)).toEqual(places(shown));
  expect([...page.faults, ...guest.faults]).toEqual([]);
});

test.each([
  ["no-such-match", /recording is not there/],
  ["..%2Fsecret", /names no recording/],
  ["", /names no recording/],
])("a link to the recording '%s' says what is wrong, and Play works", async (link, words) => {
  const server = await startServer(0, ["--record-dir", emptyDirectory()]);
  const page = await GamePage.open(browser(), `${server.url}/?replay=${link}&t=1`);
  await expect.poll(() => page.page.getByRole("alert").innerText()).toMatch(words);
  await page.play("Ada");
  expect(page.faults).toEqual([]);
});

test("as many as may watch: the others are told, and a server without recordings says so", async () => {
  const { server, name } = await recorded(60, ["--replays-max", "1"]);
  const first = await GamePage.open(browser(), `${server.url}/?replay=${name}`);
  await replaying(first, "the first viewer");
  const late = await GamePage.open(browser(), `${server.url}/?replay=${name}`);
  await expect.poll(() => late.page.getByRole("alert").innerText()).toMatch(/As many recordings/);
  const without = await startServer();
  const page = await GamePage.open(browser(), `${without.url}/?replay=${name}`);
  await expect.poll(() => page.page.getByRole("alert").innerText()).toMatch(/shows no recordings/);
  expect(await page.page.getByText("Recorded matches").isVisible()).toBe(false);
  expect([...first.faults, ...late.faults, ...page.faults]).toEqual([]);
});
