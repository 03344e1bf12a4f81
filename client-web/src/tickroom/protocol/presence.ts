/**
 * How each player of a match is reached, as their clients say of themselves: with each `ping` in one byte, and in the answer
 * all of them together. Mirror of `shared/src/presence.rs`.
 *
 * ```text
 * 0        2          3
 * +--------+----------+- - -
 * | player | presence | the next player, to the end
 * +--------+----------+- - -
 *   u16      u8
 * presence: 0-253 the last round trip in steps of 4 ms, 253 for all that is longer; 254 away; 255 nothing measured yet
 * ```
 *
 * Players are in ascending order, each at most once. Bots are not among them, nor is anybody who watches.
 */

import { PLAYERS_MAX } from "./limits.ts";
import { Reader } from "./reader.ts";
import { DecodeError } from "./record.ts";

const STEP_MS = 4;

/** Of a round trip of a second and more. */
const STEPS_MAX = 253;

const AWAY = 254;
const UNMEASURED = 255;

/** Bytes of one player. */
const ENTRY_BYTES = 3;

/** The last round trip in milliseconds; away while nobody sees the page or there is no connection; undefined before it is known. */
export type Presence = number | "away" | undefined;

export function presenceByte(presence: Presence): number {
  if (presence === undefined) {
    return UNMEASURED;
  }
  return presence === "away" ? AWAY : Math.min(STEPS_MAX, Math.max(0, Math.round(presence / STEP_MS)));
}

/** Reads all players, by player; throws `DecodeError`, also for another order. */
export function decodePresences(bytes: Uint8Array): Map<number, Presence> {
  const reader = new Reader(bytes);
  const found = Math.floor(bytes.byteLength / ENTRY_BYTES);
  const count = reader.checkCount("presences", found, PLAYERS_MAX, ENTRY_BYTES);
  const presences = new Map<number, Presence>();
  let last = -1;
  for (let index = 0; index < count; index += 1) {
    const player = reader.u16();
    if (player <= last) {
      throw new DecodeError("unknown", `player ${player} after ${last}`);
    }
    last = player;
    presences.set(player, presenceOf(reader.u8()));
  }
  reader.finish();
  return presences;
}

function presenceOf(byte: number): Presence {
  if (byte === UNMEASURED) {
    return undefined;
  }
  return byte === AWAY ? "away" : byte * STEP_MS;
}
