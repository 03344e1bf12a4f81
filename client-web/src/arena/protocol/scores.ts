/**
 * How everybody stands in a round, for a client that sees only those around it. Mirror of `shared/src/arena/scores.rs`.
 *
 * ```text
 * 0        2        4       5        6
 * +--------+--------+-------+--------+- - -
 * | entity | score  | kills | deaths | the next player, to the end
 * +--------+--------+-------+--------+- - -
 *   u16      u16      u8      u8
 * ```
 *
 * Entities are in ascending order, each at most once.
 */

import { PLAYERS_MAX } from "../../tickroom/protocol/limits.ts";
import { Reader } from "../../tickroom/protocol/reader.ts";
import { DecodeError } from "../../tickroom/protocol/record.ts";

/** How one player stands. */
export interface Score {
  readonly score: number;
  /** These two stay at 255. */
  readonly kills: number;
  readonly deaths: number;
}

/** By entity. */
export type Scores = ReadonlyMap<number, Score>;

/** Bytes of one player. */
const SCORE_BYTES = 6;

/** Reads all players; throws `DecodeError`, also for another order. */
export function decodeScores(bytes: Uint8Array): Scores {
  const reader = new Reader(bytes);
  const found = Math.floor(bytes.byteLength / SCORE_BYTES);
  const count = reader.checkCount("scores", found, PLAYERS_MAX, SCORE_BYTES);
  const scores = new Map<number, Score>();
  let last = -1;
  for (let index = 0; index < count; index += 1) {
    const entity = reader.u16();
    if (entity <= last) {
      throw new DecodeError("unknown", `entity ${entity} after ${last}`);
    }
    last = entity;
    scores.set(entity, { score: reader.u16(), kills: reader.u8(), deaths: reader.u8() });
  }
  reader.finish();
  return scores;
}
