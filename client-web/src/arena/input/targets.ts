/** Whom the aim assist may draw to, and the page that plays by itself shoots at. Pure. */

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { Pose } from "../game.ts";
import type { ArenaMap } from "../protocol/map.ts";
import { RAIL } from "../protocol/weapon.ts";
import { cameraOn, isInView } from "../render/camera.ts";
import { beamEnd } from "../sim/beam.ts";
import { RADIUS } from "../sim/movement.ts";
import { positionFromGrid, positionToGrid } from "../sim/quantize.ts";
import { aimSteps } from "./aim.ts";

/** Of the others, as they are drawn, those in the picture whom a shot that starts at `own` can reach: bots see no farther either. */
export function* targetsOf(own: Pose, others: Iterable<Pose>, map: ArenaMap): Iterable<Point> {
  const middle = cameraOn(own, map);
  for (const pose of others) {
    const isSpared = own.team !== undefined && own.team === pose.team;
    if (pose.alive && !isSpared && isInView(middle, pose, 0) && isClear(own, pose, map)) {
      yield pose;
    }
  }
}

function isClear(from: Point, to: Point, map: ArenaMap): boolean {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  const start = { x: positionToGrid(from.x), y: positionToGrid(from.y) };
  const aim = aimSteps(Math.atan2(to.y - from.y, to.x - from.x));
  const end = beamEnd(map, start, aim, RAIL.range);
  const reach = Math.hypot(positionFromGrid(end.x) - from.x, positionFromGrid(end.y) - from.y);
  return reach >= distance - RADIUS;
}
