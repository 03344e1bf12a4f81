import { expect, test } from "vitest";

import { interestAround } from "../src/arena/sim/interest.ts";
import { Judgement } from "../src/arena/sim/judgement.ts";
import type { PlayerState } from "../src/arena/protocol/state.ts";
import { healthy } from "./snapshots.ts";

const OWN = 4;
const OTHER = 9;

function at(x: number): PlayerState {
  return healthy({ x: 32 * x, y: 32 * 50, vx: 0, vy: 0 });
}

/** Somebody who walks 10 units a snapshot, in snapshots of the ticks 3, 6, … 300. */
function walked(): Judgement {
  const judgement = new Judgement();
  for (let tick = 3; tick <= 300; tick += 3) {
    const entities = new Map([
      [OWN, at(100)],
      [OTHER, at(tick)],
    ]);
    judgement.observe(tick, entities);
    // The same once more changes nothing.
    judgement.observe(tick, new Map());
  }
  return judgement;
}

/** Where the other was for a rail of `tick` whose shooter saw so many ticks back. */
function check(tick: number, ageTicks: number, judgedTick: number, x: number): void {
  const judgement = walked();
  judgement.judge({ kind: "rail fired", owner: OWN, from: [3200, 1600], to: [6400, 1600], hit: undefined }, tick, ageTicks);
  expect(judgement.last).toEqual({
    tick,
    judgedTick,
    from: { x: 100, y: 50 },
    to: { x: 200, y: 50 },
    places: new Map([[OTHER, { x, y: 50 }]]),
  });
}

test("a rail is judged where the shooter saw the others, between two snapshots, and no further back than the server goes", () => {
  check(300, 6, 294, 294);
  check(298, 6.25, 291.75, 291.75);
  check(299, 63.75, 287, 287);
  check(299, 0, 299, 299);
  // Beyond the newest and the oldest snapshot the nearest counts.
  check(303, 0, 303, 300);
  check(12, 12, 0, 207);
});

test("the dead and the shooter are not judged, and nothing is before the first rail", () => {
  const judgement = new Judgement();
  expect(judgement.last).toBeUndefined();
  judgement.observe(3, new Map([[OTHER, { ...at(5), alive: false }], [OWN, at(6)]]));
  judgement.judge({ kind: "rail fired", owner: OWN, from: [0, 0], to: [0, 0], hit: undefined }, 3, 0);
  expect(judgement.last?.places).toEqual(new Map());
  judgement.clear();
  expect(judgement.last).toBeUndefined();
});

test("interest is the view in whole cells and a ring around it, within the grid", () => {
  // 1000 ± 480 is in the columns 4 to 11, 700 ± 270 in the rows 3 to 7.
  expect(interestAround({ x: 1000, y: 700 })).toEqual({ columns: [3, 12], rows: [2, 8] });
  expect(interestAround({ x: 0, y: 0 })).toEqual({ columns: [0, 4], rows: [0, 3] });
  expect(interestAround({ x: 2047, y: 1535 })).toEqual({ columns: [11, 15], rows: [8, 15] });
});
