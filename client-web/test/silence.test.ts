import { expect, test } from "vitest";

import { Silence } from "../src/tickroom/net/silence.ts";

/** Asks at these times; after the times in `answered` an answer comes. Gives the times at which it was judged dead. */
function deaths(asked: number[], answered: (atMs: number) => boolean): number[] {
  const silence = new Silence(0);
  return asked.filter((atMs) => {
    const dead = silence.judge(atMs);
    if (answered(atMs)) {
      silence.heard();
    }
    return dead;
  });
}

const everySecond = Array.from({ length: 60 }, (_, index) => index * 1000);

test("an answered connection lives", () => {
  expect(deaths(everySecond, () => true)).toEqual([]);
});

test("a connection that stops answering is dead after ten seconds", () => {
  expect(deaths(everySecond, (atMs) => atMs < 5000)[0]).toBe(16_000);
});

test("one answer in between is enough", () => {
  expect(deaths(everySecond, (atMs) => atMs % 9000 === 0)).toEqual([]);
});

test("a page that asks once a minute is never judged for it", () => {
  const everyMinute = [0, 60_000, 120_000, 180_000];
  expect(deaths(everyMinute, () => true)).toEqual([]);
  expect(deaths(everyMinute, () => false)).toEqual([]);
});

test("whoever wakes up late waits for the next question", () => {
  expect(deaths([0, 1000, 15_000], (atMs) => atMs < 1000)).toEqual([]);
  expect(deaths([0, 1000, 15_000, 16_000], (atMs) => atMs < 1000)).toEqual([16_000]);
  expect(deaths([0, 1000, 15_000, 16_000], (atMs) => atMs !== 1000)).toEqual([]);
});
