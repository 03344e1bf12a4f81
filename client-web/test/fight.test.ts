import { describe, expect, test } from "vitest";

import type { Event } from "../src/arena/protocol/event.ts";
import type { ArenaMap } from "../src/arena/protocol/map.ts";
import { PULSE } from "../src/arena/protocol/weapon.ts";
import { firedBy, newFlight, stepFlight, type Flight } from "../src/arena/sim/flight.ts";
import { Fight, type Moment } from "../src/arena/sim/fight.ts";

const OWN = 4;
const OTHER = 9;
const MAP: ArenaMap = { name: "", width: 1000, height: 800, walls: [{ x: 600, y: 0, width: 40, height: 800 }], pickups: [], homes: undefined };

function shot(key: number, owner: number, x: number, aim: number): Extract<Event, { kind: "fired" }> {
  const { bouncesLeft, ...flight } = firedBy({ x: x * 32, y: 400 * 32, vx: 0, vy: 0 }, aim);
  expect(bouncesLeft).toBe(PULSE.bounces);
  return { kind: "fired", key, owner, ...flight };
}

/** The own player is drawn at the server's present, which has told everything. */
function at(tick: number, pastTick: number): Moment {
  return { tick, pastTick, ownTick: tick, toldTick: tick };
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
    fight.advance(at(600, 595), MAP);
    for (let tick = 598; tick < 600; tick += 1) {
      expected = expected === undefined ? undefined : stepFlight(expected, MAP);
    }
    expect(drawn(fight)).toEqual([{ key: 1, x: expected?.x, tick: 600 }]);
  });

  test("of somebody else waits for the moment at which the others are drawn", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OTHER, 100, 0), 598);
    expect(fight.advance(at(600, 595), MAP)).toEqual([]);
    expect(fight.inFlight).toBe(0);
    expect(fight.advance(at(604, 599), MAP)).toEqual([{ kind: "fired", owner: OTHER }]);
    expect(fight.inFlight).toBe(1);
  });

  test("sparks at its bounce, and stops at the second wall by itself", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OWN, 560, 0), 100);
    const kinds: string[] = [];
    for (let tick = 100; tick < 100 + PULSE.lifeTicks; tick += 1) {
      kinds.push(...fight.advance(at(tick, tick - 5), MAP).map((happening) => happening.kind));
    }
    expect(kinds).toEqual(["fired", "bounced", "stopped"]);
    // The server says so too, a little later.
    fight.receive({ kind: "ended", key: 1, x: 0, y: 0, cause: "wall" }, 150);
    expect(fight.advance(at(200, 195), MAP)).toEqual([]);
  });

  test("bursts where it met a player", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OWN, 100, 0), 100);
    fight.advance(at(103, 98), MAP);
    fight.receive({ kind: "ended", key: 1, x: 160 * 32, y: 400 * 32, cause: "player" }, 104);
    fight.receive({ kind: "hit", victim: OTHER, attacker: OWN, damage: 14, weapon: "pulse" }, 104);
    expect(fight.advance(at(104, 99), MAP)).toEqual([
      { kind: "burst", owner: OWN, x: 160, y: 400 },
      { kind: "hit", victim: OTHER, attacker: OWN, damage: 14, weapon: "pulse" },
    ]);
    expect(fight.inFlight).toBe(0);
  });

  test("ends with its life when nothing is heard", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OWN, 300, 16_384 + 32_768), 100);
    fight.receive(shot(2, OWN, 300, 0), 20);
    fight.advance(at(100 + PULSE.lifeTicks + 1, 90), MAP);
    expect(fight.inFlight).toBe(0);
  });
});

