import { expect, test } from "vitest";

import { mapOptions, modeOptions, NO_OFFER, privateChoice } from "../src/arena/ui/private_choice.ts";

const OFFER = { modes: ["teams", "ffa", "toString"], maps: ["Crossroads", "Orchard"] };

test("modes are offered in words, that of the server first, and one that the page does not know in its own", () => {
  expect(modeOptions(OFFER)).toEqual([
    { value: "teams", text: "Teams" },
    { value: "ffa", text: "Free for all" },
    { value: "toString", text: "toString" },
  ]);
});

test("before each map all in turn are offered, and that is no wish", () => {
  expect(mapOptions(OFFER).map(({ value }) => value)).toEqual(["", "Crossroads", "Orchard"]);
  expect(privateChoice("teams", "Orchard")).toEqual({ kind: "private", mode: "teams", map: "Orchard" });
  expect(privateChoice("ffa", "")).toEqual({ kind: "private", mode: "ffa", map: undefined });
});

test("as long as nothing is offered there is one choice of each, without a wish", () => {
  const [mode, ...modes] = modeOptions(NO_OFFER);
  const [map, ...maps] = mapOptions(NO_OFFER);
  expect([modes, maps]).toEqual([[], []]);
  expect(privateChoice(mode?.value ?? "?", map?.value ?? "?")).toEqual({ kind: "private", mode: undefined, map: undefined });
});
