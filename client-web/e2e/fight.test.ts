/** A whole round in a real browser: hit, be hit, die, come back, see the results; and who sits where. */

import { expect, test } from "vitest";

import type { ProbeState } from "../src/arena/debug/probe.ts";
import { GamePage, LARGE } from "./browser.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browserOfFile } from "./tabs.ts";

const SHORT_ROUNDS = [
  ...["--warm-up-s", "1", "--countdown-s", "1", "--live-s", "8", "--sudden-death-s", "1", "--results-s", "3"],
  ...["--fill-to", "6", "--bot-level", "hard"],
];

const VERY_SHORT_ROUNDS = ["--warm-up-s", "2", "--countdown-s", "0", "--live-s", "1", "--sudden-death-s", "0", "--results-s", "1"];

const KEYS = ["KeyW", "KeyD", "KeyS", "KeyA"];

const browser = browserOfFile();

/** What has been seen of a fight so far; it can take more than one round to see everything. */
interface Sights {
  hit: boolean;
  wasHit: boolean;
  died: boolean;
  cameBack: boolean;
  projectiles: boolean;
  results: string;
}

/** The nearest of the others who live. */
function nearest({ own, seen }: ProbeState): { x: number; y: number } | undefined {
  if (own === undefined) {
    return undefined;
  }
  const away = (other: { x: number; y: number }): number => Math.hypot(other.x - own.x, other.y - own.y);
  return seen.filter((other) => other.alive).sort((a, b) => away(a) - away(b))[0];
}

/** Points the mouse at the nearest of the others and walks towards it. */
async function hunt({ page }: GamePage, state: ProbeState, held: Set<string>): Promise<void> {
  const target = nearest(state);
  if (target === undefined || state.own === undefined) {
    return;
  }
  const [right, down] = [target.x - state.own.x, target.y - state.own.y];
  const away = Math.hypot(right, down);
  const { width, height } = page.viewportSize() ?? LARGE;
  // At the edge of the map, where the camera stops, this aims aside: a fight goes on elsewhere too.
  await page.mouse.move(width / 2 + (right / away) * height * 0.45, height / 2 + (down / away) * height * 0.45);
  const wanted = new Set<string>();
  if (away > 140) {
    wanted.add(right > 0 ? "KeyD" : "KeyA").add(down > 0 ? "KeyS" : "KeyW");
  }
  for (const key of KEYS) {
    if (wanted.has(key) && !held.has(key)) {
      held.add(key);
      await page.keyboard.down(key);
    } else if (!wanted.has(key) && held.delete(key)) {
      await page.keyboard.up(key);
    }
  }
}

test("a player hits, is hit, dies, comes back and sees the results", { timeout: 400_000 }, async () => {
  const server = await startServer(0, SHORT_ROUNDS);
  const game = await GamePage.open(browser(), server.url, undefined, LARGE);
  await game.play("Ada");
  await game.page.mouse.move(640, 200);
  await game.page.mouse.down();
  const held = new Set<string>();
  const sights: Sights = { hit: false, wasHit: false, died: false, cameBack: false, projectiles: false, results: "" };
  let pictures = 0;
  await until("everything of a fight has been seen", async () => {
    const state = await game.state();
    sights.hit ||= state.hitsDealt > 0;
    sights.wasHit ||= state.hitsTaken > 0 && ((state.health ?? 100) < 100 || (state.deaths ?? 0) > 0);
    sights.died ||= state.alive === false;
    sights.cameBack ||= sights.died && state.alive === true && state.phase === "live";
    sights.projectiles ||= state.projectiles > 3;
    if (state.phase === "results" && sights.results === "") {
      sights.results = await game.page.getByRole("region", { name: "Scores" }).innerText();
      await game.screenshot("results");
    }
    if (isLively(state) && pictures < 12) {
      await game.screenshot(`fight_${pictures}`);
      pictures += 1;
    }
    await hunt(game, state, held);
    const { results, ...seen } = sights;
    return results !== "" && Object.values(seen).every(Boolean) ? true : undefined;
  }, 300_000).catch((error: unknown) => {
    throw new Error(`not everything of a fight was seen: ${JSON.stringify(sights)}`, { cause: error });
  });
  expect(sights.results).toMatch(/wins|Victory|draw/);
  expect(sights.results).toContain("Ada");
  const state = await game.state();
  expect(state.decodeErrors).toBe(0);
  expect(state.transport).toBe("websocket");
  const { predicted, confirmed, denied } = state.net?.shots ?? { predicted: 0, confirmed: 0, denied: 0 };
  expect(confirmed).toBeGreaterThan(5);
  // Few where the machine is idle; what is fired too late because it is busy does not leave.
  expect(denied).toBeLessThan(predicted / 2);
  expect(game.faults).toEqual([]);
});

