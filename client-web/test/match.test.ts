import { describe, expect, test } from "vitest";

import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import { positionFromGrid } from "../src/arena/sim/quantize.ts";
import { Reader } from "../src/tickroom/protocol/reader.ts";
import { DecodeError } from "../src/tickroom/protocol/record.ts";
import { Loop, newMatch, TICK_MS } from "./loop.ts";
import { readPacket } from "./packet.ts";
import { Xorshift32 } from "./random.ts";
import { bytesOf, healthy, keyframe } from "./snapshots.ts";

const FRAME_MS = 1000 / 144;

/** A player who changes direction every third of a second and runs into things. */
function restless(nowMs: number): Input {
  const turn = Math.floor(nowMs / 333) % 8;
  const axis = (value: number): number => Math.round(Math.cos((value * Math.PI) / 4)) * 127;
  return { ...NEUTRAL, moveX: axis(turn), moveY: axis(turn + 2) };
}

const RIGHT: Input = { ...NEUTRAL, moveX: 127 };
const REST: Input = NEUTRAL;

describe("a match over a way with a delay", () => {
  test("predicts every state that the server then sends, when the way is steady", () => {
    const loop = new Loop(() => 45);
    loop.run(4000, FRAME_MS, restless);
    const settled = loop.match.counters.corrections;
    const late = loop.inputsLate;
    loop.run(20_000, FRAME_MS, restless);
    expect(loop.match.counters.corrections).toBe(settled);
    expect(loop.inputsLate).toBe(late);
  });

  test("answers a key at once and not after the round trip", () => {
    const loop = new Loop(() => 100);
    loop.run(4000, FRAME_MS, () => REST);
    const before = loop.match.view(4000).own?.pose.x ?? 0;
    loop.run(120, FRAME_MS, () => RIGHT);
    expect(positionFromGrid(loop.body.x)).toBe(before);
    expect(loop.match.view(4120).own?.pose.x ?? 0).toBeGreaterThan(before + 5);
  });

  test("ends where the server has the player, also on a bad way", () => {
    const random = new Xorshift32(99);
    const loop = new Loop(() => 40 + random.share() * 25 + (random.below(40) === 0 ? 160 : 0));
    loop.run(15_000, 16, restless);
    loop.run(3000, 16, () => REST);
    const own = loop.match.view(18_000).own;
    expect(own?.pose.x).toBeCloseTo(positionFromGrid(loop.body.x), 2);
    expect(own?.pose.y).toBeCloseTo(positionFromGrid(loop.body.y), 2);
  });

  test("draws somebody else evenly on an uneven way", () => {
    const random = new Xorshift32(5);
    const loop = new Loop(() => 30 + random.share() * 30);
    loop.run(6000, FRAME_MS, () => REST);
    const places: number[] = [];
    loop.run(4000, FRAME_MS, () => REST, (nowMs) => {
      places.push(loop.match.view(nowMs).others.get(9)?.x ?? NaN);
    });
    const steps = places.slice(1).map((place, index) => place - (places[index] ?? 0));
    // 60 units a second are 0.42 units a frame.
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThan(1.3);
  });

  test("draws somebody else evenly when the server leaves out every second snapshot", () => {
    const random = new Xorshift32(5);
    const loop = new Loop(() => 30 + random.share() * 30);
    loop.run(6000, FRAME_MS, () => REST);
    loop.intervalTicks *= 2;
    // The first of them come as a surprise.
    loop.run(1500, FRAME_MS, () => REST);
    const steps: number[] = [];
    let last: number | undefined;
    let guessed = 0;
    loop.run(4000, FRAME_MS, () => REST, (nowMs) => {
      const place = loop.match.view(nowMs).others.get(9)?.x ?? NaN;
      steps.push(place - (last ?? place));
      last = place;
      guessed += loop.match.view(nowMs).pastTick > (loop.match.latest?.tick ?? 0) ? 1 : 0;
    });
    // What is drawn lies between two snapshots that are there, but for those that are later than 95 of 100.
    expect(guessed / steps.length).toBeLessThan(0.1);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThan(1.3);
  });

  test("goes on after a pause in which the page got no frames", () => {
    const loop = new Loop(() => 30);
    loop.run(3000, FRAME_MS, restless);
    loop.run(4000, 4000, () => RIGHT);
    loop.run(5000, FRAME_MS, restless);
    const settled = loop.match.counters.corrections;
    loop.run(5000, FRAME_MS, restless);
    expect(loop.match.counters.corrections).toBe(settled);
  });
});

