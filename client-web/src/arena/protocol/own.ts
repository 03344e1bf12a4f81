/**
 * What only the player itself is told of its player: how soon it may do things again, and what its prediction starts from.
 * Mirror of `shared/src/arena/own.rs`.
 *
 * ```text
 * 0                1               2             3         5
 * +----------------+---------------+-------------+---------+
 * | pulse cooldown | rail cooldown | rail charge |  dash   |
 * +----------------+---------------+-------------+---------+
 *   u8               u8              u8            cooldown u8, ticks left u8
 * ```
 */

import type { RecordCodec } from "../../tickroom/protocol/record.ts";
import { dashRecord, NO_DASH, sameDash, type Dash } from "../sim/dash.ts";

export interface Own {
  /** Ticks until the Pulse fires again. */
  readonly pulseCooldownTicks: number;
  /** Ticks until the Rail may be charged again. */
  readonly railCooldownTicks: number;
  /** Ticks until the shot of a Rail that is charging leaves; 0 when it is not. */
  readonly railChargeTicks: number;
  /** Belongs to the state that movement is predicted from. */
  readonly dash: Dash;
}

/** Everything may be done at once. */
export const RESTED: Own = { pulseCooldownTicks: 0, railCooldownTicks: 0, railChargeTicks: 0, dash: NO_DASH };

export const ownRecord: RecordCodec<Own> = {
  encode(writer, own) {
    writer.u8(own.pulseCooldownTicks);
    writer.u8(own.railCooldownTicks);
    writer.u8(own.railChargeTicks);
    dashRecord.encode(writer, own.dash);
  },
  decode(reader) {
    return {
      pulseCooldownTicks: reader.u8(),
      railCooldownTicks: reader.u8(),
      railChargeTicks: reader.u8(),
      dash: dashRecord.decode(reader),
    };
  },
};

export function sameOwn(a: Own, b: Own): boolean {
  return (
    a.pulseCooldownTicks === b.pulseCooldownTicks &&
    a.railCooldownTicks === b.railCooldownTicks &&
    a.railChargeTicks === b.railChargeTicks &&
    sameDash(a.dash, b.dash)
  );
}
