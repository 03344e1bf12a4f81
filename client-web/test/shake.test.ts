import { expect, test } from "vitest";

import { Shake, UNITS_MAX } from "../src/arena/render/shake.ts";

const PULSE = 14;
const RAIL = 55;

/** The farthest that the picture is off its place on either axis in this time. */
function farthest(shake: Shake, fromMs: number, toMs: number): number {
  let units = 0;
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 1) {
    const { x, y } = shake.offset(nowMs);
    units = Math.max(units, Math.abs(x), Math.abs(y));
  }
  return units;
}

/** What is felt of one hit. */
function ofHit(damage: number): number {
  const shake = new Shake();
  shake.hit(damage, 1000);
  return farthest(shake, 1000, 1100);
}

test("a harder hit shakes more, and none more than the bound", () => {
  expect(ofHit(PULSE)).toBeGreaterThan(1);
  expect(ofHit(RAIL)).toBeGreaterThan(ofHit(PULSE) * 1.5);
  expect(Math.max(ofHit(RAIL), ofHit(10_000))).toBeLessThanOrEqual(UNITS_MAX);
});

test("hits with every tick and an end hold the picture within the bound", () => {
  const shake = new Shake();
  let units = 0;
  for (let tick = 0; tick < 600; tick += 1) {
    const nowMs = (tick * 1000) / 60;
    shake.hit(RAIL, nowMs);
    if (tick % 120 === 0) {
      shake.end(nowMs);
    }
    units = Math.max(units, farthest(shake, nowMs, nowMs + 16));
  }
  expect(units).toBeGreaterThan(UNITS_MAX * 0.8);
  expect(units).toBeLessThanOrEqual(UNITS_MAX);
});

test("Pulses of one attacker leave room in which a second one is felt", () => {
  const shake = new Shake();
  for (let shot = 0; shot < 20; shot += 1) {
    shake.hit(PULSE, shot * 117);
  }
  expect(farthest(shake, 19 * 117, 20 * 117)).toBeLessThan(UNITS_MAX * 0.85);
});

test("it becomes less and stops within half a second", () => {
  const shake = new Shake();
  shake.end(0);
  const parts = [0, 100, 200, 300, 400].map((fromMs) => farthest(shake, fromMs, fromMs + 100));
  expect(parts).toEqual([...parts].sort((a, b) => b - a));
  expect(new Set(parts).size).toBe(parts.length);
  expect(farthest(shake, 500, 2000)).toBe(0);
});

test("before the first hit the picture stands still", () => {
  expect(farthest(new Shake(), 0, 1000)).toBe(0);
});