function isLively(state: ProbeState): boolean {
  const { own } = state;
  const near = state.seen.filter(
    (other) => other.alive && own !== undefined && Math.abs(other.x - own.x) < 420 && Math.abs(other.y - own.y) < 220,
  );
  return state.phase === "live" && state.alive === true && near.length >= 1 && state.projectiles >= 5;
}

test("a round after the results is played on the next map", async () => {
  const server = await startServer(0, VERY_SHORT_ROUNDS);
  const game = await GamePage.open(browser(), server.url);
  await game.play("Ada");
  const first = await game.state();
  const next = await until("the next round", async () => {
    const state = await game.state();
    // A page that is slow may see only a later one.
    return (state.round ?? 0) > (first.round ?? 0) && state.mapName !== first.mapName ? state : undefined;
  });
  expect(next.mapName).not.toBe(first.mapName);
  expect(next.decodeErrors).toBe(0);
  expect(game.faults).toEqual([]);
});

test.each(["polling", "websocket", "upgrade"])("a page plays by %s", async (transport) => {
  const server = await startServer();
  const game = await GamePage.open(browser(), `${server.url}/?transport=${transport}`);
  const joined = await game.play("Ada");
  const ends = transport === "upgrade" ? "websocket" : transport;
  await until(`it plays by ${ends}`, async () => ((await game.state()).transport === ends ? true : undefined));
  for (const key of ["KeyD", "KeyS"]) {
    await game.page.keyboard.down(key);
  }
  await until("the player moves", async () => {
    const { own } = await game.state();
    return own !== undefined && Math.hypot(own.x - joined.own.x, own.y - joined.own.y) > 40 ? true : undefined;
  });
  expect(game.faults).toEqual([]);
});

test("a page comes back to its player after a reload, and a copy of the tab takes it over", async () => {
  const server = await startServer();
  const game = await GamePage.open(browser(), server.url);
  const joined = await game.play("Ada");
  await game.page.reload();
  const again = await game.inMatch();
  expect([again.matchId, again.player]).toEqual([joined.matchId, joined.player]);

  // A copy of a tab has a copy of what it keeps for itself.
  const token = await game.page.evaluate(() => sessionStorage.getItem("tickroom.seat") ?? "");
  await game.page.context().addInitScript((seat) => sessionStorage.setItem("tickroom.seat", seat), token);
  const copy = await GamePage.openIn(game.page.context(), server.url);
  const taken = await copy.inMatch();
  expect([taken.matchId, taken.player]).toEqual([joined.matchId, joined.player]);
  await game.notice(/playing in another tab/);
  expect((await game.state()).connection).toBe("resting");

  await game.page.getByRole("button", { name: "Play here" }).click();
  const back = await game.inMatch();
  expect(back.player).toBe(joined.player);
  await copy.notice(/playing in another tab/);

  // Who has enough of the dispute plays as somebody else.
  await copy.page.keyboard.press("Escape");
  expect((await copy.play("Bob")).player).not.toBe(joined.player);
  expect((await game.inMatch()).player).toBe(joined.player);
  expect([...game.faults, ...copy.faults]).toEqual([]);
});

test("a player leaves by the menu, and chooses a match from the list", async () => {
  const server = await startServer();
  const host = await GamePage.open(browser(), server.url);
  const hosting = await host.play("Host");
  const guest = await GamePage.open(browser(), server.url);
  await guest.page.getByRole("button", { name: `Join match ${hosting.matchId}` }).click();
  expect((await guest.inMatch()).matchId).toBe(hosting.matchId);

  await guest.page.getByRole("button", { name: "Leave" }).click();
  await until("the menu is back", async () =>
    (await guest.page.getByRole("button", { name: "New match" }).isVisible()) ? true : undefined,
  );
  expect((await guest.state()).session).not.toBe("playing");
  await guest.page.getByRole("button", { name: "New match" }).click();
  expect((await guest.inMatch()).matchId).not.toBe(hosting.matchId);
  expect([...host.faults, ...guest.faults]).toEqual([]);
});
