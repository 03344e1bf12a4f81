import { expect, test } from "vitest";

import type { ArenaMap } from "../src/arena/protocol/map.ts";
import { RAIL } from "../src/arena/protocol/weapon.ts";
import { beamEnd } from "../src/arena/sim/beam.ts";
import { golden } from "./golden.ts";

/** From x and y, the aim, and where it ends. */
type Beam = readonly [number, number, number, number, number];

const file = golden<{ readonly name: string; readonly map: ArenaMap; readonly beams: readonly Beam[] }>("beam.json");

test.each(file.rows.map((row) => ({ ...row })))("beams on $name end where they do in Rust", ({ map, beams }) => {
  expect(file.head["range"]).toBe(RAIL.range);
  for (const [fromX, fromY, aim, x, y] of beams) {
    expect(beamEnd(map, { x: fromX, y: fromY }, aim, RAIL.range)).toEqual({ x, y });
  }
});
