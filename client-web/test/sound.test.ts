import { describe, expect, test } from "vitest";

import type { Happening } from "../src/arena/sim/fight.ts";
import { Ears, type Cue, type Heard } from "../src/arena/sound/ears.ts";
import { placedAt, sideOf } from "../src/arena/sound/place.ts";
import { RECIPES, type Recipe } from "../src/arena/sound/recipes.ts";
import { samplesOf } from "../src/arena/sound/synth.ts";
import { VOICES_MAX, Voices } from "../src/arena/sound/voices.ts";
import { CaptionLines } from "../src/arena/ui/captions.ts";

const RATE = 24_000;

describe("every sound", () => {
  const entries: [string, Recipe][] = Object.entries(RECIPES);

  test.each(entries)("%s is within bounds, can be heard, and begins and ends without a click", (_, recipe) => {
    const samples = samplesOf(recipe, RATE);
    expect(samples.length).toBe(Math.ceil(recipe.lengthS * RATE));
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(peak).toBeLessThanOrEqual(1);
    expect(peak).toBeGreaterThan(0.1);
    expect(Math.abs(samples[0] ?? 1)).toBeLessThan(0.02);
    expect(Math.abs(samples.at(-1) ?? 1)).toBeLessThan(0.02);
    expect(recipe.gain).toBeLessThanOrEqual(0.5);
  });

  test("is the same each time, and no two are alike", () => {
    const texts = entries.map(([, recipe]) => samplesOf(recipe, RATE).join());
    expect(entries.map(([, recipe]) => samplesOf(recipe, RATE).join())).toEqual(texts);
    expect(new Set(texts).size).toBe(entries.length);
  });
});

describe("the place of a sound", () => {
  const listener = { x: 500, y: 500 };

  test("is heard on its side, and less from farther away", () => {
    const check = (x: number, y: number, pan: number, gain: number): void =>
      expect(placedAt({ x, y }, listener)).toEqual({ pan: expect.closeTo(pan), gain: expect.closeTo(gain) });
    check(500, 500, 0, 1);
    check(980, 500, 0.8, 1 / (1 + (480 / 380) ** 2));
    check(-4000, 500, -0.8, 1 / (1 + (4500 / 380) ** 2));
    check(500, 120, 0, 0.5);
    expect(placedAt(undefined, listener)).toEqual({ pan: 0, gain: 1 });
    expect(placedAt(listener, undefined)).toEqual({ pan: 0, gain: 1 });
  });

  test("has a word", () => {
    const check = (x: number, y: number, word: string | undefined): void => expect(sideOf({ x, y }, listener)).toBe(word);
    check(510, 510, undefined);
    check(700, 600, "right");
    check(300, 600, "left");
    check(600, 100, "above");
    check(400, 900, "below");
    expect(sideOf(undefined, listener)).toBeUndefined();
  });
});

