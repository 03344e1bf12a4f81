/**
 * What is the same for everybody in a match of the arena. Mirror of `shared/src/arena/status.rs`.
 *
 * ```text
 * 0       1       3       7
 * +-------+-------+-------+
 * | phase | round | ends  |
 * +-------+-------+-------+
 *   u8      u16     u32 tick
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
}

export const statusRecord: RecordCodec<Status> = {
  encode(writer, status) {
    writer.u8(PHASES.indexOf(status.phase));
    writer.u16(status.round);
    writer.u32(status.ends);
  },
  decode(reader) {
    const number = reader.u8();
    const phase = PHASES[number];
    if (phase === undefined) {
      throw new DecodeError("unknown", `phase ${number}`);
    }
    return { phase, round: reader.u16(), ends: reader.u32() };
  },
};

/** True while a trigger has an effect. */
export function weaponsFire(phase: Phase): boolean {
  return phase === "warm-up" || phase === "live" || phase === "sudden death";
}
