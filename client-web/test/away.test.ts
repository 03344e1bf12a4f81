import { expect, test } from "vitest";

import { Away } from "../src/arena/ui/away.ts";

test("whoever comes back after a while is told for how long, and only for a moment", () => {
  const away = new Away();
  away.look(true, 0);
  expect(away.told(0)).toBeUndefined();
  away.look(false, 1000);
  away.look(false, 2000);
  expect(away.told(30_000)).toBeUndefined();
  away.look(true, 43_000);
  expect([away.told(43_000), away.told(48_999), away.told(49_000)]).toEqual([42_000, 42_000, undefined]);
});

test("a glance elsewhere is not worth a word", () => {
  const away = new Away();
  away.look(false, 0);
  away.look(true, 4999);
  expect(away.told(4999)).toBeUndefined();
});
