import { expect, test } from "vitest";

import { cameraOn } from "../src/arena/render/camera.ts";
import { isolated } from "../src/arena/ui/isolated.ts";
import { nameProblem, suggestName } from "../src/arena/ui/player_name.ts";
import { GIVE_UP_MS, retryDelayMs } from "../src/tickroom/net/retry.ts";
import { golden } from "./golden.ts";
import { Xorshift32 } from "./random.ts";

test("names are checked as in shared/src/name.rs", () => {
  for (const good of ["Ada", "  Ada ", "<b>Ada</b>", "日本語の名前", "x".repeat(24), "🎲".repeat(24), "☺\uFE0F 1\uFE0F\u20E3 🇩🇪 👍🏽"]) {
    expect(nameProblem(good), good).toBeUndefined();
  }
  for (const bad of ["", " \t ", "x".repeat(25), "🎲".repeat(25), "A\u0000B", "A\u202EB", "A\u200BB", "\uFE0F", "\uFE0F \uFE0F", "Ada\uFE0F", "Ada \uFE0FB", "☺\uFE0F\uFE0F"]) {
    expect(nameProblem(bad), bad).toMatch(/\.$/);
  }
});

test("no name has a character that shared/src/name.rs refuses, and every other may stand in one", () => {
  const ranges: { first: number; last: number }[] = [];
  for (let code = 0; code <= 0x10_ffff; code += 1) {
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    if (isSurrogate || nameProblem(`A1${String.fromCodePoint(code)}B`) === undefined) {
      continue;
    }
    const last = ranges.at(-1);
    if (last?.last === code - 1) {
      last.last = code;
    } else {
      ranges.push({ first: code, last: code });
    }
  }
  expect(ranges).toEqual(golden("name.json").rows);
});

test("nothing that is drawn as nothing may stand in a name, but what follows an emoji", () => {
  for (let code = 0; code <= 0x10_ffff; code += 1) {
    const letter = String.fromCodePoint(code);
    if (/\p{Default_Ignorable_Code_Point}/u.test(letter) && letter !== "\uFE0F") {
      expect(nameProblem(`A${letter}B`), code.toString(16)).toBeDefined();
    }
  }
});

test("a name keeps its own direction within a sentence, and has no mark of its own to break out with", () => {
  expect(isolated("שלום 12")).toBe("\u2068שלום 12\u2069");
  for (const mark of ["\u2066", "\u2067", "\u2068", "\u2069", "\u202A", "\u202E", "\u200F"]) {
    expect(nameProblem(`A${mark}B`), mark).toMatch(/\.$/);
  }
});

test("every suggested name is one that the server takes", () => {
  const random = new Xorshift32(11);
  const names = new Set(Array.from({ length: 500 }, () => suggestName(() => random.share())));
  expect(names.size).toBeGreaterThan(100);
  for (const name of names) {
    expect(nameProblem(name), name).toBeUndefined();
  }
});

test("the camera follows, and stops a little beyond the edge of the map", () => {
  const map = { width: 2000, height: 1500 };
  expect(cameraOn({ x: 1000, y: 700 }, map)).toEqual({ x: 1000, y: 700 });
  expect(cameraOn({ x: 16, y: 16 }, map)).toEqual({ x: 408, y: 198 });
  expect(cameraOn({ x: 1990, y: 1490 }, map)).toEqual({ x: 1592, y: 1302 });
  expect(cameraOn({ x: 16, y: 16 }, { width: 400, height: 300 })).toEqual({ x: 200, y: 150 });
});

test("tries come soon at first, then every few seconds, and never at the same moment for all", () => {
  const delays = Array.from({ length: 12 }, (_, index) => retryDelayMs(index + 1, 0));
  expect(delays[0]).toBeLessThan(500);
  expect(delays).toEqual([...delays].sort((a, b) => a - b));
  expect(delays.at(-1)).toBeLessThan(GIVE_UP_MS / 5);
  expect(retryDelayMs(5, 0.999)).toBeLessThan(retryDelayMs(5, 0));
});
