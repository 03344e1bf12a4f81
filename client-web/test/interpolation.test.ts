import { describe, expect, test } from "vitest";

import { noCounts } from "../src/tickroom/counters.ts";
import { PlayoutDelay } from "../src/tickroom/sim/delay.ts";
import { Interpolation, type InterpolationRules } from "../src/tickroom/sim/interpolation.ts";
import { Xorshift32 } from "./random.ts";

interface Pose {
  readonly x: number;
  readonly y: number;
  readonly speed: number;
}

const TICK_MS = 10;
const INTERVAL_MS = 50;

const rules: InterpolationRules<Pose, Pose> = {
  pose: (state) => state,
  blend: (from, to, share) => ({ x: from.x + (to.x - from.x) * share, y: 0, speed: to.speed }),
  extrapolate: (pose, seconds) => ({ ...pose, x: pose.x + pose.speed * seconds }),
};

/** An entity 1 at `x`, going 100 units a second. */
function at(x: number): Map<number, Pose> {
  return new Map([[1, { x, y: 0, speed: 100 }]]);
}

function shown(interpolation: Interpolation<Pose, Pose>, renderTick: number, nowMs = 0): number | undefined {
  interpolation.advance(renderTick);
  return interpolation.sample(nowMs).get(1)?.x;
}

function withSnapshots(...snapshots: readonly (readonly [number, number])[]): Interpolation<Pose, Pose> {
  const interpolation = new Interpolation(rules, TICK_MS);
  for (const [tick, x] of snapshots) {
    interpolation.push(tick, at(x), 0);
  }
  return interpolation;
}

describe("interpolation", () => {
  test("draws between two snapshots", () => {
    const interpolation = withSnapshots([10, 0], [15, 5], [20, 20]);
    expect(shown(interpolation, 12)).toBeCloseTo(2);
    expect(shown(interpolation, 15)).toBeCloseTo(5);
    expect(shown(interpolation, 18)).toBeCloseTo(14);
  });

  test("holds the first snapshot until its time has come", () => {
    expect(shown(withSnapshots([10, 3]), 4)).toBe(3);
  });

  test("goes on for 100 ms without a snapshot, then holds", () => {
    const interpolation = withSnapshots([10, 0], [15, 5]);
    expect(shown(interpolation, 20)).toBeCloseTo(10);
    expect(shown(interpolation, 25)).toBeCloseTo(15);
    expect(shown(interpolation, 60)).toBeCloseTo(15);
  });

  test("glides back in 100 ms when the late snapshot shows another place", () => {
    const interpolation = withSnapshots([10, 0], [15, 5]);
    expect(shown(interpolation, 20, 1000)).toBeCloseTo(10);
    interpolation.push(20, at(5), 1000);
    expect(shown(interpolation, 20, 1000)).toBeCloseTo(10);
    expect(interpolation.sample(1050).get(1)?.x).toBeCloseTo(7.5);
    expect(interpolation.sample(1100).get(1)?.x).toBeCloseTo(5);
  });

  test("glides on from what was drawn when several late snapshots come at once", () => {
    const interpolation = withSnapshots([10, 0], [15, 5]);
    expect(shown(interpolation, 30, 1000)).toBeCloseTo(15);
    interpolation.push(20, at(10), 1000);
    interpolation.push(25, at(15), 1000);
    interpolation.push(35, at(25), 1000);
    expect(shown(interpolation, 30, 1000)).toBeCloseTo(15);
    expect(shown(interpolation, 30, 1050)).toBeCloseTo(17.5);
    expect(shown(interpolation, 30, 1100)).toBeCloseTo(20);
  });

  test("does not glide across the map", () => {
    const interpolation = withSnapshots([10, 0], [15, 5]);
    shown(interpolation, 20, 1000);
    interpolation.push(20, at(900), 1000);
    expect(interpolation.sample(1000).get(1)?.x).toBe(900);
  });

  test("never goes back in time, except when the clock jumps", () => {
    const interpolation = withSnapshots([0, 0], [100, 100]);
    expect(shown(interpolation, 60)).toBeCloseTo(60);
    expect(shown(interpolation, 50)).toBeCloseTo(60);
    expect(shown(interpolation, 10)).toBeCloseTo(10);
  });

  test("shows an entity when its first snapshot is due and not after its last", () => {
    const interpolation = new Interpolation(rules, TICK_MS);
    interpolation.push(10, new Map(), 0);
    interpolation.push(15, at(5), 0);
    interpolation.push(20, new Map(), 0);
    expect(shown(interpolation, 12)).toBeUndefined();
    expect(shown(interpolation, 17)).toBe(5);
    expect(shown(interpolation, 20)).toBeUndefined();
  });

  test("ignores snapshots that are not newer, and keeps a bounded number", () => {
    const interpolation = withSnapshots([10, 0], [15, 5], [15, 99], [12, 77]);
    expect(shown(interpolation, 15)).toBe(5);
    for (let tick = 16; tick < 10_000; tick += 1) {
      interpolation.push(tick, at(tick), 0);
    }
    expect(shown(interpolation, 15)).toBeGreaterThan(9900);
  });
});

