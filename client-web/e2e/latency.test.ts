/**
 * Two browsers in one match, 150 ms from the server each way: what each draws of one player, against where the server had
 * that player at the tick that is drawn. That is told by somebody who watches the match from nearby.
 */

import type { Browser } from "playwright-core";
import { afterEach, expect, test } from "vitest";

import type { NetState } from "../src/arena/debug/probe.ts";
import type { DrawnFrame } from "../src/arena/debug/recorder.ts";
import { GamePage } from "./browser.ts";
import { figureOf } from "./metrics.ts";
import { NodeClient } from "./node_client.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browsersOfFile } from "./tabs.ts";
import { CORRECTION, distance, GUESS, jumpsOf, lostIn, offsOf, surelyKnown, wayOf, type Drawn, type Timed } from "./tracks.ts";

const LATENCY_MS = 150;
const TICK_MS = 1000 / 60;

/** Nobody else is there, and no round begins meanwhile. */
const ALONE = ["--fill-to", "0", "--warm-up-s", "600"];

/** Snapshots after which the clocks of a page know their way: as many as the delay looks back at. */
const SNAPSHOTS_SETTLED = 100;

/** A square, twice. */
const SIDES = ["KeyD", "KeyS", "KeyA", "KeyW", "KeyD", "KeyS", "KeyA", "KeyW"];
const SIDE_UNITS = 160;

/** Who has not moved for so long stands at a wall: nobody is so slow. */
const STUCK_TICKS = 30;

/** What a tick without an input may put a player off: it went the other way. */
const MISSED_TICK_UNITS = (2 * 320) / 60;

/** What a corner is cut by at most for each tick between two snapshots around it: half the way of a tick, aslant. */
const CUT_UNITS = 2;

/** Steps of the grid that make a unit. */
const GRID = 32;

const browsers = browsersOfFile(2);
let witness: NodeClient | undefined;

afterEach(() => witness?.close());

/** Notes when the first key goes down. */
function watchKeys(): void {
  window.addEventListener("keydown", () => ((window as Keyed).keyAtMs ??= performance.now()), { capture: true });
}

interface Keyed extends Window {
  keyAtMs?: number;
}

async function open(browser: Browser | undefined, url: string): Promise<GamePage> {
  if (browser === undefined) {
    throw new Error("there are two browsers");
  }
  return GamePage.open(browser, `${url}/?latency=${LATENCY_MS}`, watchKeys);
}

async function netOf(page: GamePage): Promise<NetState> {
  const { net } = await page.state();
  if (net === undefined) {
    throw new Error("there is no match");
  }
  return net;
}

/** What a page has drawn since this was made: the page itself forgets what is older than some seconds. */
class Film {
  readonly frames: DrawnFrame[] = [];

  private constructor(private readonly page: GamePage) {}

  static async begin(page: GamePage): Promise<Film> {
    const film = new Film(page);
    await film.rollOn();
    return film;
  }

  async rollOn(): Promise<void> {
    const lastMs = this.frames.at(-1)?.atMs ?? -Infinity;
    const drawn = await this.page.page.evaluate(
      (sinceMs) => window.__tickroom?.frames().filter(({ atMs }) => atMs > sinceMs) ?? [],
      lastMs === -Infinity ? 0 : lastMs,
    );
    this.frames.push(...drawn);
  }

  /** What is drawn of the own player. */
  own(): Drawn[] {
    return this.frames.flatMap(({ atMs, own, told }) =>
      own === undefined || told === undefined ? [] : [{ tick: own.tick, atMs, toldTick: told.tick, place: own }],
    );
  }

  /** What is drawn of somebody else. */
  other(entity: number): Drawn[] {
    return this.frames.flatMap(({ pastTick, atMs, told, others }) => {
      const place = others.find((other) => other.entity === entity);
      return place === undefined || told === undefined ? [] : [{ tick: pastTick, atMs, toldTick: told.tick, place }];
    });
  }
}

/** Where the server had an entity. */
function truthOf({ snapshots }: NodeClient, entity: number): Timed[] {
  return snapshots.flatMap(({ tick, entities }) => {
    const body = entities.get(entity)?.body;
    return body === undefined ? [] : [{ tick, place: { x: body.x / GRID, y: body.y / GRID } }];
  });
}

/** Holds a key until the player has gone far enough, or stands at a wall. */
async function walkSide(page: GamePage, key: string): Promise<void> {
  const start = await page.inMatch();
  let last = { own: start.own, tick: start.tick ?? 0 };
  await page.page.keyboard.down(key);
  await until(`a side is walked with ${key}`, async () => {
    const { own, tick = 0 } = await page.state();
    if (own !== undefined && distance(own, last.own) > 0) {
      last = { own, tick };
    }
    return distance(last.own, start.own) > SIDE_UNITS || tick - last.tick > STUCK_TICKS ? true : undefined;
  });
  await page.page.keyboard.up(key);
}

/** The frames from which on the first key must be seen, and in which the own player stands all the same. */
function unanswered(track: readonly Drawn[], keyAtMs: number): Drawn[] {
  const rested = track.filter(({ atMs }) => atMs <= keyAtMs).at(-1);
  if (rested === undefined) {
    throw new Error("there is no frame before the key");
  }
  // Between the frame and the key ticks have begun; the one after them has the key, and is drawn until the next one.
  const answered = rested.tick + (keyAtMs - rested.atMs) / TICK_MS + 2;
  const moves = (frame: Drawn): boolean => distance(frame.place, rested.place) > 0;
  return track.filter((frame) => frame.atMs > keyAtMs && frame.tick > answered && !moves(frame));
}

