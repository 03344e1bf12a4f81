/**
 * Two browsers in one match, 150 ms from the server each way: what each draws of one player, against where the server had
 * that player at the tick that is drawn.
 */

import type { Browser } from "playwright-core";
import { expect, test } from "vitest";

import type { NetState } from "../src/arena/debug/probe.ts";
import type { DrawnFrame, DrawnPlace } from "../src/arena/debug/recorder.ts";
import { GamePage } from "./browser.ts";
import { until } from "./poll.ts";
import { startServer } from "./server.ts";
import { browsersOfFile } from "./tabs.ts";

const LATENCY_MS = 150;

/** Nobody else is there, and no round begins meanwhile. */
const ALONE = ["--fill-to", "0", "--warm-up-s", "600"];

/** Units a second, and what a frame may be off beside: rounding, and a glide back after a guess. */
const SPEED_MAX = 320;
const SPEED_TOLERANCE = 1.3;
const JUMP_UNITS = 6;

/** How long the clocks may take to settle. */
const SETTLE_MS = 6000;

const TICK_HZ = 60;

const browsers = browsersOfFile(2);

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

function framesOf({ page }: GamePage): Promise<readonly DrawnFrame[]> {
  return page.evaluate(() => window.__tickroom?.frames() ?? []);
}

async function netOf(page: GamePage): Promise<NetState> {
  const { net } = await page.state();
  if (net === undefined) {
    throw new Error("there is no match");
  }
  return net;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Walks a square twice, each side for a while. */
async function walk({ page }: GamePage): Promise<void> {
  for (const key of ["KeyD", "KeyS", "KeyA", "KeyW", "KeyD", "KeyS", "KeyA", "KeyW"]) {
    await page.keyboard.down(key);
    await pause(700);
    await page.keyboard.up(key);
  }
}

interface Timed {
  readonly tick: number;
  readonly atMs: number;
  readonly place: DrawnPlace;
}

/** What `entity` draws of itself. */
function ownTrack(frames: readonly DrawnFrame[]): Timed[] {
  return frames.flatMap(({ atMs, own }) => (own === undefined ? [] : [{ tick: own.tick, atMs, place: own }]));
}

/** Where the server had it. */
function toldTrack(frames: readonly DrawnFrame[]): Timed[] {
  return frames.flatMap(({ atMs, told }, index) =>
    told === undefined || told.tick === frames[index - 1]?.told?.tick ? [] : [{ tick: told.tick, atMs, place: told }],
  );
}

/** How far a track is from another, frame by frame, sorted. */
function errorsOf(track: readonly Timed[], real: readonly Timed[]): number[] {
  const errors = track.flatMap(({ tick, place }) => {
    const at = placeAt(real, tick);
    return at === undefined ? [] : [distance(at, place)];
  });
  return errors.sort((a, b) => a - b);
}

/** What 95 of 100 are below. */
function percentile95(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length * 0.95)] ?? Infinity;
}

/** What is drawn of somebody else. */
function otherTrack(frames: readonly DrawnFrame[], entity: number): Timed[] {
  return frames.flatMap(({ pastTick, atMs, others }) => {
    const place = others.find((other) => other.entity === entity);
    return place === undefined ? [] : [{ tick: pastTick, atMs, place }];
  });
}

