/**
 * The own player in one tick, as this client predicts it: what moves it, and what its weapons do. Pure.
 *
 * The server's order: movement first, then the trigger. Health, score and whether it lives are the server's to say.
 */

import type { Steered } from "../../tickroom/game.ts";
import type { Input } from "../protocol/input.ts";
import type { ArenaMap } from "../protocol/map.ts";
import { sameOwn, type Own } from "../protocol/own.ts";
import { sameBody, type PlayerState } from "../protocol/state.ts";
import { PULSE, RAIL } from "../protocol/weapon.ts";
import { step } from "./movement.ts";

/** All that is known of the own player. */
export type OwnPlayer = Steered<PlayerState, Own>;

/** One tick later. `fires`: weapons have an effect in this phase. */
export function steer({ state, own }: OwnPlayer, input: Input, map: ArenaMap, fires: boolean): OwnPlayer {
  const mayFire = fires && state.alive;
  const weapons = { ...stepPulse(own, mayFire && input.fire), ...stepRail(own, input, mayFire) };
  if (!state.alive) {
    return { state, own: { ...own, ...weapons } };
  }
  const { body, dash } = step({ body: state.body, dash: own.dash }, input, map);
  return {
    state: { ...state, body, aim: input.aim >>> 8, dashing: dash.ticksLeft > 0 },
    own: { ...weapons, dash },
  };
}

/** Mirror of `Weapon::pull` in the server's crate `arena`: overcharged it cools down two ticks at once. */
function stepPulse(own: Own, trigger: boolean): Pick<Own, "pulseCooldownTicks" | "overchargeTicks"> {
  const speed = own.overchargeTicks > 0 ? 2 : 1;
  const shoots = trigger && own.pulseCooldownTicks < 2 * speed;
  const cooldown = Math.max(0, own.pulseCooldownTicks - speed);
  return {
    pulseCooldownTicks: cooldown + (shoots ? PULSE.cooldownTicks : 0),
    overchargeTicks: Math.max(0, own.overchargeTicks - 1),
  };
}

/** Mirror of `Rail::step` in the server's crate `arena`. */
function stepRail(own: Own, input: Input, mayFire: boolean): Pick<Own, "railCooldownTicks" | "railChargeTicks"> {
  const cooldown = Math.max(0, own.railCooldownTicks - 1);
  if (!mayFire) {
    return { railCooldownTicks: cooldown, railChargeTicks: 0 };
  }
  if (own.railChargeTicks > 0) {
    return { railCooldownTicks: cooldown, railChargeTicks: own.railChargeTicks - 1 };
  }
  return input.rail && cooldown === 0
    ? { railCooldownTicks: RAIL.cooldownTicks, railChargeTicks: RAIL.chargeTicks }
    : { railCooldownTicks: cooldown, railChargeTicks: 0 };
}

/** Whether what is predicted is the same. */
export function samePlayer(a: OwnPlayer, b: OwnPlayer): boolean {
  return a.state.alive === b.state.alive && sameBody(a.state.body, b.state.body) && sameOwn(a.own, b.own);
}

/** Whether a pulse left in the tick between the two: otherwise it only cools down. */
export function hasFired(before: OwnPlayer, after: OwnPlayer): boolean {
  return after.own.pulseCooldownTicks > before.own.pulseCooldownTicks;
}

/** Whether the rail began to charge in that tick. */
export function hasCharged(after: OwnPlayer): boolean {
  return after.own.railChargeTicks === RAIL.chargeTicks;
}

/** Whether the beam left in the tick between the two. */
export function hasBeamed(before: OwnPlayer, after: OwnPlayer): boolean {
  return before.own.railChargeTicks === 1 && after.own.railChargeTicks === 0 && after.state.alive;
}
