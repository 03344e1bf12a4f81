/** The story of a million steps. Mirror of `shared/tests/golden/million.rs`. */

import { expect, test } from "vitest";

import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import type { ArenaMap, Wall } from "../src/arena/protocol/map.ts";
import type { Body } from "../src/arena/protocol/state.ts";
import { NO_DASH } from "../src/arena/sim/dash.ts";
import { firedBy, stepFlight, type Flight } from "../src/arena/sim/flight.ts";
import { step } from "../src/arena/sim/movement.ts";
import { fnv1a, OFFSET_BASIS } from "./fnv1a.ts";
import { golden } from "./golden.ts";
import { Xorshift32 } from "./random.ts";
import { heldI16 } from "./scenario.ts";

const file = golden<{ readonly steps: number; readonly hash: number }>("million.json");
const { seed = 0, floor_steps: floorSteps = 1 } = file.head;

/** Only `tests/run --long` goes all the way. */
const long = process.env["TICKROOM_LONG"] === "1";

function floor(random: Xorshift32): ArenaMap {
  const width = 200 + random.below(1848);
  const height = 200 + random.below(1337);
  const walls: Wall[] = [];
  for (let left = random.below(13); left > 0; left -= 1) {
    walls.push({
      x: random.below(width),
      y: random.below(height),
      width: 1 + random.below(300),
      height: 1 + random.below(300),
    });
  }
  return { name: "", width, height, walls, pickups: [], homes: undefined };
}

/** The low 16 bits as `i16`, divided as Rust divides whole numbers. */
function i16(number: number, divisor: number): number {
  return (((number << 16) >> 16) / divisor) | 0;
}

function anybody(random: Xorshift32, map: ArenaMap): Body {
  const x = random.below(map.width) * 32;
  const y = random.below(map.height) * 32;
  return { x, y, vx: i16(random.next(), 4), vy: i16(random.next(), 4) };
}

function inputAfter(last: Input, number: number): Input {
  switch (number % 32) {
    case 0:
      return NEUTRAL;
    case 8:
    case 16:
    case 24:
      return { ...NEUTRAL, moveX: (number << 16) >> 24, moveY: (number << 8) >> 24 };
    default:
      return last;
  }
}

/** The hash after so many steps. */
function hashAfter(steps: number): number {
  const random = new Xorshift32(seed);
  let map = floor(random);
  let body = anybody(random, map);
  let wish = NEUTRAL;
  let dash = NO_DASH;
  let flight: Flight | undefined;
  let hash = OFFSET_BASIS;
  for (let number = 1; number <= steps; number += 1) {
    if (number % floorSteps === 0) {
      map = floor(random);
      body = anybody(random, map);
      flight = undefined;
    }
    const chance = random.next();
    wish = inputAfter({ ...wish, dash: false }, chance);
    if (chance % 97 === 0) {
      const vx = heldI16(body.vx + i16(random.next(), 32));
      const vy = heldI16(body.vy + i16(random.next(), 32));
      body = { ...body, vx, vy };
    }
    if (chance % 61 === 0) {
      wish = { ...wish, dash: true, aim: random.next() & 0xffff };
    }
    ({ body, dash } = step({ body, dash }, wish, map));
    hash = fnv1a(hash, body);
    flight = stepFlight(flight ?? firedBy(body, random.next() & 0xffff), map);
    hash = flight === undefined ? hash : fnv1a(hash, flight);
  }
  return hash;
}

test.each(file.rows.filter(({ steps }) => long || steps < 1_000_000))(
  "$steps steps have the hash they have in Rust",
  ({ steps, hash }) => {
    expect(hashAfter(steps)).toBe(hash);
  },
  120_000,
);
