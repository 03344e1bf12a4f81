/** The arena as `src/tickroom` sees it: records, rules, and what is drawn of a player. */

import type { Game } from "../tickroom/game.ts";
import { eventRecord, type Event } from "./protocol/event.ts";
import { inputRecord, NEUTRAL, type Input } from "./protocol/input.ts";
import { decodeMap, type ArenaMap } from "./protocol/map.ts";
import { ownRecord, type Own } from "./protocol/own.ts";
import { decodeScores, type Scores } from "./protocol/scores.ts";
import { playerRecord, type PlayerState } from "./protocol/state.ts";
import type { Team } from "./protocol/team.ts";
import { statusRecord, weaponsFire, type Status } from "./protocol/status.ts";
import { samePlayer, steer } from "./sim/steering.ts";
import { positionFromGrid, velocityFromGrid } from "./sim/quantize.ts";

/** What is drawn of a player. */
export interface Pose {
  /** Units. */
  readonly x: number;
  readonly y: number;
  /** Units a second. */
  readonly vx: number;
  readonly vy: number;
  /** Where it looks, radians, 0 right, π/2 down. */
  readonly aimRad: number;
  readonly health: number;
  readonly alive: boolean;
  readonly shielded: boolean;
  readonly dashing: boolean;
  readonly armor: number;
  readonly overcharged: boolean;
  readonly team: Team | undefined;
}

export const arena: Game<ArenaMap, Scores, Status, PlayerState, Own, Input, Event, Pose> = {
  status: statusRecord,
  state: playerRecord,
  own: ownRecord,
  input: inputRecord,
  event: eventRecord,
  decodeSetup: decodeMap,
  decodeScores,
  prediction: (map, status) => {
    const fires = status !== undefined && weaponsFire(status.phase);
    return {
      step: (player, input) => steer(player, input, map, fires),
      equal: samePlayer,
      adopt: ({ state: { body, aim, dashing }, own }, server) => ({ state: { ...server.state, body, aim, dashing }, own }),
      position: ({ state }) => ({ x: positionFromGrid(state.body.x), y: positionFromGrid(state.body.y) }),
      held: (input) => ({ ...input, rail: false, dash: false }),
      neutral: NEUTRAL,
    };
  },
  pose: ({ body, aim, health, alive, shielded, dashing, armor, overcharged, team }) => ({
    x: positionFromGrid(body.x),
    y: positionFromGrid(body.y),
    vx: velocityFromGrid(body.vx),
    vy: velocityFromGrid(body.vy),
    aimRad: (aim / 256) * 2 * Math.PI,
    health,
    alive,
    shielded,
    dashing,
    armor,
    overcharged,
    team,
  }),
  blend: (from, to, share) => {
    // Between a death and the next spawn lies no way.
    if (from.alive !== to.alive) {
      return share < 1 ? from : to;
    }
    return {
      x: from.x + (to.x - from.x) * share,
      y: from.y + (to.y - from.y) * share,
      vx: from.vx + (to.vx - from.vx) * share,
      vy: from.vy + (to.vy - from.vy) * share,
      aimRad: from.aimRad + shortestTurn(from.aimRad, to.aimRad) * share,
      health: share < 1 ? from.health : to.health,
      alive: from.alive,
      shielded: from.shielded,
      dashing: from.dashing,
      armor: from.armor,
      overcharged: from.overcharged,
      team: from.team,
    };
  },
  extrapolate: (pose, seconds) =>
    pose.alive ? { ...pose, x: pose.x + pose.vx * seconds, y: pose.y + pose.vy * seconds } : pose,
};

/** The turn from one direction to another, −π to π. */
function shortestTurn(from: number, to: number): number {
  return Math.atan2(Math.sin(to - from), Math.cos(to - from));
}
