import { describe, expect, test } from "vitest";

import type { Event } from "../src/arena/protocol/event.ts";
import type { ArenaMap } from "../src/arena/protocol/map.ts";
import { PULSE } from "../src/arena/protocol/weapon.ts";
import { firedBy, stepFlight } from "../src/arena/sim/flight.ts";
import { Fight } from "../src/arena/sim/fight.ts";
import { Trigger } from "../src/arena/sim/trigger.ts";

const OWN = 4;
const OTHER = 9;
const MAP: ArenaMap = { name: "", width: 1000, height: 800, walls: [{ x: 600, y: 0, width: 40, height: 800 }] };

function shot(key: number, owner: number, x: number, aim: number): Extract<Event, { kind: "fired" }> {
  const { bouncesLeft, ...flight } = firedBy({ x: x * 32, y: 400 * 32, vx: 0, vy: 0 }, aim);
  expect(bouncesLeft).toBe(PULSE.bounces);
  return { kind: "fired", key, owner, ...flight };
}

function drawn(fight: Fight): { key: number; x: number; tick: number }[] {
  return [...fight.drawn()].map(({ projectile, tick }) => ({ key: projectile.key, x: projectile.flight.x, tick }));
}

describe("a projectile", () => {
  test("is where the server has it, from the age of its event on", () => {
    const fight = new Fight(OWN);
    const fired = shot(1, OWN, 100, 0);
    let expected: ReturnType<typeof stepFlight> = { ...fired, bouncesLeft: PULSE.bounces };
    fight.receive(fired, 598);
    fight.advance(600, 595, MAP);
    for (let tick = 598; tick < 600; tick += 1) {
      expected = expected === undefined ? undefined : stepFlight(expected, MAP);
    }
    expect(drawn(fight)).toEqual([{ key: 1, x: expected?.x, tick: 600 }]);
  });

  test("of somebody else waits for the moment at which the others are drawn", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OTHER, 100, 0), 598);
    expect(fight.advance(600, 595, MAP)).toEqual([]);
    expect(fight.inFlight).toBe(0);
    expect(fight.advance(604, 599, MAP)).toEqual([{ kind: "fired", owner: OTHER }]);
    expect(fight.inFlight).toBe(1);
  });

  test("sparks at its bounce, and stops at the second wall by itself", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OWN, 560, 0), 100);
    const kinds: string[] = [];
    for (let tick = 100; tick < 100 + PULSE.lifeTicks; tick += 1) {
      kinds.push(...fight.advance(tick, tick - 5, MAP).map((happening) => happening.kind));
    }
    expect(kinds).toEqual(["bounced", "stopped"]);
    // The server says so too, a little later.
    fight.receive({ kind: "ended", key: 1, x: 0, y: 0, cause: "wall" }, 150);
    expect(fight.advance(200, 195, MAP)).toEqual([]);
  });

  test("bursts where it met a player", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OWN, 100, 0), 100);
    fight.advance(103, 98, MAP);
    fight.receive({ kind: "ended", key: 1, x: 160 * 32, y: 400 * 32, cause: "player" }, 104);
    fight.receive({ kind: "hit", victim: OTHER, attacker: OWN, damage: 14 }, 104);
    expect(fight.advance(104, 99, MAP)).toEqual([
      { kind: "burst", owner: OWN, x: 160, y: 400 },
      { kind: "hit", victim: OTHER, attacker: OWN, damage: 14 },
    ]);
    expect(fight.inFlight).toBe(0);
  });

  test("ends with its life when nothing is heard", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OWN, 300, 16_384 + 32_768), 100);
    fight.receive(shot(2, OWN, 300, 0), 20);
    fight.advance(100 + PULSE.lifeTicks + 1, 90, MAP);
    expect(fight.inFlight).toBe(0);
  });
});

describe("a fight", () => {
  test("stays bounded when nothing is drawn for an hour", () => {
    const fight = new Fight(OWN);
    for (let key = 0; key < 20_000; key += 1) {
      fight.receive(shot(key & 0xffff, key % 2 === 0 ? OWN : OTHER, 100, 0), 100 + key);
    }
    fight.advance(30_000, 29_995, MAP);
    expect(fight.inFlight).toBeLessThanOrEqual(256);
  });

  test("forgets everything with the map", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OWN, 100, 0), 100);
    fight.advance(101, 96, MAP);
    fight.receive(shot(2, OTHER, 100, 0), 101);
    fight.clear();
    expect(fight.advance(110, 105, MAP)).toEqual([]);
    expect(fight.inFlight).toBe(0);
  });
});

test("a held trigger flashes each time the weapon has cooled down, as on the server", () => {
  const check = (held: (tick: number) => boolean, expected: number[]): void => {
    const trigger = new Trigger();
    expect(Array.from({ length: 30 }, (_, tick) => tick).filter((tick) => trigger.pull(held(tick)))).toEqual(expected);
  };
  check(() => true, [0, 7, 14, 21, 28]);
  check((tick) => tick === 3 || tick === 9, [3]);
  check((tick) => tick === 3 || tick === 10, [3, 10]);
});
