/** The 64 scenarios of movement. Mirror of `shared/tests/golden/scenario.rs`, which writes them down. */

import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import type { ArenaMap } from "../src/arena/protocol/map.ts";
import { NO_DASH } from "../src/arena/sim/dash.ts";
import { step, type Mover } from "../src/arena/sim/movement.ts";
import { golden } from "./golden.ts";
import { Xorshift32 } from "./random.ts";

/** A tick, counted from 0, and a velocity on the grid. */
type Push = readonly [number, number, number];

/** A tick, counted from 0, and the aim. */
type Press = readonly [number, number];

export interface Scenario {
  readonly name: string;
  readonly map: ArenaMap;
  readonly start: readonly [number, number, number, number];
  readonly seed: number;
  readonly steering: "keys" | "stick" | "none" | readonly [number, number];
  readonly hold_ticks: number;
  /** Added to the velocity before the tick. */
  readonly knocks: readonly Push[];
  /** Some of them come too early, and then are nothing. */
  readonly dashes: readonly Press[];
  /** After each tenth tick the state, and the hash of all ticks up to there. */
  readonly samples: readonly (readonly number[])[];
}

export const movement = golden<Scenario>("movement.json");

export const ticks = movement.head["ticks"] ?? 0;

export function startOf({ start: [x, y, vx, vy] }: Scenario): Mover {
  return { body: { x, y, vx, vy }, dash: NO_DASH };
}

/** The inputs of all ticks. */
export function inputsOf(scenario: Scenario): Input[] {
  const random = new Xorshift32(scenario.seed);
  let input: Input = NEUTRAL;
  return Array.from({ length: ticks }, (_, tick) => {
    if (tick % scenario.hold_ticks === 0) {
      input = inputOf(scenario.steering, random.next());
    }
    const press = scenario.dashes.find(([at]) => at === tick);
    return press === undefined ? input : { ...input, dash: true, aim: press[1] };
  });
}

/** The state after this tick, whatever happened before. */
export function stepOf(scenario: Scenario, tick: number, { body, dash }: Mover, input: Input): Mover {
  let { vx, vy } = body;
  for (const [at, addX, addY] of scenario.knocks) {
    if (at === tick) {
      vx = heldI16(vx + addX);
      vy = heldI16(vy + addY);
    }
  }
  return step({ body: { ...body, vx, vy }, dash }, input, scenario.map);
}

/** Addition of `i16` stays at its ends. */
export function heldI16(value: number): number {
  return Math.max(-0x8000, Math.min(0x7fff, value));
}

function inputOf(steering: Scenario["steering"], random: number): Input {
  switch (steering) {
    case "keys":
      return { ...NEUTRAL, moveX: key(random & 3), moveY: key((random >>> 2) & 3) };
    case "stick":
      return { ...NEUTRAL, moveX: ((random >>> 8) << 24) >> 24, moveY: ((random >>> 16) << 24) >> 24 };
    case "none":
      return NEUTRAL;
    default:
      return { ...NEUTRAL, moveX: steering[0], moveY: steering[1] };
  }
}

function key(bits: number): number {
  return bits === 1 ? -127 : bits === 2 ? 127 : 0;
}
