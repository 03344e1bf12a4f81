/**
 * The dash: some ticks of great speed in one direction, in which nothing hurts. Part of the step of `movement.ts`. Mirror of
 * `shared/src/arena/dash.rs`, which draws its ticks.
 */

import type { RecordCodec } from "../../tickroom/protocol/record.ts";

/** Units a second. */
export const DASH_SPEED = 900;

/** Ticks that a dash carries its player along. */
const DASH_TICKS = 8;

/** Ticks in which nothing hurts who dashes. */
export const DASH_SAFE_TICKS = 9;

/** Ticks from one dash to the next. */
export const DASH_COOLDOWN_TICKS = 150;

/** Where a player stands with its dash. */
export interface Dash {
  /** Ticks until the next may begin. */
  readonly cooldownTicks: number;
  /** `DASH_SAFE_TICKS` after the tick in which it begins, one less after each other, 0 without one. */
  readonly ticksLeft: number;
}

/** It can begin at once. */
export const NO_DASH: Dash = { cooldownTicks: 0, ticksLeft: 0 };

/** One tick later; `begins` when a dash does. */
export function stepDash(dash: Dash, pressed: boolean): { readonly dash: Dash; readonly begins: boolean } {
  const cooldownTicks = Math.max(0, dash.cooldownTicks - 1);
  const begins = pressed && cooldownTicks === 0;
  return begins
    ? { dash: { cooldownTicks: DASH_COOLDOWN_TICKS, ticksLeft: DASH_SAFE_TICKS }, begins }
    : { dash: { cooldownTicks, ticksLeft: Math.max(0, dash.ticksLeft - 1) }, begins };
}

/** In this tick the player does not steer. */
export function carries(dash: Dash): boolean {
  return dash.ticksLeft > DASH_SAFE_TICKS - DASH_TICKS;
}

/** This is the first tick in which the player steers again. */
export function hasCarried(dash: Dash): boolean {
  return dash.ticksLeft === DASH_SAFE_TICKS - DASH_TICKS;
}

export function sameDash(a: Dash, b: Dash): boolean {
  return a.cooldownTicks === b.cooldownTicks && a.ticksLeft === b.ticksLeft;
}

export const dashRecord: RecordCodec<Dash> = {
  encode(writer, dash) {
    writer.u8(dash.cooldownTicks);
    writer.u8(dash.ticksLeft);
  },
  decode(reader) {
    return { cooldownTicks: reader.u8(), ticksLeft: reader.u8() };
  },
};
