/** The list of matches, private matches by link and by code, and the page that plays by itself. */

import { expect, test } from "vitest";

import { violations } from "./axe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { until } from "./poll.ts";
import { playerOnServer, startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const browser = browserOfFile();

const WITHOUT_BOTS = ["--fill-to", "0"];

function room(page: GamePage): string | null {
  return new URL(page.page.url()).searchParams.get("room");
}

async function createPrivate(page: GamePage, name: string): Promise<{ matchId: number; code: string }> {
  await page.page.getByLabel("Your name").fill(name);
  await page.page.getByRole("button", { name: "Private match" }).click();
  const { matchId } = await page.inMatch();
  const code = await until("the address has the code", () => room(page) ?? undefined);
  expect(code).toMatch(/^[BCDFGHJKMNPQRSTVWXYZ]{10}$/);
  return { matchId, code };
}

/** What the menu says is wrong. */
async function problem(page: GamePage, words: RegExp): Promise<void> {
  await until(`the menu says ${words}`, async () =>
    words.test(await page.page.locator("#name-problem").innerText()) ? true : undefined,
  );
  expect(await page.page.getByRole("region", { name: "Menu" }).isVisible()).toBe(true);
}

test("two browsers meet in a private match by its link, and nobody else finds it", async () => {
  const server = await startServer(0, [...WITHOUT_BOTS, "--warm-match", "false"]);
  const ada = await GamePage.open(browser(), server.url, undefined, LARGE);
  await ada.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const { matchId, code } = await createPrivate(ada, "Ada");
  await ada.page.getByRole("button", { name: "Copy link" }).click();
  await ada.page.getByRole("button", { name: "Copied" }).waitFor();
  const link = await ada.page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(`${server.url}/?room=${code}`);
  await ada.screenshot("private_match");

  const bob = await GamePage.open(browser(), link, undefined, LARGE);
  await bob.page.getByText("You are invited").waitFor();
  await bob.screenshot("invited");
  await bob.page.getByLabel("Your name").fill("Bob");
  await bob.page.getByRole("button", { name: "Join private match" }).click();
  expect((await bob.inMatch()).matchId).toBe(matchId);

  const eve = await GamePage.open(browser(), server.url);
  await eve.page.getByText("Nobody plays").waitFor();
  expect((await eve.play("Eve")).matchId).not.toBe(matchId);
  expect(room(eve)).toBeNull();

  await bob.page.reload();
  expect((await bob.inMatch()).matchId).toBe(matchId);
  await bob.page.keyboard.press("Escape");
  await bob.page.getByLabel("Your name").waitFor();
  await expect.poll(() => room(bob)).toBeNull();
  // The name is known now: a second time the link needs no press.
  await bob.page.goto(link);
  expect((await bob.inMatch()).matchId).toBe(matchId);
  expect([...ada.faults, ...bob.faults, ...eve.faults]).toEqual([]);
});

test("whoever is invited and watches another match first is invited still", async () => {
  const server = await startServer(0, WITHOUT_BOTS);
  const ada = await GamePage.open(browser(), server.url);
  const { matchId, code } = await createPrivate(ada, "Ada");
  const eve = await GamePage.open(browser(), server.url);
  const other = await eve.play("Eve");
  const bob = await GamePage.open(browser(), `${server.url}/?room=${code}`);
  await bob.page.getByRole("button", { name: `Watch match ${other.matchId}` }).click();
  await bob.page.getByRole("toolbar", { name: "Watching" }).waitFor();
  expect(room(bob)).toBe(code);
  await bob.page.keyboard.press("Escape");
  await bob.page.getByLabel("Your name").fill("Bob");
  await bob.page.getByRole("button", { name: "Join private match" }).click();
  expect((await bob.inMatch()).matchId).toBe(matchId);
  expect([...ada.faults, ...eve.faults, ...bob.faults]).toEqual([]);
});

test("mode and map of a private match are chosen, by keyboard alone", async () => {
  const server = await startServer(0, [...WITHOUT_BOTS, "--warm-match", "false"]);
  const page = await GamePage.open(browser(), server.url, undefined, LARGE);
  await page.page.getByLabel("Your name").fill("Ada");
  const form = page.page.getByRole("region", { name: "Private match" });
  const map = form.getByLabel("Map");
  await until("the server has said which maps there are", async () => ((await map.locator("option").count()) > 1 ? true : undefined));
  expect(await map.inputValue(), "all in turn").toBe("");
  await form.getByLabel("Mode").focus();
  await page.page.keyboard.type("Teams");
  await page.page.keyboard.press("Tab");
  await page.page.keyboard.type("Orchard");
  await page.screenshot("private_choice");
  expect(await violations(page), "menu").toEqual([]);
  await page.page.keyboard.press("Tab");
  await page.page.keyboard.press("Enter");
  const { matchId, mapName } = await page.inMatch();
  expect(mapName).toBe("Orchard");
  await expect.poll(() => room(page)).not.toBeNull();
  const answer = await fetch(`${server.url}/api/matches`);
  expect(await answer.json()).toMatchObject({ matches: [{ id: matchId, mode: "teams", map: "Orchard", private: true }] });
  expect(page.faults).toEqual([]);
});

test("a code can be typed, with small letters and a hyphen, by keyboard alone", async () => {
  const server = await startServer(0, WITHOUT_BOTS);
  const ada = await GamePage.open(browser(), server.url);
  const { matchId, code } = await createPrivate(ada, "Ada");
  const bob = await GamePage.open(browser(), server.url);
  const field = bob.page.getByLabel("Code of a private match");
  await field.focus();
  await bob.page.keyboard.type("nonsense");
  await bob.page.keyboard.press("Enter");
  await bob.page.getByText("A code has 10 letters").waitFor();
  await field.fill("");
  await bob.page.keyboard.type(`${code.slice(0, 5)}-${code.slice(5)}`.toLowerCase());
  await bob.page.keyboard.press("Enter");
  expect((await bob.inMatch()).matchId).toBe(matchId);
  expect([...ada.faults, ...bob.faults]).toEqual([]);
});

test("a code that opens nothing, a link that is cut off and a full match say what to do, and Play still works", async () => {
  const server = await startServer(0, [...WITHOUT_BOTS, "--players-max", "1"]);
  const stale = await GamePage.open(browser(), `${server.url}/?room=BCDFGHJKMN`);
  await stale.page.getByRole("button", { name: "Join private match" }).click();
  await problem(stale, /is over, or its code is not right[\s\S]*press Play/);
  await expect.poll(() => room(stale)).toBeNull();
  await stale.screenshot("stale_link");
  await stale.play("Stale");

  const cut = await GamePage.open(browser(), `${server.url}/?room=BCD`);
  await problem(cut, /not complete/);
  await expect.poll(() => room(cut)).toBeNull();
  await cut.play("Cut");

  const ada = await GamePage.open(browser(), server.url);
  const { matchId, code } = await createPrivate(ada, "Ada");
  const late = await GamePage.open(browser(), `${server.url}/?room=${code}`);
  await late.page.getByRole("button", { name: "Join private match" }).click();
  await problem(late, /no room left/);
  // The link still counts: as soon as somebody has gone, the same button leads there.
  await ada.page.keyboard.press("Escape");
  await ada.page.getByLabel("Your name").waitFor();
  await until("there is room", async () => {
    if ((await late.state()).matchId === matchId) {
      return true;
    }
    await late.page.getByRole("button", { name: "Join private match" }).click({ timeout: 5000 });
    return undefined;
  });
  expect([...stale.faults, ...cut.faults, ...ada.faults, ...late.faults]).toEqual([]);
});

test("the list tells mode, map, phase, people and ping of what is played, and is used by keyboard", async () => {
  const server = await startServer(0, [...WITHOUT_BOTS, "--players-max", "4"]);
  const first = await GamePage.open(browser(), server.url);
  const { matchId, mapName } = await first.play("First");
  const second = await GamePage.open(browser(), server.url, undefined, LARGE);
  const row = second.page.getByRole("listitem").filter({ hasText: mapName ?? "?" });
  await row.waitFor();
  expect(await row.innerText()).toMatch(/Free for all[\s\S]*(warm-up|countdown|live)[\s\S]*1\/4/);
  await until("the ping is measured", async () =>
    /Ping \d+ ms/.test(await second.page.getByRole("region", { name: "Matches" }).innerText()) ? true : undefined,
  );
  await second.screenshot("match_list");
  await second.page.getByRole("button", { name: `Join match ${matchId}` }).focus();
  await second.page.keyboard.press("Enter");
  expect((await second.inMatch()).matchId).toBe(matchId);
  expect([...first.faults, ...second.faults]).toEqual([]);
});

test("with bot=1 the page joins, walks and shoots by itself", async () => {
  const server = await startServer(0, ["--warm-up-s", "0", "--countdown-s", "0"]);
  const page = await GamePage.open(browser(), `${server.url}/?bot=1`);
  const { matchId, player } = await page.inMatch();
  const start = await playerOnServer(server, matchId, player);
  await until("it walks", async () => {
    const now = await playerOnServer(server, matchId, player);
    return Math.hypot(now.x - start.x, now.y - start.y) > 60 ? true : undefined;
  });
  await until("it shoots", async () => (((await page.state()).net?.shots.confirmed ?? 0) > 0 ? true : undefined));
  expect((await page.state()).decodeErrors).toBe(0);
  expect(page.faults).toEqual([]);
});

test("axe finds nothing wrong with an invitation and in a private match", async () => {
  const server = await startServer(0, WITHOUT_BOTS);
  const page = await GamePage.open(browser(), `${server.url}/?room=BCDFGHJKMN`, undefined, LARGE);
  await page.page.getByText("You are invited").waitFor();
  expect(await violations(page), "invitation").toEqual([]);
  await page.page.goto(server.url);
  await createPrivate(page, "Axel");
  expect(await violations(page), "match").toEqual([]);
  expect(page.faults).toEqual([]);
});