describe("a match whose server dropped time", () => {
  test.each([300, 1000, 5000, 30_000])("(%d ms) is steered again within a quarter of a second", (droppedMs) => {
    for (const says of [true, false]) {
      const loop = new Loop(() => 45);
      loop.run(4000, FRAME_MS, () => REST);
      loop.stall(droppedMs, says);
      loop.run(droppedMs + 200, FRAME_MS, () => REST);
      const { inputsEarly, inputsLate, body } = loop;
      loop.run(250, FRAME_MS, () => RIGHT);
      expect(positionFromGrid(loop.body.x - body.x), `says ${says}`).toBeGreaterThan(5);
      loop.run(2000, FRAME_MS, () => RIGHT);
      expect([loop.inputsEarly - inputsEarly, loop.inputsLate - inputsLate]).toEqual([0, 0]);
      const { own } = loop.match.view(4000 + droppedMs + 2450);
      expect((own?.pose.x ?? 0) - positionFromGrid(loop.body.x)).toBeLessThan(60);
    }
  });
});

describe("the inputs of a match", () => {
  test("leave in pairs with the tick of the last snapshot", () => {
    const match = newMatch();
    const body = { x: 6400, y: 4800, vx: 0, vy: 0 };
    match.receive(keyframe(600, -128, 4, [[4, body]]), 0, 0);
    expect(match.takeInputs()).toBeUndefined();
    match.advance(2.5 * TICK_MS, () => RIGHT);
    const reader = new Reader(match.takeInputs() ?? new Uint8Array());
    expect([reader.u32(), reader.u32(), reader.u8() & 31]).toEqual([600, 606, 2]);
    expect(match.takeInputs()).toBeUndefined();
  });

  test("wait when they cannot leave, the newest sixteen of them", () => {
    const match = newMatch();
    match.receive(keyframe(600, -128, 4, []), 0, 0);
    for (let tick = 1; tick <= 200; tick += 1) {
      match.advance(tick * TICK_MS + 1, () => RIGHT);
    }
    const reader = new Reader(match.takeInputs() ?? new Uint8Array());
    expect([reader.u32(), reader.u32(), reader.u8() & 31]).toEqual([600, 804, 16]);
  });

  test("say how far behind them the others are drawn, in quarters of a tick", () => {
    const loop = new Loop(() => 45);
    loop.run(4000, FRAME_MS, restless);
    const view = loop.match.view(4000);
    // The way there and back, the delay of the drawing, and how early inputs come.
    expect(loop.viewAge / 4).toBeGreaterThan(90 / TICK_MS + 75 / TICK_MS);
    expect(loop.viewAge / 4).toBeLessThan(20);
    expect(Math.abs(loop.viewAge / 4 - ((view.own?.tick ?? 0) - view.pastTick))).toBeLessThan(3);
  });

  test("say no more than 63 and a half ticks, and of a page that nobody sees nothing", () => {
    const match = newMatch();
    match.receive(keyframe(600, -128, 4, []), 2000, 0);
    match.advance(60, () => REST);
    expect(readPacket(match.takeInputs()).viewAge).toBe(254);
    expect(readPacket(match.hide(true, 71)).viewAge).toBe(255);
  });

  test("are counted when newer ones take their place", () => {
    const match = newMatch();
    match.receive(keyframe(600, -128, 4, []), 0, 0);
    for (let tick = 1; tick <= 40; tick += 1) {
      match.advance(tick * TICK_MS + 1, () => RIGHT);
    }
    expect(match.counters.inputsShed).toBe(40 - 16);
    expect(readPacket(match.takeInputs()).inputs).toHaveLength(16);
  });

  test("are not made before the first snapshot", () => {
    const match = newMatch();
    match.advance(1000, () => RIGHT);
    expect(match.takeInputs()).toBeUndefined();
    expect(match.view(1000)).toMatchObject({ tick: 0, own: undefined, others: new Map() });
  });
});

