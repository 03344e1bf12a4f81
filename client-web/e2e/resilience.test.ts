/** Whatever goes wrong between page and server: it is said, and the page is back by itself as soon as it can be. */

import { expect, test } from "vitest";

import { violations } from "./axe.ts";
import { GamePage } from "./browser.ts";
import { directoriesOfFile } from "./directories.ts";
import { startGarbageServer, type Answers } from "./garbage_server.ts";
import { until } from "./poll.ts";
import { startLastingServer, startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";
import { Wire } from "./wire.ts";

/** The compact frame of `message` with `MatchEnded`, because it crashed. */
const CRASHED = Uint8Array.of(2, 5, 0);

/** In this time a page plays on and another one comes, on a busy machine too. */
const DRAIN_S = 12;

const browser = browserOfFile();
const emptyDirectory = directoriesOfFile();

/** The number in what the notice says; the words in front of it are `before`. */
async function counted(page: GamePage, before: string): Promise<number> {
  const text = await page.notice(new RegExp(`${before} \\d+ s`));
  return Number(new RegExp(`${before} (\\d+) s`).exec(text)?.[1]);
}

/** Lets the page believe that its match has crashed. What is said while it goes from one transport to the other is lost. */
async function crash(page: GamePage, wire: Wire): Promise<void> {
  await until("the page has heard of the crash", async () => {
    wire.say(CRASHED);
    return (await page.state()).session === "ended" ? true : undefined;
  });
}

async function calm(page: GamePage): Promise<void> {
  await until("no notice is shown", async () => {
    const shown = await page.page.locator('.notice[data-form="banner"], dialog.notice[open]').count();
    return shown === 0 ? true : undefined;
  });
}

test("a cut connection counts down how long the place is held, and the same player is back when it is mended", async () => {
  const server = await startServer();
  const wire = await Wire.open(browser());
  const page = await GamePage.openIn(wire.context, server.url);
  const joined = await page.play("Cut");
  await wire.cut();
  const first = await counted(page, "held for");
  expect(first).toBeLessThanOrEqual(30);
  await until("the seconds go down", async () => ((await counted(page, "held for")) < first ? true : undefined));
  await page.screenshot("reconnecting");
  wire.mend();
  const back = await page.inMatch();
  expect([back.matchId, back.player]).toEqual([joined.matchId, joined.player]);
  await calm(page);
  expect(page.faults).toEqual([]);
});

test("a server that drains says for how long, is played on until then, and the page is back after it", async () => {
  const server = await startLastingServer(["--drain-s", String(DRAIN_S)]);
  const page = await GamePage.open(browser(), server.url);
  await page.play("Drained");
  const late = await GamePage.open(browser(), server.url);
  const stopped = server.stop();
  expect(await counted(page, "Closing in")).toBeLessThanOrEqual(DRAIN_S);
  const { tick } = await page.state();
  await until("the match goes on", async () => {
    const state = await page.state();
    return state.session === "playing" && (state.tick ?? 0) > (tick ?? 0) + 20 ? true : undefined;
  });
  await page.screenshot("draining");
  // Whoever comes now waits for the next server.
  await late.page.getByRole("button", { name: "Play", exact: true }).click();
  await late.notice(/shutting down/);
  await page.notice(/has shut down[\s\S]*Reconnecting/);
  expect(await stopped).toBe(0);
  await startServer(server.port);
  await page.inMatch();
  await late.inMatch();
  await calm(page);
  expect([...page.faults, ...late.faults]).toEqual([]);
});

test("a match that crashes says so, shows how it ended, and Play again leads into another", async () => {
  const server = await startServer(0, ["--record-dir", emptyDirectory()]);
  const wire = await Wire.open(browser());
  const page = await GamePage.openIn(wire.context, server.url);
  await page.play("Crashed");
  // So that there is something written of it that can be shown.
  await until("the match is some seconds old", async () => (((await page.state()).tick ?? 0) > 240 ? true : undefined));
  await crash(page, wire);
  await page.notice(/match has crashed/);
  await page.screenshot("crashed");
  const tab = await page.opensTab(() => page.page.getByRole("button", { name: "Watch how it ended" }).click());
  await until("the end is shown", async () => ((await tab.state()).replay?.waits === false ? true : undefined));
  expect(tab.page.url()).toMatch(/\?replay=\d+-match-1&t=/);
  await page.page.bringToFront();
  expect(await violations(page), "axe").toEqual([]);
  await page.page.getByRole("button", { name: "Play again" }).click();
  await page.inMatch();
  await calm(page);
  expect([...page.faults, ...tab.faults]).toEqual([]);
});

test("a match that crashes behind the open settings asks in front of them, keeps the keyboard, and Esc leads to the menu", async () => {
  const server = await startServer();
  const wire = await Wire.open(browser());
  const page = await GamePage.openIn(wire.context, server.url);
  await page.play("Crashed");
  await page.page.getByRole("button", { name: "Settings" }).click();
  await crash(page, wire);
  const crashed = page.page.getByRole("dialog", { name: "The match has crashed" });
  await crashed.waitFor();
  const focused = (): Promise<string> =>
    page.page.evaluate(() => (document.activeElement instanceof HTMLButtonElement ? document.activeElement.innerText : "none"));
  expect(await focused()).toBe("Play again");
  for (let step = 0; step < 4; step += 1) {
    await page.page.keyboard.press("Tab");
    expect(["Play again", "Menu", "none"]).toContain(await focused());
  }
  await page.page.keyboard.press("Escape");
  await crashed.waitFor({ state: "hidden" });
  expect((await page.state()).session).not.toBe("ended");
  await page.page.keyboard.press("Escape");
  await page.page.getByRole("dialog", { name: "Settings" }).waitFor({ state: "hidden" });
  await page.play("Whole");
  expect(page.faults).toEqual([]);
});

test("a game that turns into noise is said to be one, and goes on when it makes sense again", async () => {
  const server = await startServer();
  const wire = await Wire.open(browser());
  const page = await GamePage.openIn(wire.context, server.url);
  const joined = await page.play("Noise");
  wire.garbles = true;
  await page.notice(/cannot be understood/);
  await page.screenshot("garbled");
  wire.garbles = false;
  await calm(page);
  expect((await page.inMatch()).player).toBe(joined.player);
  expect(page.faults).toEqual([]);
});

test.each<Answers>(["bytes", "text", "frames"])(
  "a server that answers garbage (%s) leaves the menu there with a word, and is joined when it comes to its senses",
  async (answers) => {
    const server = await startServer();
    const garbage = await startGarbageServer(server.port, answers);
    try {
      const page = await GamePage.open(browser(), garbage.url);
      await page.notice(/No connection to the server/);
      expect(await page.page.getByRole("region", { name: "Menu" }).isVisible()).toBe(true);
      await page.page.getByRole("button", { name: "Play", exact: true }).click();
      expect(await page.notice(/Reconnecting/)).not.toMatch(/lost|held|given up/);
      garbage.answers = "truth";
      await page.inMatch();
      await calm(page);
      expect(page.faults).toEqual([]);
    } finally {
      await garbage.close();
    }
  },
);

test("whoever comes back to a tab is told for how long the player stood still", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url);
  await page.play("Away");
  const hidden = await page.look("hidden");
  await until("some seconds have passed", async () =>
    (await page.page.evaluate(() => performance.now())) > hidden + 5000 ? true : undefined,
  );
  await page.look("visible");
  await page.notice(/away for \d+ s/);
  await calm(page);
  expect((await page.state()).session).toBe("playing");
  expect(page.faults).toEqual([]);
});