describe("a fight", () => {
  test("stays bounded when nothing is drawn for an hour", () => {
    const fight = new Fight(OWN);
    for (let key = 0; key < 20_000; key += 1) {
      fight.receive(shot(key & 0xffff, key % 2 === 0 ? OWN : OTHER, 100, 0), 100 + key);
    }
    fight.advance(at(30_000, 29_995), MAP);
    expect(fight.inFlight).toBeLessThanOrEqual(256);
  });

  test("forgets everything with the map", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OWN, 100, 0), 100);
    fight.advance(at(101, 96), MAP);
    fight.receive(shot(2, OTHER, 100, 0), 101);
    fight.clear();
    expect(fight.advance(at(110, 105), MAP)).toEqual([]);
    expect(fight.inFlight).toBe(0);
  });
});

describe("an own shot", () => {
  /** Fires at tick 100, which the own player reaches while the server is at tick 80. */
  function predicted(): Fight {
    const fight = new Fight(OWN);
    fight.predict(flightOf(shot(1, OWN, 100, 0)), 100);
    return fight;
  }

  function ahead(ownTick: number, toldTick = ownTick - 20): Moment {
    return { tick: Math.max(ownTick - 20, toldTick), pastTick: ownTick - 25, ownTick, toldTick };
  }

  test("flies before the server has heard of it, a little slower than it will", () => {
    const fight = predicted();
    expect(fight.advance(ahead(108), MAP)).toEqual([]);
    expect(drawn(fight)).toMatchObject([{ key: -100, tick: 106 }]);
    expect(fight.shots).toEqual({ predicted: 1, confirmed: 0, denied: 0 });
  });

  test("is where the server has it as soon as that has caught up", () => {
    const fight = predicted();
    fight.receive(shot(7, OWN, 100, 0), 100);
    fight.advance(ahead(170), MAP);
    fight.advance({ ...ahead(170), tick: 165 }, MAP);
    expect(drawn(fight)).toMatchObject([{ key: 7, tick: 165 }]);
  });

  test("is not fired again when the server tells of it", () => {
    const fight = predicted();
    fight.advance(ahead(108), MAP);
    const before = drawn(fight);
    fight.receive(shot(7, OWN, 100, 0), 100);
    expect(fight.advance(ahead(120), MAP)).toEqual([]);
    expect(drawn(fight)).toMatchObject([{ key: 7 }]);
    expect(drawn(fight)[0]?.x).toBeGreaterThan(before[0]?.x ?? Infinity);
    expect(fight.shots).toEqual({ predicted: 1, confirmed: 1, denied: 0 });
  });

  test("starts where the server says, when that is elsewhere", () => {
    const fight = predicted();
    fight.receive(shot(7, OWN, 120, 0), 100);
    fight.advance(ahead(120), MAP);
    let expected: ReturnType<typeof stepFlight> = flightOf(shot(7, OWN, 120, 0));
    for (let tick = 100; tick < 115; tick += 1) {
      expected = expected === undefined ? undefined : stepFlight(expected, MAP);
    }
    expect(drawn(fight)).toEqual([{ key: 7, tick: 115, x: expected?.x }]);
  });

  test("that the server let go some ticks late is the same shot", () => {
    const fight = predicted();
    fight.receive(shot(7, OWN, 100, 0), 109);
    expect(fight.advance(ahead(131), MAP)).toEqual([]);
    expect(drawn(fight)).toMatchObject([{ key: 7 }]);
    expect(fight.shots.confirmed).toBe(1);
  });

  test("that met a wall before the server told of it does not come again", () => {
    const fight = new Fight(OWN);
    fight.predict({ ...flightOf(shot(1, OWN, 570, 0)), bouncesLeft: 0 }, 100);
    expect(fight.advance(ahead(104), MAP).map(({ kind }) => kind)).toEqual(["stopped"]);
    fight.receive(shot(7, OWN, 570, 0), 100);
    expect(fight.advance(ahead(121), MAP)).toEqual([]);
    expect([fight.inFlight, fight.shots.confirmed]).toEqual([0, 1]);
  });

  test("that met a wall takes no shot of somebody else with it", () => {
    const fight = new Fight(OWN);
    fight.predict({ ...flightOf(shot(1, OWN, 570, 0)), bouncesLeft: 0 }, 100);
    fight.advance(ahead(104), MAP);
    fight.receive(shot(9, OTHER, 100, 0), 100);
    expect(fight.advance(ahead(126), MAP)).toEqual([{ kind: "fired", owner: OTHER }]);
    expect([fight.inFlight, fight.shots.confirmed]).toEqual([1, 0]);
  });

  test("that met a wall and that the server let go some ticks late does not come again", () => {
    const fight = new Fight(OWN);
    fight.predict({ ...flightOf(shot(1, OWN, 570, 0)), bouncesLeft: 0 }, 100);
    fight.predict({ ...flightOf(shot(1, OWN, 570, 0)), bouncesLeft: 0 }, 107);
    fight.advance(ahead(111), MAP);
    fight.receive(shot(7, OWN, 570, 0), 105);
    fight.receive(shot(8, OWN, 570, 0), 112);
    expect(fight.advance(ahead(133), MAP)).toEqual([]);
    expect([fight.inFlight, fight.shots.confirmed]).toEqual([0, 2]);
  });

  test("that the server has told of is not denied while the moment that is drawn lags behind what was told", () => {
    const fight = predicted();
    fight.receive(shot(7, OWN, 100, 0), 100);
    fight.advance({ tick: 98, pastTick: 90, ownTick: 130, toldTick: 115 }, MAP);
    fight.advance({ tick: 101, pastTick: 93, ownTick: 133, toldTick: 118 }, MAP);
    expect([...fight.drawn()].map(({ share }) => share)).toEqual([1]);
    expect(fight.shots).toEqual({ predicted: 1, confirmed: 1, denied: 0 });
  });

  test("that the server has not let go fades, and is gone 400 ms after it should have been told", () => {
    const fight = predicted();
    fight.advance(ahead(120, 112), MAP);
    expect([...fight.drawn()].map(({ share }) => share)).toEqual([1]);
    fight.advance(ahead(121, 113), MAP);
    fight.advance(ahead(127, 119), MAP);
    expect([...fight.drawn()].map(({ share }) => share)).toEqual([0.5]);
    fight.advance(ahead(133, 125), MAP);
    expect(fight.inFlight).toBe(0);
    expect(fight.shots).toEqual({ predicted: 1, confirmed: 0, denied: 1 });
  });

  test("of each pull is one shot, whatever is told of the others", () => {
    const fight = new Fight(OWN);
    for (const tick of [100, 107, 114]) {
      fight.predict(flightOf(shot(1, OWN, 100, 0)), tick);
    }
    fight.receive(shot(20, OWN, 100, 0), 107);
    fight.receive(shot(21, OWN, 100, 0), 114);
    fight.advance(ahead(134, 114), MAP);
    expect(drawn(fight).map(({ key }) => key)).toEqual([-100, 20, 21]);
  });
});

