import { expect, test } from "vitest";

import type { ProbeState } from "../src/arena/debug/probe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { figureOf } from "./metrics.ts";
import { until } from "./poll.ts";
import { startServer, type Server } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const browser = browserOfFile();

type Watched = ProbeState & { readonly watch: NonNullable<ProbeState["watch"]> };

/** Waits until the page watches and what it shows is as wished. */
function watching(page: GamePage, what: string, wished: (state: Watched) => boolean = () => true): Promise<Watched> {
  return until(`the page watches: ${what}`, async () => {
    const { watch, ...state } = await page.state();
    const found = watch === undefined ? undefined : { ...state, watch };
    return found !== undefined && state.session === "watching" && wished(found) ? found : undefined;
  });
}

function figureBecomes(server: Server, name: string, value: number): Promise<true> {
  return until(`${name} is ${value}`, async () => ((await figureOf(server, name)) === value ? true : undefined));
}

test("a link shows a match: the camera follows by keys and buttons, is free, and leads into the match", async () => {
  const server = await startServer();
  const host = await GamePage.open(browser(), server.url);
  const hosting = await host.play("Host");
  const guest = await GamePage.open(browser(), `${server.url}/?spectate=${hosting.matchId}`, undefined, LARGE);
  const bar = guest.page.getByRole("toolbar", { name: "Watching" });
  await watching(guest, "the person and not a bot", ({ watch }) => watch.followed === hosting.entity);
  await expect.poll(() => bar.innerText()).toContain("Host");
  expect(await figureOf(server, "tickroom_people")).toBe(1);
  await watching(guest, "the HUD of whom it follows", ({ others }) => others >= 8);
  await expect.poll(() => guest.page.getByLabel("Match", { exact: true }).innerText()).toMatch(/of 8/);
  await guest.screenshot("watch");

  await guest.page.keyboard.press("KeyE");
  await watching(guest, "the next player", ({ watch }) => watch.followed !== undefined && watch.followed !== hosting.entity);
  await bar.getByRole("button", { name: "Previous player" }).click();
  const before = await watching(guest, "the one before", ({ watch }) => watch.followed === hosting.entity);

  await guest.page.keyboard.down("KeyD");
  await watching(guest, "a free camera at the right edge", ({ watch: { isFree, at } }) => isFree && (at?.x ?? 0) > 1500);
  await guest.page.keyboard.up("KeyD");
  await guest.page.keyboard.press("KeyF");
  await watching(guest, "whom it followed before", ({ watch }) => watch.followed === hosting.entity);
  expect(before.matchId).toBe(hosting.matchId);

  await bar.getByRole("button", { name: "Join" }).click();
  const joined = await guest.inMatch();
  expect(joined.matchId).toBe(hosting.matchId);
  await figureBecomes(server, "tickroom_viewers", 0);
  expect(await bar.isVisible()).toBe(false);

  await expect.poll(() => guest.page.url()).not.toContain("spectate");
  await guest.page.reload();
  expect((await guest.inMatch()).entity).toBe(joined.entity);
  expect([...host.faults, ...guest.faults]).toEqual([]);
});

test("a match of the list can be watched, and left for the menu", async () => {
  const server = await startServer();
  const host = await GamePage.open(browser(), server.url);
  const { matchId, entity } = await host.play("Host");
  const guest = await GamePage.open(browser(), server.url);
  await guest.page.getByRole("button", { name: `Watch match ${matchId}` }).click();
  await watching(guest, "the host", ({ watch }) => watch.manner === "viewer" && watch.followed === entity);
  await guest.page.keyboard.press("Escape");
  await guest.page.getByRole("button", { name: "Play", exact: true }).waitFor();
  await watching(guest, "the same match behind the menu", ({ watch }) => watch.manner === "menu");
  expect([...host.faults, ...guest.faults]).toEqual([]);
});

test("whoever wants to join what is watched, and has no name, is asked for one", async () => {
  const server = await startServer();
  const host = await GamePage.open(browser(), server.url);
  const { matchId } = await host.play("Host");
  const guest = await GamePage.open(browser(), server.url);
  const name = guest.page.getByLabel("Your name");
  await name.fill("");
  await guest.page.getByRole("button", { name: `Watch match ${matchId}` }).click();
  await guest.page.getByRole("toolbar", { name: "Watching" }).getByRole("button", { name: "Join" }).click();
  await expect.poll(() => guest.page.getByRole("alert").innerText()).not.toBe("");
  expect(await name.getAttribute("aria-invalid")).toBe("true");
  expect((await guest.play("Guest")).matchId).toBe(matchId);
  expect(await guest.page.locator("#name-problem").textContent()).toBe("");
  expect([...host.faults, ...guest.faults]).toEqual([]);
});

test.each(["999", "no-such-match"])("a link to the match %s says so, or shows the menu", async (id) => {
  const server = await startServer();
  const page = await GamePage.open(browser(), `${server.url}/?spectate=${id}`);
  await page.page.getByRole("button", { name: "Play", exact: true }).waitFor();
  if (id === "999") {
    await expect.poll(() => page.page.getByRole("alert").innerText()).toMatch(/match is over/);
  }
  await page.play("Ada");
  expect(page.faults).toEqual([]);
});

test("a match of bots runs behind the menu at once, and Play leads into it", async () => {
  const server = await startServer();
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  const shown = await watching(page, "bots", ({ watch, others }) => watch.manner === "menu" && others === 8);
  expect(await page.page.getByLabel("Match", { exact: true }).isVisible()).toBe(false);
  await page.screenshot("menu_live");
  expect(await figureOf(server, "tickroom_people")).toBe(0);
  expect((await page.play("Ada")).matchId).toBe(shown.matchId);
  await figureBecomes(server, "tickroom_viewers", 0);
  expect(page.faults).toEqual([]);
});

test("who wants no motion has a still picture behind the menu", async () => {
  const server = await startServer();
  const context = await browser().newContext({ viewport: LARGE, reducedMotion: "reduce" });
  const page = await GamePage.openIn(context, server.url);
  const { watch, tick } = await watching(page, "a still picture", (state) => state.watch.at !== undefined);
  expect(watch.manner).toBe("still");
  const later = await watching(page, "later", (state) => (state.tick ?? 0) > (tick ?? 0) + 60);
  expect(later.watch.at).toEqual(watch.at);
  expect(page.faults).toEqual([]);
});

test("a server that keeps no match warm has a menu all the same", async () => {
  const server = await startServer(0, ["--warm-match", "false"]);
  const page = await GamePage.open(browser(), server.url);
  await page.page.getByText("Nobody plays").waitFor();
  await until("it has asked", async () => ((await figureOf(server, "tickroom_joins_refused_total")) > 0 ? true : undefined));
  expect((await page.state()).session).toBe("idle");
  expect(await page.page.getByRole("alert").innerText()).toBe("");
  expect(page.faults).toEqual([]);
});
