import { expect, test } from "vitest";

import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import { positionFromGrid } from "../src/arena/sim/quantize.ts";
import { allOn, type Switches } from "../src/tickroom/sim/switches.ts";
import { Loop, TICK_MS } from "./loop.ts";

const ONE_WAY_MS = 75;
const FRAME_MS = 8;

/** The straight walker of the loop. */
const OTHER = 9;

const RIGHT: Input = { ...NEUTRAL, moveX: 127 };
const LEFT: Input = { ...NEUTRAL, moveX: -127 };

function settled(off: Partial<Switches> = {}): { loop: Loop; switches: Switches } {
  const switches = { ...allOn(), ...off };
  const loop = new Loop(() => ONE_WAY_MS, switches);
  loop.run(4000, FRAME_MS, () => NEUTRAL);
  return { loop, switches };
}

/** How long after the key the own player is seen to move, milliseconds. */
function answerMs(loop: Loop, input = RIGHT): number {
  let waitedMs = 0;
  let answeredMs: number | undefined;
  let rest: number | undefined;
  loop.run(600, FRAME_MS, () => input, (nowMs) => {
    const x = loop.match.viewOwn(nowMs)?.pose.x;
    rest ??= x;
    waitedMs += FRAME_MS;
    answeredMs ??= x !== rest ? waitedMs : undefined;
  });
  return answeredMs ?? Infinity;
}

test("without prediction the own player answers a round trip later, and at once again when it is back", () => {
  expect(answerMs(settled().loop)).toBeLessThan(2 * TICK_MS + FRAME_MS);
  const { loop, switches } = settled({ prediction: false });
  expect(answerMs(loop)).toBeGreaterThan(2 * ONE_WAY_MS);
  loop.run(2000, FRAME_MS, () => NEUTRAL);
  switches.prediction = true;
  loop.run(1000, FRAME_MS, () => NEUTRAL);
  expect(answerMs(loop, LEFT)).toBeLessThan(2 * TICK_MS + FRAME_MS);
});

test("without reconciliation a push of the server is never seen, and is made up for when it is back", () => {
  const { loop, switches } = settled({ reconciliation: false });
  const { player } = loop;
  const { body } = player.state;
  loop.player = { ...player, state: { ...player.state, body: { ...body, y: body.y + 32 * 40 } } };
  const off = (nowMs: number): number =>
    Math.abs((loop.match.viewOwn(nowMs)?.pose.y ?? 0) - positionFromGrid(loop.body.y));
  let offUnits = 0;
  const look = (nowMs: number): void => {
    offUnits = off(nowMs);
  };
  loop.run(2000, FRAME_MS, () => NEUTRAL, look);
  expect(offUnits).toBeCloseTo(40, 0);
  expect(loop.match.counters.unreconciled).toBeGreaterThan(10);
  const { corrections } = loop.match.counters;
  switches.reconciliation = true;
  loop.run(2000, FRAME_MS, () => NEUTRAL, look);
  expect(offUnits).toBeLessThan(0.1);
  expect(loop.match.counters.corrections).toBe(corrections + 1);
});

/** In how many of a hundred frames the other has moved. */
function movingFrames(loop: Loop): number {
  let moved = 0;
  let frames = 0;
  let before: number | undefined;
  loop.run(100 * FRAME_MS, FRAME_MS, () => NEUTRAL, (nowMs) => {
    const x = loop.match.view(nowMs).others.get(OTHER)?.x;
    moved += before !== undefined && x !== before ? 1 : 0;
    frames += 1;
    before = x;
  });
  return (moved / frames) * 100;
}

test("without interpolation the others go by steps, one a snapshot, and nearer to the present", () => {
  const smooth = settled().loop;
  expect(movingFrames(smooth)).toBeGreaterThan(90);
  const { loop } = settled({ interpolation: false });
  // 20 snapshots a second, 125 frames.
  expect(movingFrames(loop)).toBeGreaterThan(12);
  expect(movingFrames(loop)).toBeLessThan(20);
  expect(loop.match.view(0).pastTick).toBeGreaterThan(smooth.match.view(0).pastTick);
  expect(loop.match.counters.extrapolations).toBe(0);
});

test("without lag compensation inputs say that the others are drawn in the server's present", () => {
  expect(settled().loop.viewAge).toBeGreaterThan(4 * ((2 * ONE_WAY_MS) / TICK_MS));
  expect(settled({ lagCompensation: false }).loop.viewAge).toBe(0);
});
