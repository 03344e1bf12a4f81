/**
 * What a player of the arena wants to do in one tick. Mirror of `shared/src/arena/input.rs`.
 *
 * ```text
 * 0         1        2        3       5
 * +---------+--------+--------+-------+
 * | buttons | move_x | move_y |  aim  |
 * +---------+--------+--------+-------+
 *   bit 0     i8 each: -127 full      u16: 65536 steps a turn, 0 right, 16384 down
 *   = fire    left/up … 127 full right/down
 * ```
 */

import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";

/** Wish of one tick. The axes are whole numbers from −127 to 127; down is positive. */
export interface Input {
  /** The trigger is held. */
  readonly fire: boolean;
  readonly moveX: number;
  readonly moveY: number;
  /** Where the player looks and shoots: steps of 1/65536 turn, 0 right, 16384 down. */
  readonly aim: number;
}

export const NEUTRAL: Input = { fire: false, moveX: 0, moveY: 0, aim: 0 };

const FIRE = 1;

export const inputRecord: RecordCodec<Input> = {
  encode(writer, input) {
    writer.u8(input.fire ? FIRE : 0);
    writer.i8(input.moveX);
    writer.i8(input.moveY);
    writer.u16(input.aim);
  },
  decode(reader) {
    const buttons = reader.u8();
    if ((buttons & ~FIRE) !== 0) {
      throw new DecodeError("unknown", `buttons ${buttons}`);
    }
    return { fire: (buttons & FIRE) !== 0, moveX: reader.i8(), moveY: reader.i8(), aim: reader.u16() };
  },
};