describe("the snapshots of a match", () => {
  test("that are out of step or make no sense are counted apart, and a keyframe is asked for until it comes", () => {
    const match = newMatch();
    match.receive(keyframe(600, 4, 4, []), 0, 0);
    expect(() => match.receive(bytesOf({ tick: 606, baseTicks: 3 }), 0, 50)).toThrow("out of step");
    match.advance(60, () => REST);
    expect(readPacket(match.takeInputs())).toMatchObject({ acked: 600, resync: true });
    expect(() => match.receive(Uint8Array.of(2, 9), 0, 100)).toThrow(DecodeError);
    match.receive(keyframe(609, 4, 4, []), 0, 150);
    match.advance(200, () => REST);
    expect(readPacket(match.takeInputs())).toMatchObject({ acked: 609, resync: false });
    expect(match.counters).toMatchObject({ snapshots: 4, keyframes: 2, outOfStep: 1, undecodable: 1 });
  });

  test("that do not decode change nothing", () => {
    const match = newMatch();
    expect(() => match.receive(Uint8Array.from([1, 2, 3]), 0, 0)).toThrow(DecodeError);
    expect(match.view(0).own).toBeUndefined();
  });

  test("that come twice give their events once", () => {
    const match = newMatch();
    const spawned = { kind: "spawned", entity: 4, x: 1, y: 2 } as const;
    const bytes = keyframe(600, -128, 4, [], [spawned]);
    expect(match.receive(bytes, 0, 0)).toEqual([{ ageTicks: 0, event: spawned }]);
    expect(() => match.receive(bytesOf({ tick: 600, baseTicks: 3, events: [spawned] }), 0, 1)).toThrow("out of step");
  });

  test("without the own entity make a watcher of the player, and back", () => {
    const match = newMatch();
    const body = { x: 6400, y: 4800, vx: 0, vy: 0 };
    match.receive(keyframe(600, -128, 4, [[4, body]]), 0, 0);
    expect(match.view(0).own?.entity).toBe(4);
    match.receive(keyframe(603, -128, 0xffff, [[4, body]]), 0, 50);
    expect(match.view(50).own).toBeUndefined();
    expect([...match.view(50).others.keys()]).toEqual([4]);
    match.receive(keyframe(606, -128, 7, [[7, body]]), 0, 100);
    expect(match.view(100).own?.entity).toBe(7);
  });
});

describe("the own player", () => {
  const body = { x: 6400, y: 4800, vx: 0, vy: 0 };

  test("has the health that the server says, without a correction", () => {
    const match = newMatch();
    match.receive(keyframe(600, -128, 4, [[4, body]]), 0, 0);
    match.advance(4 * TICK_MS, () => REST);
    const before = match.counters.corrections;
    match.receive(keyframe(603, 0, 4, [[4, { ...healthy(body), health: 44, shielded: true }]]), 0, 50);
    expect(match.view(50).own?.pose).toMatchObject({ health: 44, shielded: true });
    expect(match.counters.corrections).toBe(before);
  });

  test("does not move while it is dead, and is at its new place when it lives again", () => {
    const match = newMatch();
    match.receive(keyframe(600, -128, 4, [[4, { ...healthy(body), health: 0, alive: false }]]), 0, 0);
    match.advance(8 * TICK_MS, () => RIGHT);
    expect(match.view(8 * TICK_MS).own?.pose).toMatchObject({ x: 200, y: 150, alive: false });
    match.receive(keyframe(606, 0, 4, [[4, { ...body, x: 32 * 800, y: 32 * 600 }]]), 0, 100);
    const pose = match.view(100).own?.pose;
    expect(pose?.alive).toBe(true);
    expect(Math.hypot((pose?.x ?? 0) - 800, (pose?.y ?? 0) - 600)).toBeLessThan(20);
  });

  test("walks against the walls of the new round as soon as its setup is there", () => {
    const match = newMatch();
    match.receive(keyframe(600, -128, 4, [[4, body]]), 0, 0);
    // The name "b", 500 × 400 units, no wall.
    match.receiveSetup(Uint8Array.from([1, 98, 251, 244, 1, 251, 144, 1, 0, 0, 0]));
    expect(match.setup).toEqual({ name: "b", width: 500, height: 400, walls: [], pickups: [], homes: undefined });
    for (let tick = 1; tick <= 120; tick += 1) {
      match.advance(tick * TICK_MS, () => RIGHT);
    }
    expect(match.view(120 * TICK_MS).own?.pose.x).toBe(500 - 16);
    expect(() => match.receiveSetup(Uint8Array.from([9]))).toThrow(DecodeError);
    expect(match.setup.name).toBe("b");
  });
});
