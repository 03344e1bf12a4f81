/**
 * The outline of a player, by which it is told apart when its colour is not. People are round and bots have six corners; with
 * safe colours each of the others has the corners of its colour instead; in teams blue is round and orange a diamond. The picture
 * and the minimap take it from here. Pure.
 */

import type { Team } from "../protocol/team.ts";
import { CORNERS_MAX, cornersOf } from "./palette.ts";

export interface Shape {
  /** 0 is round. */
  readonly corners: number;
  /** From the middle to a corner, as a share of the radius of the circle it stands for. */
  readonly reach: number;
  /** How far it is turned from a corner at the top, radians. */
  readonly turnRad: number;
}

/** What decides it. */
export interface Shaped {
  readonly entity: number;
  readonly bot: boolean;
  readonly own: boolean;
  readonly team: Team | undefined;
}

export const ROUND: Shape = { corners: 0, reach: 1, turnRad: 0 };
const DIAMOND: Shape = { corners: 4, reach: 1.2, turnRad: 0 };
const BOT: Shape = { corners: 6, reach: 17 / 16, turnRad: Math.PI / 6 };
/** By the number of corners; each is as large as the circle it stands for. */
const CORNERED: readonly Shape[] = Array.from({ length: CORNERS_MAX + 1 }, (_, corners) =>
  corners < 3 ? ROUND : { corners, reach: Math.sqrt((2 * Math.PI) / (corners * Math.sin((2 * Math.PI) / corners))), turnRad: Math.PI / 2 },
);

/** One of few objects, the same for the same outline. */
export function shapeOf({ entity, bot, own, team }: Shaped, safeColors: boolean): Shape {
  if (team !== undefined) {
    return team === "blue" ? ROUND : DIAMOND;
  }
  if (safeColors && !own) {
    return CORNERED[cornersOf(entity)] ?? ROUND;
  }
  return bot ? BOT : ROUND;
}