/** Where a track is at a tick, between two of its frames; undefined outside. */
function placeAt(track: readonly Timed[], tick: number): { x: number; y: number } | undefined {
  const index = track.findIndex((frame) => frame.tick >= tick);
  const [before, after] = [track[index - 1], track[index]];
  if (before === undefined || after === undefined) {
    return undefined;
  }
  const share = after.tick === before.tick ? 1 : (tick - before.tick) / (after.tick - before.tick);
  const between = (a: number, b: number): number => a + (b - a) * share;
  return { x: between(before.place.x, after.place.x), y: between(before.place.y, after.place.y) };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Units that are walked in a track. */
function wayOf(track: readonly Timed[]): number {
  return track.slice(1).reduce((way, { place }, index) => way + distance(place, track[index]?.place ?? place), 0);
}

/** The steps from one frame to the next in which somebody went further than a player can, units. */
function jumps(track: readonly Timed[]): number[] {
  return track.slice(1).flatMap((frame, index) => {
    const before = track[index];
    if (before === undefined) {
      return [];
    }
    const seconds = Math.max((frame.atMs - before.atMs) / 1000, (frame.tick - before.tick) / TICK_HZ);
    const way = distance(frame.place, before.place);
    return way > SPEED_MAX * SPEED_TOLERANCE * seconds + JUMP_UNITS ? [way] : [];
  });
}

test("two players far from the server: the own one answers at once, the other goes where it went", { timeout: 120_000 }, async () => {
  const server = await startServer(0, ALONE);
  const [walker, watcher] = await Promise.all(browsers().map((browser) => open(browser, server.url)));
  if (walker === undefined || watcher === undefined) {
    throw new Error("there are two pages");
  }
  const walking = await walker.play("Walker");
  const watching = await watcher.play("Watcher");
  expect(watching.matchId).toBe(walking.matchId);
  await until("the watcher sees the walker", async () =>
    (await watcher.state()).seen.find((other) => other.entity === walking.entity),
  );
  // From now on it is written down what is drawn.
  await Promise.all([framesOf(walker), framesOf(watcher)]);
  await pause(SETTLE_MS);
  const before = await netOf(walker);
  expect(before.rttMs).toBeGreaterThan(2 * LATENCY_MS);

  await walker.page.keyboard.down("KeyD");
  await pause(500);
  await walker.page.keyboard.up("KeyD");
  const keyAtMs = await walker.page.evaluate(() => (window as Keyed).keyAtMs ?? NaN);
  const track = ownTrack(await framesOf(walker));
  const started = track.filter(({ atMs }) => atMs > keyAtMs);
  const rested = track.filter(({ atMs }) => atMs <= keyAtMs).at(-1);
  const firstMoved = started.findIndex(({ place }) => rested !== undefined && distance(place, rested.place) > 0);
  expect(firstMoved, "frames until the own player moves").toBeGreaterThanOrEqual(0);
  expect(firstMoved, "frames until the own player moves").toBeLessThan(2);

  await walk(walker);
  const [own, seen] = await Promise.all([framesOf(walker), framesOf(watcher)]);
  const after = await netOf(walker);
  const real = toldTrack(own);
  const predicted = ownTrack(own);
  const drawn = otherTrack(seen, walking.entity);
  const errors = errorsOf(drawn, real);
  const counted = {
    walkedUnits: Math.round(wayOf(drawn)),
    frames: errors.length,
    error95: percentile95(errors),
    errorMax: errors.at(-1) ?? Infinity,
    framesUntilMoved: firstMoved,
    predictionError95: percentile95(errorsOf(predicted, real)),
    snapshots: after.snapshots - before.snapshots,
    corrections: after.corrections - before.corrections,
    correctionUnits: after.correctionUnits - before.correctionUnits,
  };
  console.log(JSON.stringify(counted));
  expect(counted.walkedUnits).toBeGreaterThan(600);
  expect(counted.frames).toBeGreaterThan(30);
  // What is drawn lies between two snapshots, as the measure does; only a guess beyond the newest is off.
  expect(counted.error95).toBeLessThan(4);
  expect(counted.errorMax).toBeLessThan(32);
  expect(jumps(drawn)).toEqual([]);
  expect(jumps(predicted)).toEqual([]);
  // None where the machine is idle. What is late because it is busy is corrected, and by little.
  expect(counted.corrections).toBeLessThanOrEqual(counted.snapshots * 0.08);
  expect(counted.correctionUnits).toBeLessThan(counted.walkedUnits * 0.06);
  expect(walker.faults).toEqual([]);
  expect(watcher.faults).toEqual([]);
});
