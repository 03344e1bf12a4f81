import { expect, test } from "vitest";

import { bodyRecord } from "../src/arena/protocol/state.ts";
import { dashRecord } from "../src/arena/sim/dash.ts";
import type { Mover } from "../src/arena/sim/movement.ts";
import { PROTOCOL_VERSION } from "../src/tickroom/protocol/message.ts";
import { Reader } from "../src/tickroom/protocol/reader.ts";
import { Writer } from "../src/tickroom/protocol/writer.ts";
import { fnv1a, OFFSET_BASIS } from "./fnv1a.ts";
import { inputsOf, movement, startOf, stepOf, ticks, type Scenario } from "./scenario.ts";

const sampleEvery = movement.head["sample_every"] ?? 1;

/** Ticks that are taken back. */
const BACK_TICKS = 40;

const scenarios = movement.rows.map((scenario, index) => ({ index, scenario, name: scenario.name }));

test("the vectors are for the protocol that this client speaks", () => {
  expect(movement.protocol).toBe(PROTOCOL_VERSION);
  expect(movement.rows.length).toBe(64);
  expect(ticks).toBe(600);
});

test.each(scenarios)("scenario $index ($name) moves as in Rust, bit for bit", ({ scenario }) => {
  let mover = startOf(scenario);
  let hash = OFFSET_BASIS;
  const samples: number[][] = [];
  for (const [tick, input] of inputsOf(scenario).entries()) {
    mover = stepOf(scenario, tick, mover, input);
    const { body, dash } = mover;
    hash = fnv1a(hash, body);
    if ((tick + 1) % sampleEvery === 0) {
      samples.push([body.x, body.y, body.vx, body.vy, dash.cooldownTicks, dash.ticksLeft, hash]);
    }
  }
  expect(samples).toEqual(scenario.samples);
});

/** The state as it comes out of its bytes. */
function restored(mover: Mover | undefined): Mover {
  const writer = new Writer();
  if (mover !== undefined) {
    bodyRecord.encode(writer, mover.body);
    dashRecord.encode(writer, mover.dash);
  }
  const reader = new Reader(writer.finish());
  return { body: bodyRecord.decode(reader), dash: dashRecord.decode(reader) };
}

function playAgain(scenario: Scenario): void {
  const inputs = inputsOf(scenario);
  const states: Mover[] = [startOf(scenario)];
  for (const [tick, input] of inputs.entries()) {
    const next = stepOf(scenario, tick, restored(states[tick]), input);
    const from = Math.max(0, tick - (tick % BACK_TICKS));
    const again = inputs
      .slice(from, tick + 1)
      .reduce((state, input, index) => stepOf(scenario, from + index, state, input), restored(states[from]));
    expect(again).toEqual(next);
    states.push(next);
  }
}

test.each(scenarios)("scenario $index ($name) depends on nothing but the state it is given back", ({ scenario }) => {
  playAgain(scenario);
});