describe("the playout delay", () => {
  test("is one and a half intervals without jitter", () => {
    const delay = new PlayoutDelay(INTERVAL_MS);
    for (let sample = 0; sample < 100; sample += 1) {
      delay.observe(0);
    }
    expect(delay.ms).toBe(75);
  });

  test("grows at once to an interval plus the jitter that 95 of 100 stay below", () => {
    const delay = new PlayoutDelay(INTERVAL_MS);
    for (let sample = 0; sample < 100; sample += 1) {
      delay.observe(sample < 90 ? 0 : 60);
    }
    expect(delay.ms).toBe(110);
  });

  test("does not care for one late snapshot among many", () => {
    const delay = new PlayoutDelay(INTERVAL_MS);
    for (let sample = 0; sample < 100; sample += 1) {
      delay.observe(sample === 50 ? 2000 : 0);
    }
    expect(delay.ms).toBe(75);
  });

  test("is never more than 250 ms", () => {
    const delay = new PlayoutDelay(INTERVAL_MS);
    delay.observe(5000);
    expect(delay.ms).toBe(250);
  });

  test("shrinks by 2 ms a second", () => {
    const delay = new PlayoutDelay(INTERVAL_MS);
    for (let sample = 0; sample < 100; sample += 1) {
      delay.observe(100);
    }
    for (let sample = 0; sample < 100; sample += 1) {
      delay.observe(0);
    }
    delay.advance(0);
    expect(delay.ms).toBe(150);
    delay.advance(10_000);
    expect(delay.ms).toBeCloseTo(130);
    delay.advance(1_000_000);
    expect(delay.ms).toBe(75);
  });
});

describe("interpolation with the playout delay", () => {
  /** The share of snapshots beyond which was guessed, on a line that makes each of them late by less than `jitterMs`. */
  function guessed(jitterMs: number): number {
    const [counts, random] = [noCounts(), new Xorshift32(7)];
    const interpolation = new Interpolation(rules, TICK_MS, counts);
    const delay = new PlayoutDelay(INTERVAL_MS);
    const snapshots = 2000;
    let [sent, arrivesMs] = [0, 0];
    for (let nowMs = 0; sent < snapshots; nowMs += 16) {
      for (; arrivesMs <= nowMs; sent += 1) {
        interpolation.push((sent * INTERVAL_MS) / TICK_MS, at(sent), nowMs);
        delay.observe(Math.max(0, arrivesMs - sent * INTERVAL_MS));
        arrivesMs = (sent + 1) * INTERVAL_MS + random.share() * jitterMs;
      }
      delay.advance(nowMs);
      interpolation.advance((nowMs - delay.ms) / TICK_MS);
    }
    return counts.extrapolations / snapshots;
  }

  function check(jitterMs: number, most: number): void {
    expect(guessed(jitterMs)).toBeLessThanOrEqual(most);
  }

  test("guesses nothing on a steady line", () => {
    check(0, 0);
  });

  test("guesses at one snapshot of twenty at most where they are late by chance, however late", () => {
    check(10, 0);
    check(40, 0.05);
    check(120, 0.05);
  });
});
