import { describe, expect, test } from "vitest";

import type { ArenaMap } from "../src/arena/protocol/map.ts";
import { ANNOUNCED_TICKS } from "../src/arena/protocol/pickup.ts";
import { Fight, type Happening, type Moment } from "../src/arena/sim/fight.ts";

const OWN = 4;
const OTHER = 9;
const MAP: ArenaMap = {
  name: "",
  width: 1000,
  height: 800,
  walls: [],
  pickups: [
    { kind: "med", x: 100, y: 200 },
    { kind: "overcharge", x: 500, y: 400 },
  ],
  homes: undefined,
};

function at(tick: number, pastTick = tick - 5): Moment {
  return { tick, pastTick, ownTick: tick, toldTick: tick };
}

function taken(pickup: number, by: number, back: number): { kind: "picked up"; pickup: number; by: number; back: number } {
  return { kind: "picked up", pickup, by, back };
}

function states(fight: Fight): string[] {
  return [...fight.pickupsOn(MAP)].map(({ state }) => state);
}

function kinds(happenings: readonly Happening[]): string[] {
  return happenings.map(({ kind }) => kind);
}

describe("a pickup", () => {
  test("lies there until it is taken, is announced five seconds before it is back, and lies there again", () => {
    const fight = new Fight(OWN);
    fight.advance(at(10), MAP);
    expect(states(fight)).toEqual(["there", "there"]);
    fight.receive(taken(0, OWN, 730), 10);
    expect(fight.advance(at(11), MAP)).toEqual([{ kind: "picked up", pickup: "med", by: OWN, x: 100, y: 200 }]);
    expect(states(fight)).toEqual(["away", "there"]);
    expect(fight.advance(at(730 - ANNOUNCED_TICKS), MAP)).toEqual([{ kind: "announced", pickup: "med", x: 100, y: 200 }]);
    expect(fight.advance(at(600), MAP)).toEqual([]);
    expect([...fight.pickupsOn(MAP)][0]).toMatchObject({ state: "coming", share: 1 - 130 / 300 });
    fight.advance(at(730), MAP);
    expect(states(fight)).toEqual(["there", "there"]);
  });

  test("that somebody else takes goes when that one is drawn there", () => {
    const fight = new Fight(OWN);
    fight.receive(taken(1, OTHER, 2000), 100);
    expect(fight.advance(at(102, 96), MAP)).toEqual([]);
    expect(kinds(fight.advance(at(106, 100), MAP))).toEqual(["picked up"]);
  });

  test("that was taken before somebody came is away, and nothing is shown of its taking", () => {
    const fight = new Fight(OWN);
    fight.receive(taken(1, OTHER, 2000), 100);
    expect(fight.advance(at(900), MAP)).toEqual([]);
    expect(states(fight)).toEqual(["there", "away"]);
  });

  test("lies there again when the round begins anew, whatever was told of it before", () => {
    const fight = new Fight(OWN);
    fight.receive(taken(1, OTHER, 2000), 299);
    fight.restart(300);
    expect(fight.advance(at(310), MAP)).toEqual([]);
    expect(states(fight)).toEqual(["there", "there"]);
  });

  test("stays away on a page that was not seen for a while", () => {
    const fight = new Fight(OWN);
    fight.receive(taken(1, OTHER, 2000), 299);
    fight.clear();
    fight.advance(at(400), MAP);
    expect(states(fight)).toEqual(["there", "away"]);
  });

  test("with a number that the map does not have is nothing", () => {
    const fight = new Fight(OWN);
    fight.receive(taken(77, OTHER, 2000), 100);
    expect(kinds(fight.advance(at(106), MAP))).toEqual([]);
    expect(fight.advance(at(1990), MAP)).toEqual([]);
  });
});
