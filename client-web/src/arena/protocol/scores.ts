/**
 * How everybody stands in a round, for a client that sees only those around it. Mirror of `shared/src/arena/scores.rs`.
 *
 * ```text
 * 0        2        4       5        6         7      8
 * +--------+--------+-------+--------+---------+------+- - -
 * | entity | score  | kills | deaths | assists | team | the next player, to the end
 * +--------+--------+-------+--------+---------+------+- - -
 *   u16      u16      u8      u8       u8        u8
 * ```
 *
 * Team: 0 none, 1 and 2 as in `team.ts`.
 *
 * Entities are in ascending order, each at most once.
 */

import { PLAYERS_MAX } from "../../tickroom/protocol/limits.ts";
import { Reader } from "../../tickroom/protocol/reader.ts";
import { DecodeError } from "../../tickroom/protocol/record.ts";
import { TEAMS, type Team } from "./team.ts";

/** How one player stands. */
export interface Score {
  readonly score: number;
  /** These three stay at 255. */
  readonly kills: number;
  readonly deaths: number;
  readonly assists: number;
  /** Where everybody fights for themselves, undefined. */
  readonly team: Team | undefined;
}

/** By entity. */
export type Scores = ReadonlyMap<number, Score>;

/** Bytes of one player. */
const SCORE_BYTES = 8;

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
    const score = reader.u16();
    const [kills, deaths, assists] = [reader.u8(), reader.u8(), reader.u8()];
    scores.set(entity, { score, kills, deaths, assists, team: decodeTeam(reader.u8()) });
  }
  reader.finish();
  return scores;
}

function decodeTeam(number: number): Team | undefined {
  const team = TEAMS[number - 1];
  if (team === undefined && number !== 0) {
    throw new DecodeError("unknown", `team ${number}`);
  }
  return team;
}
