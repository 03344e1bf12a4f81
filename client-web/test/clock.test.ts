import { describe, expect, test } from "vitest";

import { ServerClock } from "../src/tickroom/net/clock.ts";
import { Xorshift32 } from "./random.ts";

const TICK_MS = 1000 / 60;
const INTERVAL = 3;

/** A clock that got a snapshot each 3 ticks from tick 0 on, the way taking `delayMs(tick)`; tick 0 was at 5000 ms. */
function clockAfter(ticks: number, delayMs: (tick: number) => number): ServerClock {
  const clock = new ServerClock(TICK_MS);
  for (let tick = 0; tick <= ticks; tick += INTERVAL) {
    clock.observe(tick, 5000 + tick * TICK_MS + delayMs(tick), false);
  }
  return clock;
}

describe("the server's clock", () => {
  test("is unknown before the first snapshot", () => {
    expect(new ServerClock(TICK_MS).tickAt(1000)).toBeUndefined();
  });

  test("runs as late as the snapshots on a steady way", () => {
    const clock = clockAfter(600, () => 40);
    expect(clock.tickAt(5000 + 40 + 600 * TICK_MS)).toBeCloseTo(600);
    expect(clock.tickAt(5000 + 40 + 601.5 * TICK_MS)).toBeCloseTo(601.5);
    expect(clock.latenessMs(600, 5000 + 600 * TICK_MS + 65)).toBeCloseTo(25);
  });

  test("follows the fastest snapshots and not the held up ones", () => {
    const random = new Xorshift32(1);
    const clock = clockAfter(1200, () => 40 + (random.below(4) === 0 ? 0 : random.share() * 150));
    expect(clock.tickAt(5040 + 1200 * TICK_MS)).toBeCloseTo(1200, 0);
  });

  test("forgets after five seconds that the way was shorter", () => {
    const clock = clockAfter(1200, (tick) => (tick < 600 ? 40 : 90));
    expect(clock.tickAt(5090 + 1200 * TICK_MS)).toBeCloseTo(1200, 1);
  });

  test("follows a small change gently", () => {
    const clock = clockAfter(600, () => 90);
    const nowMs = 5000 + 603 * TICK_MS + 40;
    clock.observe(603, nowMs, false);
    const ahead = 603 - (clock.tickAt(nowMs) ?? 0);
    expect(ahead).toBeGreaterThan(2.5);
    clock.advance(nowMs + 1000);
    expect(clock.tickAt(nowMs + 1000)).toBeCloseTo(663, 0);
  });

  test("jumps when it is more than 250 ms off", () => {
    const clock = clockAfter(60, () => 600);
    const nowMs = 5000 + 63 * TICK_MS;
    clock.observe(63, nowMs, false);
    expect(clock.tickAt(nowMs)).toBeCloseTo(63);
  });

  test("takes it that the server dropped time", () => {
    const clock = clockAfter(60, () => 40);
    for (let tick = 63; tick <= 180; tick += INTERVAL) {
      clock.observe(tick, 5000 + 40 + 200 + tick * TICK_MS, tick === 63);
    }
    expect(clock.tickAt(5240 + 180 * TICK_MS)).toBeCloseTo(180, 1);
  });

  test("stays bounded when it is flooded", () => {
    const clock = new ServerClock(TICK_MS);
    for (let tick = 0; tick < 200_000; tick += 1) {
      clock.observe(tick, tick * 16.7, false);
    }
    expect(JSON.stringify(clock).length).toBeLessThan(40_000);
  });
});
