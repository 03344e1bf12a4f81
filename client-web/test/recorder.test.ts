import { expect, test } from "vitest";

import { Recorder } from "../src/arena/debug/recorder.ts";
import { arena, type Pose } from "../src/arena/game.ts";
import type { View } from "../src/tickroom/match.ts";
import { healthy } from "./snapshots.ts";

function viewAt(x: number): View<Pose> {
  const pose = arena.pose(healthy({ x: x * 32, y: 320, vx: 0, vy: 0 }));
  return { tick: 100, pastTick: 95.5, own: { entity: 4, tick: 103.25, pose }, others: new Map([[9, pose]]) };
}

const TOLD = { entity: 4, tick: 99, x: 1, y: 10, alive: true };

test("a recording begins when it is asked for, and has what was drawn with its ticks", () => {
  const recorder = new Recorder();
  recorder.note(viewAt(1), undefined, 1000);
  expect(recorder.frames()).toEqual([]);
  recorder.note(viewAt(2), TOLD, 1016);
  const place = { x: 2, y: 10, alive: true };
  expect(recorder.frames()).toEqual([
    { atMs: 1016, pastTick: 95.5, told: TOLD, own: { entity: 4, tick: 103.25, ...place }, others: [{ entity: 9, ...place }] },
  ]);
});

test("a recording has the last ten seconds, and no more frames than a fast screen draws", () => {
  const recorder = new Recorder();
  recorder.frames();
  for (let nowMs = 0; nowMs <= 30_000; nowMs += 100) {
    recorder.note(viewAt(nowMs), undefined, nowMs);
  }
  expect([recorder.frames()[0]?.atMs, recorder.frames().length]).toEqual([20_000, 101]);
  for (let frame = 0; frame < 5000; frame += 1) {
    recorder.note(viewAt(0), undefined, 30_000 + frame / 10);
  }
  expect(recorder.frames().length).toBe(2400);
});
