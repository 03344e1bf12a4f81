import { describe, expect, test } from "vitest";

import { NEUTRAL, type Input } from "../src/arena/protocol/input.ts";
import type { ArenaMap } from "../src/arena/protocol/map.ts";
import { RESTED } from "../src/arena/protocol/own.ts";
import { hasBeamed, hasCharged, hasFired, samePlayer, steer, type OwnPlayer } from "../src/arena/sim/steering.ts";
import { healthy } from "./snapshots.ts";

const MAP: ArenaMap = { name: "", width: 1000, height: 800, walls: [], pickups: [], homes: undefined };
const START: OwnPlayer = { state: healthy({ x: 16_000, y: 12_800, vx: 0, vy: 0 }), own: RESTED };

interface Played {
  readonly fired: number[];
  readonly charged: number[];
  readonly beamed: number[];
  readonly last: OwnPlayer;
}

/** What the weapons do in so many ticks. */
function play(ticks: number, inputOf: (tick: number) => Partial<Input>, start = START, fires = true): Played {
  const played: Played = { fired: [], charged: [], beamed: [], last: start };
  let player = start;
  for (let tick = 0; tick < ticks; tick += 1) {
    const after = steer(player, { ...NEUTRAL, ...inputOf(tick) }, MAP, fires);
    hasFired(player, after) && played.fired.push(tick);
    hasCharged(after) && played.charged.push(tick);
    hasBeamed(player, after) && played.beamed.push(tick);
    player = after;
  }
  return { ...played, last: player };
}

describe("the own player", () => {
  test("fires each time the weapon has cooled down while the trigger is held, as on the server", () => {
    expect(play(30, () => ({ fire: true })).fired).toEqual([0, 7, 14, 21, 28]);
    expect(play(30, (tick) => ({ fire: tick === 3 || tick === 9 })).fired).toEqual([3]);
    expect(play(30, (tick) => ({ fire: tick === 3 || tick === 10 })).fired).toEqual([3, 10]);
  });

  test("fires twice as fast while an overcharge lasts, as on the server", () => {
    const start = { ...START, own: { ...RESTED, pulseCooldownTicks: 3, overchargeTicks: 15 } };
    expect(play(40, () => ({ fire: true }), start).fired).toEqual([0, 4, 7, 11, 14, 22, 29, 36]);
  });

  test("charges the rail nine ticks, and may charge again after sixty-six", () => {
    const { charged, beamed } = play(140, (tick) => ({ rail: tick === 5 || tick === 10 || tick === 70 || tick === 71 }));
    expect([charged, beamed]).toEqual([[5, 71], [14, 80]]);
  });

  test("does nothing with its weapons where they are locked, nor while it is dead", () => {
    const dead: OwnPlayer = { ...START, state: { ...START.state, alive: false, health: 0 } };
    for (const played of [play(30, () => ({ fire: true, rail: true }), START, false), play(30, () => ({ fire: true, rail: true }), dead)]) {
      expect([played.fired, played.charged, played.beamed]).toEqual([[], [], []]);
    }
  });

  test("dashes where it walks, and is told apart while it does", () => {
    const { last } = play(8, (tick) => ({ dash: tick === 0, moveX: 127 }));
    expect(last.state.dashing).toBe(true);
    expect((last.state.body.x - START.state.body.x) / 32).toBeCloseTo(120, 0);
    expect(samePlayer(last, { ...last, state: { ...last.state, health: 3, score: 9 } })).toBe(true);
    expect(samePlayer(last, { ...last, state: { ...last.state, body: { ...last.state.body, x: 1 } } })).toBe(false);
  });
});
