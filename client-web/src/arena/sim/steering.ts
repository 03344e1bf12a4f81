/**
 * The own player in one tick, as this client predicts it: what moves it, and what its weapons do. Pure.
 *
 * The server's order: movement first, then the trigger. Health, score and whether it lives are the server's to say.
 */

import type { Steered } from "../../tickroom/game.ts";
import type { Input } from "../protocol/input.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { Own } from "../protocol/own.ts";
import { sameBody, type PlayerState } from "../protocol/state.ts";
import { PULSE } from "../protocol/weapon.ts";
import { step } from "./movement.ts";

/** All that is known of the own player. */
export type OwnPlayer = Steered<PlayerState, Own>;

/** One tick later. `fires`: weapons have an effect in this phase. */
export function steer({ state, own }: OwnPlayer, input: Input, map: ArenaMap, fires: boolean): OwnPlayer {
  const cooldown = Math.max(0, own.pulseCooldownTicks - 1);
  const shoots = fires && state.alive && input.fire && cooldown === 0;
  return {
    state: state.alive ? { ...state, body: step(state.body, input, map), aim: input.aim >>> 8 } : state,
    own: { ...own, pulseCooldownTicks: shoots ? PULSE.cooldownTicks : cooldown },
  };
}

/** Whether what is predicted is the same. */
export function samePlayer(a: OwnPlayer, b: OwnPlayer): boolean {
  return a.state.alive === b.state.alive && sameBody(a.state.body, b.state.body);
}

/** Whether a pulse left in the tick that led to `after`. */
export function hasFired(after: OwnPlayer): boolean {
  return after.own.pulseCooldownTicks === PULSE.cooldownTicks;
}