describe("a shot that is told late", () => {
  test("flies from its birth to now, without the sparks of then", () => {
    const fight = new Fight(OWN);
    fight.advance(at(200, 195), MAP);
    fight.receive(shot(1, OTHER, 560, 0), 160);
    expect(fight.advance(at(201, 196), MAP)).toEqual([]);
    expect(drawn(fight)).toMatchObject([{ key: 1, tick: 196 }]);
    let expected: ReturnType<typeof stepFlight> = flightOf(shot(1, OTHER, 560, 0));
    for (let tick = 160; tick < 196; tick += 1) {
      expected = expected === undefined ? undefined : stepFlight(expected, MAP);
    }
    expect(drawn(fight)[0]?.x).toBe(expected?.x);
  });

  test("a second time is ignored, and with another tick is another shot", () => {
    const fight = new Fight(OWN);
    fight.receive(shot(1, OTHER, 100, 0), 160);
    fight.advance(at(170, 165), MAP);
    fight.receive(shot(1, OTHER, 100, 0), 160);
    expect(fight.advance(at(171, 166), MAP)).toEqual([]);
    fight.receive(shot(1, OTHER, 100, 0), 165);
    fight.advance(at(172, 167), MAP);
    expect([...fight.drawn()].map(({ projectile }) => projectile.since)).toEqual([165]);
  });
});

