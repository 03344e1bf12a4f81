import { describe, expect, test } from "vitest";

import { noCounts, type Counters } from "../src/tickroom/counters.ts";
import { Prediction, type PredictionRules } from "../src/tickroom/sim/prediction.ts";

/** A game on a line: the state is a place, the input a step. */
function lineRules(): PredictionRules<number, number> & { steps: number } {
  return {
    steps: 0,
    step(state, input) {
      this.steps += 1;
      return state + input;
    },
    equal: (a, b) => a === b,
    adopt: (predicted) => predicted,
    position: (state) => ({ x: state, y: 0 }),
    held: (input) => input,
    neutral: 0,
  };
}

/** A prediction that begins at tick 100, place 0, and has walked one unit in each of `ticks` ticks. */
function walked(ticks: number): {
  prediction: Prediction<number, number>;
  rules: ReturnType<typeof lineRules>;
  counters: Counters;
} {
  const rules = lineRules();
  const counters = noCounts();
  const prediction = new Prediction(rules, 100, 0, counters);
  for (let tick = 101; tick <= 100 + ticks; tick += 1) {
    prediction.predict(tick, 1);
  }
  return { prediction, rules, counters };
}

describe("prediction", () => {
  test("applies an input at once", () => {
    const { prediction } = walked(3);
    expect([prediction.tick, prediction.state, prediction.previous]).toEqual([103, 3, 2]);
  });

  test("replays nothing when the server agrees", () => {
    const { prediction, rules, counters } = walked(10);
    expect(prediction.reconcile(105, 5, 0)).toBe(false);
    expect(rules.steps).toBe(10);
    expect(counters).toEqual(noCounts());
    expect(prediction.visualError(0)).toEqual({ x: 0, y: 0 });
  });

  test("takes the server's state and replays the inputs since then", () => {
    const { prediction, rules, counters } = walked(10);
    expect(prediction.reconcile(105, 2, 0)).toBe(true);
    expect([prediction.tick, prediction.state, prediction.previous]).toEqual([110, 7, 6]);
    expect(rules.steps).toBe(15);
    expect(counters).toMatchObject({ corrections: 1, correctionUnits: 3, replays: 1, replayedTicks: 5 });
    // What was replayed is what the next snapshots are compared with.
    expect(prediction.reconcile(108, 5, 0)).toBe(false);
  });

  test("counts how far it was off, in all and at most, and no replay where nothing is ahead of the server", () => {
    const { prediction, counters } = walked(10);
    prediction.reconcile(105, 2, 0);
    prediction.reconcile(106, 13, 0);
    prediction.reconcile(116, 20, 0);
    expect(counters).toMatchObject({ corrections: 3, correctionUnits: 3 + 10 + 3, correctionUnitsMax: 10 });
    expect(counters).toMatchObject({ replays: 2, replayedTicks: 5 + 4 });
  });

  test("tells what an input did once, and nothing of a tick that is repeated", () => {
    const { prediction } = walked(2);
    expect(prediction.predict(103, 5)).toEqual({ tick: 103, input: 5, before: 2, after: 7 });
    expect(prediction.predict(103, 5)).toBeUndefined();
    expect(prediction.predict(106, 1)).toEqual({ tick: 106, input: 1, before: 17, after: 18 });
  });

  test("glides from the old place to the new one, half of the way in 80 ms", () => {
    const { prediction } = walked(10);
    prediction.reconcile(105, 2, 1000);
    expect(prediction.visualError(1000).x).toBeCloseTo(3);
    expect(prediction.visualError(1080).x).toBeCloseTo(1.5);
    expect(prediction.visualError(1800).x).toBeLessThan(0.01);
  });

  test("adds a second correction to what is left of the first", () => {
    const { prediction } = walked(10);
    prediction.reconcile(105, 2, 1000);
    prediction.reconcile(106, 7, 1080);
    expect(prediction.visualError(1080).x).toBeCloseTo(1.5 - 4);
  });

  test("shows a correction of more than 64 units at once", () => {
    const { prediction, counters } = walked(10);
    prediction.reconcile(105, 500, 0);
    expect(prediction.state).toBe(505);
    expect(counters).toMatchObject({ corrections: 1, correctionUnits: 0, snaps: 1 });
    expect(prediction.visualError(0)).toEqual({ x: 0, y: 0 });
  });

  test("repeats the last input for ticks that were left out", () => {
    const { prediction } = walked(2);
    prediction.predict(106, -1);
    expect(prediction.state).toBe(2 + 3 - 1);
    expect(prediction.reconcile(105, 5, 0)).toBe(false);
  });

  test("assumes nothing where the server has stopped repeating", () => {
    const { prediction } = walked(1);
    prediction.predict(131, 0);
    expect(prediction.state).toBe(1 + 15);
  });

  test("ignores an input for a tick that has passed", () => {
    const { prediction } = walked(5);
    prediction.predict(103, 50);
    expect([prediction.tick, prediction.state]).toEqual([105, 5]);
  });

  test("replays at most a second, however old the snapshot is", () => {
    const { prediction, rules } = walked(200);
    rules.steps = 0;
    prediction.reconcile(110, 0, 0);
    expect(rules.steps).toBe(60);
    expect([prediction.tick, prediction.state]).toEqual([300, 60]);
  });

  test("follows a server that is ahead", () => {
    const { prediction } = walked(5);
    prediction.reconcile(400, 77, 0);
    expect([prediction.tick, prediction.state]).toEqual([400, 77]);
    prediction.predict(401, 1);
    expect(prediction.state).toBe(78);
  });

  test("bounds the work of a jump far ahead", () => {
    const { prediction, rules } = walked(1);
    rules.steps = 0;
    prediction.predict(4_000_000_000, 1);
    expect(rules.steps).toBeLessThanOrEqual(61);
  });
});
