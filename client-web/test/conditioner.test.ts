import { describe, expect, test } from "vitest";

import { LinkModel, type Conditions } from "../src/tickroom/net/conditioner.ts";
import { conditionsOf, DIRECT, PRESETS } from "../src/tickroom/net/conditions.ts";
import { golden } from "./golden.ts";

interface Row {
  readonly name: string;
  readonly seed: number;
  readonly conditions: Conditions;
  /** When, how many bytes, and when they arrive. */
  readonly messages: readonly (readonly [number, number, number])[];
}

const ROWS = golden<Row>("link.json").rows;

describe("the model of a link", () => {
  test.each(ROWS.map((row) => [`${row.name}, seed ${row.seed}`, row] as const))(
    "gives the times of the golden vector: %s",
    (_name, row) => {
      const link = new LinkModel(row.conditions, row.seed);
      const times = row.messages.map(([atUs, bytes]) => link.deliverAt(atUs, bytes));
      expect(times).toEqual(row.messages.map(([, , arrivalUs]) => arrivalUs));
    },
  );

  test("has the presets of the server", () => {
    for (const [name, conditions] of Object.entries(PRESETS)) {
      expect(ROWS.find((row) => row.name === name)?.conditions, name).toEqual(conditions);
    }
  });

  test("shows a sender that the narrowest point is full", () => {
    const link = new LinkModel({ ...DIRECT, bytesPerS: 1000, queueBytes: 1000 }, 1);
    expect(link.isWritable(0)).toBe(true);
    link.deliverAt(0, 1001);
    expect(link.isWritable(0)).toBe(false);
    expect(link.isWritable(1000)).toBe(true);
  });
});

describe("the address of the page", () => {
  const check = (query: string, expected: Conditions | undefined): void =>
    expect(conditionsOf(new URLSearchParams(query)), query).toEqual(expected);

  test("names a preset, or latency and jitter, or both", () => {
    check("", undefined);
    check("link=4g", PRESETS["4g"]);
    check("latency=75", { ...DIRECT, latencyUs: 75_000 });
    check("latency=75&jitter=2.5", { ...DIRECT, latencyUs: 75_000, jitterUs: 2500 });
    check("link=lossy&latency=10", { ...PRESETS["lossy"], latencyUs: 10_000 } as Conditions);
  });

  test("is not followed where it makes no sense", () => {
    for (const query of ["link=", "link=5g", "link=toString", "latency=", "latency=-1", "latency=1e9", "jitter=x"]) {
      check(query, undefined);
    }
  });
});
