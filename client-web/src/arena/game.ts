/** The arena as `src/tickroom` sees it: records, rules, and what is drawn of a player. */

import type { Game } from "../tickroom/game.ts";
import { eventRecord, type Event } from "./protocol/event.ts";
import { inputRecord, NEUTRAL, type Input } from "./protocol/input.ts";
import { decodeMap, type ArenaMap } from "./protocol/map.ts";
import { bodyRecord, sameBody, type Body } from "./protocol/state.ts";
import { step } from "./sim/movement.ts";
import { positionFromGrid, velocityFromGrid } from "./sim/quantize.ts";

/** Where a player is drawn, units, and how fast it goes, units a second. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

export const arena: Game<ArenaMap, Body, Input, Event, Pose> = {
  state: bodyRecord,
  input: inputRecord,
  event: eventRecord,
  decodeSetup: decodeMap,
  prediction: (map) => ({
    step: (body, input) => step(body, input, map),
    equal: sameBody,
    position,
    neutral: NEUTRAL,
  }),
  pose: (body) => ({ ...position(body), vx: velocityFromGrid(body.vx), vy: velocityFromGrid(body.vy) }),
  blend: (from, to, share) => ({
    x: from.x + (to.x - from.x) * share,
    y: from.y + (to.y - from.y) * share,
    vx: from.vx + (to.vx - from.vx) * share,
    vy: from.vy + (to.vy - from.vy) * share,
  }),
  extrapolate: (pose, seconds) => ({
    ...pose,
    x: pose.x + pose.vx * seconds,
    y: pose.y + pose.vy * seconds,
  }),
};

function position(body: Body): { x: number; y: number } {
  return { x: positionFromGrid(body.x), y: positionFromGrid(body.y) };
}
