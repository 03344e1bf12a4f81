import { expect, test } from "vitest";

import type { ArenaMap } from "../src/arena/protocol/map.ts";
import { PULSE } from "../src/arena/protocol/weapon.ts";
import { unitVector } from "../src/arena/sim/direction.ts";
import { firedBy, stepFlight, type Flight } from "../src/arena/sim/flight.ts";
import { PROTOCOL_VERSION } from "../src/tickroom/protocol/message.ts";
import { golden } from "./golden.ts";

interface Shot {
  readonly name: string;
  readonly map: ArenaMap;
  readonly shooter: readonly [number, number];
  readonly aim: number;
  readonly states: readonly (readonly number[])[];
  readonly stopped: boolean;
}

const file = golden<Shot, { directions: readonly (readonly [number, number])[] }>("flight.json");

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
}

function row({ x, y, vx, vy, bouncesLeft }: Flight): number[] {
  return [x, y, vx, vy, bouncesLeft];
}

test("the vectors are for the protocol that this client speaks", () => {
  expect(file.protocol).toBe(PROTOCOL_VERSION);
  expect(file.rows.length).toBeGreaterThan(30);
});

test("every direction has the bits it has in Rust", () => {
  const directions = file.head.directions.map((_, index) => unitVector(index * 64).map(bitsOf));
  expect(directions).toEqual(file.head.directions);
  expect(directions.length).toBe(1024);
});

test.each(file.rows.map((shot) => ({ shot, label: `on ${shot.name || "an empty map"} towards ${shot.aim}` })))(
  "a shot $label flies as in Rust, bit for bit",
  ({ shot }) => {
    const [x, y] = shot.shooter;
    let flight: Flight | undefined = firedBy({ x, y, vx: 0, vy: 0 }, shot.aim);
    const states = [row(flight)];
    for (let tick = 0; tick < PULSE.lifeTicks && flight !== undefined; tick += 1) {
      flight = stepFlight(flight, shot.map);
      if (flight !== undefined) {
        states.push(row(flight));
      }
    }
    expect(states).toEqual(shot.states);
    expect(flight === undefined).toBe(shot.stopped);
  },
);
