/**
 * What is the same for everybody in a match of the arena. Mirror of `shared/src/arena/status.rs`.
 *
 * ```text
 * 0       1       3       7              9
 * +-------+-------+-------+- - - - - - - +- - - - - - - -+
 * | phase | round | ends  | score of one | of the other  |
 * +-------+-------+-------+- - - - - - - +- - - - - - - -+
 *   u8      u16     u32 tick  both u16, if bit 7 of the first byte
 * ```
 */

import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";

/** All phases of a round in their order; the index is the number on the wire. */
export const PHASES = ["warm-up", "countdown", "live", "sudden death", "results"] as const;

/** A step in the life of a round. Kills count in `live` and `sudden death`. */
export type Phase = (typeof PHASES)[number];

/** The part of a snapshot that belongs to the match and to no entity. */
export interface Status {
  readonly phase: Phase;
  /** Rounds since the match started; each has a map of its own. */
  readonly round: number;
  /** The tick at which the phase ends. */
  readonly ends: number;
  /** Points of the two teams; undefined where everybody fights for themselves. */
  readonly teams: readonly [number, number] | undefined;
}

const WITH_TEAMS = 0x80;

export const statusRecord: RecordCodec<Status> = {
  encode(writer, status) {
    writer.u8(PHASES.indexOf(status.phase) | (status.teams === undefined ? 0 : WITH_TEAMS));
    writer.u16(status.round);
    writer.u32(status.ends);
    status.teams?.forEach((score) => writer.u16(score));
  },
  decode(reader) {
    const first = reader.u8();
    const number = first & ~WITH_TEAMS;
    const phase = PHASES[number];
    if (phase === undefined) {
      throw new DecodeError("unknown", `phase ${number}`);
    }
    const [round, ends] = [reader.u16(), reader.u32()];
    return { phase, round, ends, teams: first === number ? undefined : [reader.u16(), reader.u16()] };
  },
};

/** True while a trigger has an effect. */
export function weaponsFire(phase: Phase): boolean {
  return phase === "warm-up" || phase === "live" || phase === "sudden death";
}
