/**
 * What only the player itself is told of its player: how soon it may do things again, and what its prediction starts from.
 * Mirror of `shared/src/arena/own.rs`.
 *
 * ```text
 * 0                1               2             3         5
 * +----------------+---------------+-------------+---------+------------+
 * | pulse cooldown | rail cooldown | rail charge |  dash   | overcharge |
 * +----------------+---------------+-------------+---------+------------+
 *   bits 0 to 6      u8              u8            cooldown  u16, if bit 7
 *   of a u8                                        u8, ticks  of the first
 *                                                  left u8
 * ```
 */

import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";
import { dashRecord, NO_DASH, sameDash, type Dash } from "../sim/dash.ts";

export interface Own {
  /** Ticks until the Pulse fires again. */
  readonly pulseCooldownTicks: number;
  /** Ticks until the Rail may be charged again. */
  readonly railCooldownTicks: number;
  /** Ticks until the shot of a Rail that is charging leaves; 0 when it is not. */
  readonly railChargeTicks: number;
  /** Ticks that an overcharge still lasts; 0 without one. */
  readonly overchargeTicks: number;
  /** Belongs to the state that movement is predicted from. */
  readonly dash: Dash;
}

/** Everything may be done at once. */
export const RESTED: Own = {
  pulseCooldownTicks: 0,
  railCooldownTicks: 0,
  railChargeTicks: 0,
  overchargeTicks: 0,
  dash: NO_DASH,
};

const OVERCHARGED = 0x80;

export const ownRecord: RecordCodec<Own> = {
  encode(writer, own) {
    writer.u8(own.pulseCooldownTicks | (own.overchargeTicks > 0 ? OVERCHARGED : 0));
    writer.u8(own.railCooldownTicks);
    writer.u8(own.railChargeTicks);
    dashRecord.encode(writer, own.dash);
    if (own.overchargeTicks > 0) {
      writer.u16(own.overchargeTicks);
    }
  },
  decode(reader) {
    const first = reader.u8();
    const [railCooldownTicks, railChargeTicks] = [reader.u8(), reader.u8()];
    const dash = dashRecord.decode(reader);
    const isOvercharged = (first & OVERCHARGED) !== 0;
    const overchargeTicks = isOvercharged ? reader.u16() : 0;
    if (isOvercharged && overchargeTicks === 0) {
      throw new DecodeError("unknown", "overcharge of no ticks");
    }
    return { pulseCooldownTicks: first & ~OVERCHARGED, railCooldownTicks, railChargeTicks, overchargeTicks, dash };
  },
};

export function sameOwn(a: Own, b: Own): boolean {
  return (
    a.pulseCooldownTicks === b.pulseCooldownTicks &&
    a.railCooldownTicks === b.railCooldownTicks &&
    a.railChargeTicks === b.railChargeTicks &&
    a.overchargeTicks === b.overchargeTicks &&
    sameDash(a.dash, b.dash)
  );
}