/** From one snapshot to the next that frames knew of, ticks. */
function toldEvery(track: readonly Drawn[]): number {
  const told = [...new Set(track.map(({ toldTick }) => toldTick))];
  return ((told.at(-1) ?? NaN) - (told[0] ?? NaN)) / (told.length - 1);
}

/** What this share of them is below. */
function share(part: number, values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? NaN;
}

test("two players far from the server: the own one answers at once, the other goes where it went", async () => {
  const server = await startServer(0, ALONE);
  const [walker, watcher] = await Promise.all(browsers().map((browser) => open(browser, server.url)));
  if (walker === undefined || watcher === undefined) {
    throw new Error("there are two pages");
  }
  const walking = await walker.play("Walker");
  const watching = await watcher.play("Watcher");
  expect(watching.matchId).toBe(walking.matchId);
  witness = new NodeClient(server.url);
  await witness.watch(walking.matchId);
  await until("the watcher sees the walker", async () =>
    (await watcher.state()).seen.find((other) => other.entity === walking.entity),
  );
  for (const page of [walker, watcher]) {
    await until("the clocks are set", async () => {
      const { snapshots, rttMs, slackTicks } = await netOf(page);
      return snapshots > SNAPSHOTS_SETTLED && rttMs !== undefined && slackTicks !== undefined ? true : undefined;
    });
  }
  const missedBefore = await figureOf(server, "tickroom_inputs_missing_total");
  const before = await netOf(walker);
  expect(before.rttMs).toBeGreaterThan(2 * LATENCY_MS);

  const films = await Promise.all([walker, watcher].map((page) => Film.begin(page)));
  const [own, seen] = films;
  if (own === undefined || seen === undefined) {
    throw new Error("there are two films");
  }
  await until("there is a picture before the key", async () => {
    await own.rollOn();
    return own.frames[0];
  });
  for (const key of SIDES) {
    await walkSide(walker, key);
    await Promise.all(films.map((film) => film.rollOn()));
  }
  const truth = (): Timed[] => truthOf(witness as NodeClient, walking.entity);
  await until("everybody has the walker where the server has it, and it rests", async () => {
    const [mine, others, last] = [await walker.state(), await watcher.state(), truth().slice(-3)];
    const place = others.seen.find(({ entity }) => entity === walking.entity);
    const agree = last.every((told) => [mine.own, place].every((drawn) => drawn !== undefined && distance(drawn, told.place) < 1));
    return agree ? true : undefined;
  });
  await Promise.all(films.map((film) => film.rollOn()));
  const after = await netOf(walker);
  const missed = (await figureOf(server, "tickroom_inputs_missing_total")) - missedBefore;

  const real = truth();
  const [predicted, drawn] = [own.own(), seen.other(walking.entity)];
  const known = surelyKnown(drawn);
  const offs = offsOf(drawn, real);
  const knownOffs = offs.filter((_, index) => known[index]);
  const counted = {
    walkedUnits: Math.round(wayOf(drawn)),
    frames: drawn.length,
    known: knownOffs.length,
    knownOff: share(0.5, knownOffs),
    knownOff95: share(0.95, knownOffs),
    toldEveryTicks: toldEvery(drawn),
    offMax: Math.max(...offs),
    frameMsMax: Math.max(...drawn.slice(1).map(({ atMs }, index) => atMs - (drawn[index]?.atMs ?? atMs))),
    aheadTicks: share(0.5, predicted.map(({ tick, toldTick }) => tick - toldTick)),
    ownOffMax: Math.max(...offsOf(predicted, real)),
    snapshots: after.snapshots - before.snapshots,
    missed,
    corrections: after.corrections - before.corrections,
    correctionUnits: after.correctionUnits - before.correctionUnits,
  };
  console.log(JSON.stringify(counted));
  const keyAtMs = await walker.page.evaluate(() => (window as Keyed).keyAtMs ?? NaN);
  expect(unanswered(predicted, keyAtMs), "frames in which the key is not seen yet").toEqual([]);
  expect(counted.aheadTicks, "a round trip before the server tells of it").toBeGreaterThan((2 * LATENCY_MS) / TICK_MS - 3);
  expect(counted.walkedUnits).toBeGreaterThan(600);
  expect(counted.known).toBeGreaterThan(30);
  // What is drawn lies between two snapshots, as the measure does. To a page that is slow the server tells only every second
  // one or fewer: then it cuts the corners. Otherwise only a guess beyond the newest is off.
  expect(counted.knownOff).toBeLessThan(1);
  expect(counted.knownOff95).toBeLessThan(counted.toldEveryTicks * CUT_UNITS);
  expect(lostIn(drawn, real)).toEqual([]);
  expect(jumpsOf(drawn, real, GUESS)).toEqual([]);
  expect(jumpsOf(predicted, real, CORRECTION)).toEqual([]);
  // None where the machine is idle. Where the server had no input in time it did something else, and an input that came just in
  // time for another tick is seen in few snapshots.
  expect(counted.corrections).toBeLessThanOrEqual(missed + counted.snapshots * 0.08);
  expect(counted.correctionUnits).toBeLessThanOrEqual(missed * MISSED_TICK_UNITS + counted.walkedUnits * 0.06);
  expect([...walker.faults, ...watcher.faults]).toEqual([]);
});