function flightOf({ x, y, vx, vy }: Extract<Event, { kind: "fired" }>): Flight {
  return newFlight(x, y, vx, vy);
}

describe("a rail", () => {
  const charging = (owner: number): Event => ({ kind: "rail charging", owner });
  const fired = (owner: number, hit?: number): Event => ({
    kind: "rail fired",
    owner,
    from: [3200, 3200],
    to: [6400, 3200],
    hit,
  });
  const BEAM = { kind: "beam", from: { x: 100, y: 100 }, to: { x: 200, y: 100 } };

  function shares(fight: Fight): [number, number][] {
    return [...fight.charging()].map(({ owner, share }) => [owner, share]);
  }

  test("of somebody else charges where the others are drawn, and its beam leaves then", () => {
    const fight = new Fight(OWN);
    fight.receive(charging(OTHER), 100);
    fight.receive(fired(OTHER), 109);
    fight.advance(at(104, 99), MAP);
    expect(shares(fight)).toEqual([]);
    fight.advance(at(108, 103), MAP);
    expect(shares(fight)).toEqual([[OTHER, 3 / 9]]);
    expect(fight.advance(at(114, 109), MAP)).toEqual([{ ...BEAM, owner: OTHER }]);
    expect(shares(fight)).toEqual([]);
  });

  test("of the own player charges and fires ahead of the server, once", () => {
    const fight = new Fight(OWN);
    const ahead = (ownTick: number): Moment => ({ tick: ownTick - 20, pastTick: ownTick - 25, ownTick, toldTick: ownTick - 20 });
    fight.predictCharge(100);
    fight.advance(ahead(106), MAP);
    expect(shares(fight)).toEqual([[OWN, 6 / 9]]);
    fight.predictBeam({ x: 3200, y: 3200 }, { x: 6400, y: 3200 }, 109);
    expect(fight.advance(ahead(109), MAP)).toEqual([{ ...BEAM, owner: OWN }]);
    fight.receive(charging(OWN), 100);
    fight.receive(fired(OWN), 109);
    expect(fight.advance(ahead(130), MAP)).toEqual([]);
    expect(shares(fight)).toEqual([]);
  });

  test("of the own player that the server carries out late is the same, and one that was not predicted is shown", () => {
    const fight = new Fight(OWN);
    fight.predictBeam({ x: 3200, y: 3200 }, { x: 6400, y: 3200 }, 109);
    fight.advance(at(109, 100), MAP);
    fight.receive(fired(OWN), 115);
    expect(fight.advance(at(115, 110), MAP)).toEqual([]);
    fight.receive(fired(OWN), 190);
    expect(fight.advance(at(190, 185), MAP)).toEqual([{ ...BEAM, owner: OWN }]);
  });

  test("that hits the own player is seen when it hurts, and charges no more afterwards", () => {
    const fight = new Fight(OWN);
    fight.receive(charging(OTHER), 100);
    fight.receive(fired(OTHER, OWN), 109);
    expect(fight.advance(at(109, 99), MAP)).toEqual([{ ...BEAM, owner: OTHER }]);
    fight.advance(at(111, 101), MAP);
    expect(shares(fight)).toEqual([]);
  });

  test("stops charging when its owner dies, and by itself when nothing more is told", () => {
    const fight = new Fight(OWN);
    fight.receive(charging(OTHER), 100);
    fight.receive({ kind: "killed", victim: OTHER, killer: OWN, weapon: "rail", streak: 1, shutdown: false }, 103);
    fight.receive(charging(11), 100);
    fight.advance(at(109, 104), MAP);
    expect(shares(fight)).toEqual([[11, 4 / 9]]);
    fight.advance(at(130, 125), MAP);
    expect(shares(fight)).toEqual([]);
  });
});