describe("what is heard", () => {
  const OWN = 1;
  const pose = { x: 100, y: 100, alive: true, dashing: false };
  const frame = (more: Partial<Heard> = {}): Heard => ({
    own: OWN,
    poses: new Map([[OWN, pose], [2, { ...pose, x: 300 }], [3, pose]]),
    happenings: [],
    charging: [],
    ownShot: false,
    phase: "live",
    ...more,
  });
  const names = (cues: Cue[]): string[] => cues.map(({ sound }) => sound);
  const ofHappening = (happening: Happening): Cue[] => new Ears().hear(frame({ happenings: [happening] }));

  test("of hits and kills depends on the part that the own player has", () => {
    const check = (happening: Happening, ...expected: string[]): void => expect(names(ofHappening(happening))).toEqual(expected);
    const hit = { kind: "hit", damage: 14, weapon: "pulse" } as const;
    check({ ...hit, victim: OWN, attacker: 2 }, "hit taken");
    check({ ...hit, victim: OWN, attacker: OWN }, "hit taken");
    check({ ...hit, victim: 2, attacker: OWN }, "hit dealt");
    check({ ...hit, victim: 2, attacker: 3 });
    const killed = { kind: "killed", weapon: "rail", streak: 1, shutdown: false } as const;
    check({ ...killed, victim: 2, killer: OWN }, "burst", "kill");
    check({ ...killed, victim: OWN, killer: 2 }, "death");
    check({ ...killed, victim: OWN, killer: OWN }, "death");
    check({ ...killed, victim: 3, killer: 2 }, "burst");
    check({ kind: "spawned", entity: OWN, x: 0, y: 0 }, "respawn");
    check({ kind: "spawned", entity: 2, x: 0, y: 0 });
    check({ kind: "picked up", pickup: "med", by: OWN, x: 0, y: 0 }, "med");
    check({ kind: "picked up", pickup: "overcharge", by: 2, x: 0, y: 0 }, "overcharge");
    check({ kind: "announced", pickup: "shield", x: 0, y: 0 }, "announced");
    check({ kind: "bounced", owner: 2, x: 0, y: 0 }, "bounce");
  });

  test("of a hit on the own player comes from the attacker", () => {
    const [cue] = ofHappening({ kind: "hit", victim: OWN, attacker: 2, damage: 1, weapon: "pulse" });
    expect(cue?.at?.x).toBe(300);
    expect(sideOf(cue?.at, pose)).toBe("right");
  });

  test("of a dash and of a charge is their beginning", () => {
    const ears = new Ears();
    const dashing = new Map([[2, { ...pose, dashing: true }]]);
    const charging = [{ owner: OWN }];
    expect(names(ears.hear(frame({ poses: dashing, charging })))).toEqual(["dash", "charge"]);
    expect(ears.hear(frame({ poses: dashing, charging }))).toEqual([]);
    expect(ears.hear(frame())).toEqual([]);
    expect(names(ears.hear(frame({ poses: dashing, charging })))).toEqual(["dash", "charge"]);
  });

  test("of a charge out of sight is nothing", () => {
    expect(new Ears().hear(frame({ charging: [{ owner: 9 }] }))).toEqual([]);
  });

  test("of a phase is its beginning, and nothing of the one that is found", () => {
    const ears = new Ears();
    const phases = ["live", "live", "results", undefined, "results", "countdown"] as const;
    expect(phases.map((phase) => names(ears.hear(frame({ phase }))))).toEqual([[], [], ["results"], [], [], ["countdown"]]);
  });

  test("of a phase is nothing where another moment of a recording is shown", () => {
    const ears = new Ears();
    ears.hear(frame({ phase: "live" }));
    ears.leap();
    expect(ears.hear(frame({ phase: "results" }))).toEqual([]);
    expect(names(ears.hear(frame({ phase: "countdown" })))).toEqual(["countdown"]);
  });

  test("of the own shot is heard once, at once", () => {
    expect(names(new Ears().hear(frame({ ownShot: true })))).toEqual(["pulse"]);
  });
});

describe("voices", () => {
  test("are never more than the bound: the least important gives way, of these the oldest", () => {
    const voices = new Voices<string>();
    for (let index = 0; index < VOICES_MAX; index += 1) {
      expect(voices.admit(`sound ${index}`, 1 + (index % 2), index)).toEqual({ plays: true, stop: undefined });
      voices.add(`sound ${index}`, 1 + (index % 2), `voice ${index}`, index, 10_000);
    }
    expect(voices.admit("light", 0, 100)).toEqual({ plays: false });
    expect(voices.count).toBe(VOICES_MAX);
    expect(voices.admit("heavy", 9, 100)).toEqual({ plays: true, stop: "voice 0" });
    voices.add("heavy", 9, "heavy", 100, 10_000);
    expect(voices.admit("as light", 1, 100)).toEqual({ plays: true, stop: "voice 2" });
    expect(voices.count).toBe(VOICES_MAX - 1);
  });

  test("that have ended make room", () => {
    const voices = new Voices<string>();
    for (let index = 0; index < VOICES_MAX; index += 1) {
      voices.add(`sound ${index}`, 5, "", 0, 100);
    }
    expect(voices.admit("light", 0, 99)).toEqual({ plays: false });
    expect(voices.admit("light", 0, 100)).toEqual({ plays: true, stop: undefined });
    expect(voices.count).toBe(0);
  });

  test("do not say the same twice at one moment", () => {
    const voices = new Voices<string>();
    voices.add("hit", 1, "", 0, 100);
    expect(voices.admit("hit", 1, 24).plays).toBe(false);
    expect(voices.admit("hit", 1, 25).plays).toBe(true);
    expect(voices.admit("other", 1, 0).plays).toBe(true);
  });
});

test("captions stand for a while, few at once, and the same counts as one", () => {
  const lines = new CaptionLines();
  lines.add("Pulse fire", "left", 0);
  lines.add("Pulse fire", "right", 100);
  lines.add("Pulse fire", "left", 1000);
  const shown = (nowMs: number): string[] => lines.visible(nowMs).map(({ text, side }) => `${text} ${side}`);
  expect(shown(1000)).toEqual(["Pulse fire right", "Pulse fire left"]);
  expect(shown(1900)).toEqual(["Pulse fire left"]);
  for (const text of ["a", "b", "c", "d", "e"]) {
    lines.add(text, "left", 2000);
  }
  expect(shown(2000)).toEqual(["b left", "c left", "d left", "e left"]);
  expect(shown(3800)).toEqual([]);
});
