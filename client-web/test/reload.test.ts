import { afterEach, expect, test, vi } from "vitest";

import { reloadOnceFor } from "../src/arena/ui/reload.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("the page loads itself anew once for each version of the server", () => {
  const stored = new Map<string, string>();
  const reload = vi.fn();
  vi.stubGlobal("location", { reload });
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
  expect([7, 7, 8, 8].map(reloadOnceFor)).toEqual([true, false, true, false]);
  // Two servers behind one address.
  expect([7, 8, 7].map(reloadOnceFor)).toEqual([false, false, false]);
  expect(reload).toHaveBeenCalledTimes(2);
});

test("a page that may remember nothing does not load itself anew for ever", () => {
  const reload = vi.fn();
  vi.stubGlobal("location", { reload });
  vi.stubGlobal("sessionStorage", {
    getItem: () => {
      throw new Error("denied");
    },
  });
  expect(reloadOnceFor(7)).toBe(false);
  expect(reload).not.toHaveBeenCalled();
});
