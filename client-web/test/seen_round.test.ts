import { expect, test } from "vitest";

import type { Phase } from "../src/arena/protocol/status.ts";
import { SeenRound, type SeenFrom } from "../src/arena/replay/seen_round.ts";

/** A snapshot that is looked at: phase, round, tick, and when the phase ends. */
type Look = readonly [phase: Phase, round: number, tick: number, ends: number];

test.each<[name: string, looks: Look[], from: SeenFrom | undefined]>([
  ["from its countdown on is seen from its beginning", [["countdown", 0, 10, 180], ["live", 0, 181, 900], ["results", 0, 901, 999]], { tick: 180, isBeginning: true }],
  ["whose beginning the page rested over is", [["countdown", 0, 10, 180], ["live", 0, 700, 900]], { tick: 180, isBeginning: true }],
  ["of which the warm-up was seen is, without that", [["warm-up", 0, 10, 600], ["results", 0, 901, 999]], { tick: 600, isBeginning: true }],
  ["that somebody comes into is seen from there", [["live", 3, 500, 900], ["sudden death", 3, 901, 950], ["results", 3, 951, 999]], { tick: 500, isBeginning: false }],
  ["of which the results alone are seen is not", [["results", 3, 951, 999]], undefined],
  ["behind one that was seen counts anew", [["countdown", 0, 10, 180], ["live", 0, 200, 900], ["live", 1, 1500, 1900]], { tick: 1500, isBeginning: false }],
  ["that the page rested over is not that before", [["countdown", 0, 10, 180], ["results", 1, 2000, 2100]], undefined],
])("a round %s", (_, looks, from) => {
  const seen = new SeenRound();
  for (const [phase, round, tick, ends] of looks) {
    seen.observe({ phase, round, ends, teams: undefined }, tick);
  }
  expect(seen.from).toEqual(from);
});
