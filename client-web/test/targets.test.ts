import { expect, test } from "vitest";

import type { Pose } from "../src/arena/game.ts";
import { targetsOf } from "../src/arena/input/targets.ts";
import type { ArenaMap } from "../src/arena/protocol/map.ts";

/** With a wall right of the middle. */
const MAP: ArenaMap = {
  name: "",
  width: 2400,
  height: 2000,
  walls: [{ x: 1300, y: 980, width: 40, height: 40 }],
  pickups: [],
  homes: undefined,
};

/** In the middle of the map, so that the picture is even on all sides. */
const OWN: Pose = {
  ...{ x: 1200, y: 1000, vx: 0, vy: 0, aimRad: 0, health: 100, alive: true },
  ...{ shielded: false, dashing: false, armor: 0, overcharged: false, team: "blue" as const },
};

test.each<[who: string, pose: Partial<Pose>, isTarget: boolean]>([
  ["in the left edge of the picture", { x: 720 }, true],
  ["beyond the left edge", { x: 719 }, false],
  ["in the lower edge", { y: 1270 }, true],
  ["beyond the lower edge", { y: 1271 }, false],
  ["behind a wall", { x: 1500 }, false],
  ["dead", { x: 1000, alive: false }, false],
  ["of the own team", { x: 1000, team: "blue" }, false],
  ["of no team", { x: 1000, team: undefined }, true],
])("somebody %s", (_, pose, isTarget) => {
  const other: Pose = { ...OWN, team: "orange", ...pose };
  expect([...targetsOf(OWN, [other], MAP)]).toEqual(isTarget ? [other] : []);
});
