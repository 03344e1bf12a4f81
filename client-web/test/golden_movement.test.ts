import { expect, test } from "vitest";

import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import type { ArenaMap } from "../src/arena/protocol/map.ts";
import { bodyRecord, type Body } from "../src/arena/protocol/state.ts";
import { step } from "../src/arena/sim/movement.ts";
import { PROTOCOL_VERSION } from "../src/tickroom/protocol/message.ts";
import { Writer } from "../src/tickroom/protocol/writer.ts";
import { golden } from "./golden.ts";
import { Xorshift32 } from "./random.ts";

type Four = readonly [number, number, number, number];

interface Scenario {
  readonly name: string;
  readonly map: ArenaMap;
  readonly start: Four;
  readonly seed: number;
  readonly steering: "keys" | "stick" | "none";
  readonly hold_ticks: number;
  readonly samples: readonly Four[];
  readonly hash: number;
}

const file = golden<Scenario>("movement.json");
const ticks = file.head["ticks"] ?? 0;
const sampleEvery = file.head["sample_every"] ?? 1;

function key(bits: number): number {
  return bits === 1 ? -127 : bits === 2 ? 127 : 0;
}

function inputOf(steering: Scenario["steering"], random: number): Input {
  switch (steering) {
    case "keys":
      return { ...NEUTRAL, moveX: key(random & 3), moveY: key((random >>> 2) & 3) };
    case "stick":
      return { ...NEUTRAL, moveX: ((random >>> 8) << 24) >> 24, moveY: ((random >>> 16) << 24) >> 24 };
    case "none":
      return NEUTRAL;
  }
}

function fnv1a(hash: number, body: Body): number {
  const writer = new Writer();
  bodyRecord.encode(writer, body);
  return writer.finish().reduce((mixed, byte) => Math.imul(mixed ^ byte, 0x0100_0193), hash);
}

test("the vectors are for the protocol that this client speaks", () => {
  expect(file.protocol).toBe(PROTOCOL_VERSION);
  expect(file.rows.length).toBe(64);
  expect(ticks).toBeGreaterThan(0);
});

test.each(file.rows.map((scenario, index) => ({ index, scenario, label: `${scenario.name} ${scenario.steering}` })))(
  "scenario $index ($label) moves as in Rust, bit for bit",
  ({ scenario }) => {
    const random = new Xorshift32(scenario.seed);
    const [x, y, vx, vy] = scenario.start;
    let body: Body = { x, y, vx, vy };
    let input: Input = NEUTRAL;
    let hash = 0x811c_9dc5;
    const samples: Four[] = [];
    for (let tick = 0; tick < ticks; tick += 1) {
      if (tick % scenario.hold_ticks === 0) {
        input = inputOf(scenario.steering, random.next());
      }
      body = step(body, input, scenario.map);
      hash = fnv1a(hash, body);
      if ((tick + 1) % sampleEvery === 0) {
        samples.push([body.x, body.y, body.vx, body.vy]);
      }
    }
    expect(samples).toEqual(scenario.samples);
    expect(hash >>> 0).toBe(scenario.hash);
  },
);
