import { describe, expect, test } from "vitest";

import {
  ACTIONS,
  actionsByKey,
  ALL_ACTIONS,
  bindingsFrom,
  DEFAULT_BINDINGS,
  keyName,
  keyProblem,
  rebind,
} from "../src/arena/input/actions.ts";
import { DEFAULT_SETTINGS, settingsFrom } from "../src/arena/settings/settings.ts";

describe("keys", () => {
  test("have one action each, and every action has one", () => {
    const keys = ALL_ACTIONS.flatMap((action) => ACTIONS[action].keys as readonly string[]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(actionsByKey(DEFAULT_BINDINGS).size).toBe(keys.length);
    for (const code of keys) {
      expect(keyProblem(code), code).toBeUndefined();
    }
  });

  test("that are set replace the one in their place, and nobody else's", () => {
    const { bindings, conflict } = rebind(DEFAULT_BINDINGS, "up", 1, "KeyI");
    expect(bindings).toEqual({ ...DEFAULT_BINDINGS, up: ["KeyW", "KeyI"] });
    expect(conflict).toBeUndefined();
    expect(rebind(DEFAULT_BINDINGS, "fire", 1, "KeyF").bindings.fire).toEqual(["Space", "KeyF"]);
  });

  test("that somebody has are taken away there, and that is told", () => {
    const some = rebind(DEFAULT_BINDINGS, "rail", 0, "KeyA");
    expect([some.bindings.rail, some.bindings.left]).toEqual([["KeyA"], ["ArrowLeft"]]);
    expect(some.conflict).toBe("A was set to “Left”.");
    const last = rebind(DEFAULT_BINDINGS, "dash", 0, "Space");
    expect([last.bindings.dash, last.bindings.fire]).toEqual([["Space", "ShiftRight"], []]);
    expect(last.conflict).toBe("Space was set to “Fire”, which has no key now.");
  });

  test("can change places within an action", () => {
    const check = (slot: number, code: string, keys: string[]): void => {
      const { bindings, conflict } = rebind(DEFAULT_BINDINGS, "up", slot, code);
      expect([bindings.up, conflict]).toEqual([keys, undefined]);
    };
    check(0, "KeyW", ["KeyW", "ArrowUp"]);
    check(0, "ArrowUp", ["ArrowUp"]);
    check(1, "KeyW", ["KeyW"]);
  });

  test("of the browser and of the way out cannot be set", () => {
    for (const code of ["Escape", "ControlLeft", "AltRight", "MetaLeft", "F5", "F11", ""]) {
      const { bindings, conflict } = rebind(DEFAULT_BINDINGS, "fire", 0, code);
      expect(bindings, code).toBe(DEFAULT_BINDINGS);
      expect(conflict, code).toMatch(/\.$/);
    }
    expect(keyProblem("KeyF")).toBeUndefined();
  });

  test("are named as they are printed", () => {
    const check = (code: string, name: string): void => expect(keyName(code)).toBe(name);
    check("KeyW", "W");
    check("Digit1", "1");
    check("ArrowUp", "Up arrow");
    check("ShiftLeft", "Shift");
    check("ShiftRight", "Right Shift");
    check("Numpad4", "Numpad 4");
    check("Space", "Space");
  });
});

describe("remembered settings", () => {
  test("come back as they were", () => {
    const chosen = { muted: true, volume: 0, captions: true, calm: true, safeColors: true, highContrast: true, textScale: 1.25 };
    const settings = { ...DEFAULT_SETTINGS, ...chosen, leftHanded: true, bindings: rebind(DEFAULT_BINDINGS, "dash", 0, "Space").bindings };
    expect(settingsFrom(JSON.stringify(settings))).toEqual(settings);
  });

  test("that make no sense are as if nobody had chosen", () => {
    for (const text of [null, "", "{", "7", "null", "[]", '"x"', '{"bindings":7,"leftHanded":"yes"}', '{"volume":2,"textScale":40,"calm":1}', '{"bindings":{"up":{"a":1}}}']) {
      expect(settingsFrom(text), String(text)).toEqual(DEFAULT_SETTINGS);
    }
  });

  test("keep a key that an action of later has by default: that one has what is left", () => {
    const check = (given: object, again: string[], mute: string[]): void => {
      const bindings = bindingsFrom(given);
      expect([bindings.again, bindings.mute]).toEqual([again, mute]);
    };
    check({ mute: ["KeyV"] }, ["KeyB"], ["KeyV"]);
    check({ mute: ["KeyB", "KeyV"] }, [], ["KeyB", "KeyV"]);
    check({ mute: ["KeyV"], again: ["KeyV", "KeyB"] }, ["KeyV", "KeyB"], []);
    check({ again: [] }, [], ["KeyM"]);
  });

  test("never give one key two actions, nor one that cannot be set, nor too many", () => {
    const given = { up: ["KeyX", "KeyX", 7, "Escape", "x".repeat(99)], fire: ["KeyX", "KeyY"], dash: ["KeyB", "KeyC", "KeyG"] };
    const bindings = bindingsFrom(given);
    expect([bindings.up, bindings.fire, bindings.dash]).toEqual([["KeyX"], ["KeyY"], ["KeyB", "KeyC"]]);
  });
});
