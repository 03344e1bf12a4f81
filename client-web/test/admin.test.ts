import { afterEach, expect, test, vi } from "vitest";

import { overviewOf } from "../src/admin/overview.ts";
import { memoryText, percentileUs, since, timeText, uptimeText } from "../src/admin/times.ts";
import { headersOf, rememberedToken, rememberToken } from "../src/admin/token.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const ENDS = [10, 100, 1000];

test("percentiles are the end of the bucket they fall into", () => {
  const check = (buckets: readonly number[], share: number, expected: number | undefined): void => {
    expect(percentileUs(buckets, ENDS, share), `${buckets} ${share}`).toBe(expected);
  };
  check([0, 0, 0, 0], 0.5, undefined);
  check([1, 0, 0, 0], 0.99, 10);
  check([50, 50, 0, 0], 0.5, 10);
  check([50, 50, 0, 0], 0.51, 100);
  check([98, 0, 1, 1], 0.99, 1000);
  check([98, 0, 0, 2], 0.99, Infinity);
});

test("the last seconds are the difference of two answers, and a server that has started anew begins at nothing", () => {
  expect(since(undefined, [1, 2])).toEqual([1, 2]);
  expect(since([1, 2], [4, 2])).toEqual([3, 0]);
  expect(since([100, 100], [4, 200])).toEqual([4, 200]);
});

test("figures are told in words", () => {
  expect([50, 1000, 2500, 16_667, Infinity, undefined].map(timeText)).toEqual(["≤ 50 µs", "≤ 1 ms", "≤ 2.5 ms", "≤ 16.7 ms", "> 16.7 ms", "–"]);
  expect([5, 65, 3700, 200_000].map(uptimeText)).toEqual(["5 s", "1 min 5 s", "1 h 1 min", "2 d 7 h"]);
  expect([memoryText(null), memoryText(52_428_800)]).toEqual(["–", "50 MB"]);
});

test("an answer that is none is refused", () => {
  const shard = { shard: 0, health: "well", matches: 1, load_permille: 4, slipped_ticks: 0, tick_us: [1], late_us: [1] };
  const match = { id: 1, mode: "ffa", map: "M", phase: "live", people: 1, places: 16, viewers: 3, private: false, shard: 0 };
  const good = {
    name: "A",
    version: "0",
    closing: false,
    uptime_s: 1,
    memory_bytes: null,
    connections: 1,
    people: 1,
    seats_taken: 1,
    seats_held: 0,
    tick_bucket_ends_us: [5],
    shards: [shard],
    matches_count: 1,
    matches: [match],
  };
  expect(overviewOf(good)).toBe(good);
  for (const bad of [null, 3, "x", [], {}, { ...good, name: 3 }, { ...good, shards: [{ ...shard, tick_us: ["1"] }] }, { ...good, matches: {} }]) {
    expect(overviewOf(bad), JSON.stringify(bad)).toBeUndefined();
  }
});

test("a token is shown in a header, and one that no header may have is nobody's", () => {
  expect(headersOf("")?.has("authorization")).toBe(false);
  expect(headersOf("open sesame")?.get("authorization")).toBe("Bearer open sesame");
  for (const token of ["“open sesame”", "open\nsesame", "open\0sesame", "🔑"]) {
    expect(headersOf(token), token).toBeUndefined();
  }
});

test("a token is kept for the tab, where the browser keeps anything", () => {
  const stored = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
  rememberToken("open sesame");
  expect(rememberedToken()).toBe("open sesame");
  vi.stubGlobal("sessionStorage", undefined);
  rememberToken("another");
  expect(rememberedToken()).toBe("");
});
