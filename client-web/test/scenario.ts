/** The 64 scenarios of movement. Mirror of `shared/tests/golden/scenario.rs`, which writes them down. */

import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import type { ArenaMap } from "../src/arena/protocol/map.ts";
import type { Body } from "../src/arena/protocol/state.ts";
import { step } from "../src/arena/sim/movement.ts";
import { golden } from "./golden.ts";
import { Xorshift32 } from "./random.ts";

/** A tick, counted from 0, and a velocity on the grid. */
type Push = readonly [number, number, number];

export interface Scenario {
  readonly name: string;
  readonly map: ArenaMap;
  readonly start: readonly [number, number, number, number];
  readonly seed: number;
  readonly steering: "keys" | "stick" | "none" | readonly [number, number];
  readonly hold_ticks: number;
  /** Added to the velocity before the tick. */
  readonly knocks: readonly Push[];
  /** The velocity itself, for `dashTicks` from the tick on. */
  readonly dashes: readonly Push[];
  /** After each tenth tick the state, and the hash of all ticks up to there. */
  readonly samples: readonly (readonly [number, number, number, number, number])[];
}

export const movement = golden<Scenario>("movement.json");

export const ticks = movement.head["ticks"] ?? 0;

const dashTicks = movement.head["dash_ticks"] ?? 0;

export function startOf({ start: [x, y, vx, vy] }: Scenario): Body {
  return { x, y, vx, vy };
}

/** The inputs of all ticks. */
export function inputsOf(scenario: Scenario): Input[] {
  const random = new Xorshift32(scenario.seed);
  let input: Input = NEUTRAL;
  return Array.from({ length: ticks }, (_, tick) => {
    if (tick % scenario.hold_ticks === 0) {
      input = inputOf(scenario.steering, random.next());
    }
    return input;
  });
}

/** The body after this tick, whatever happened before. */
export function stepOf(scenario: Scenario, tick: number, body: Body, input: Input): Body {
  let { vx, vy } = body;
  for (const [at, addX, addY] of scenario.knocks) {
    if (at === tick) {
      vx = heldI16(vx + addX);
      vy = heldI16(vy + addY);
    }
  }
  for (const [at, dashX, dashY] of scenario.dashes) {
    if (tick >= at && tick < at + dashTicks) {
      [vx, vy] = [dashX, dashY];
    }
  }
  return step({ ...body, vx, vy }, input, scenario.map);
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
