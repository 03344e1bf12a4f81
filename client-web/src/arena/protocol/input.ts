/**
 * What a player of the arena wants to do in one tick. Mirror of `shared/src/arena/input.rs`.
 *
 * ```text
 * 0         1        2        3       5
 * +---------+--------+--------+-------+
 * | buttons | move_x | move_y |  aim  |
 * +---------+--------+--------+-------+
 *   u8          i8 each: -127 full      u16: 65536 steps a turn, 0 right, 16384 down
 *               left/up … 127 full right/down
 * buttons: bit 0 fire, bit 1 rail, bit 2 dash
 * ```
 */

import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";

/** Wish of one tick. The axes are whole numbers from −127 to 127; down is positive. */
export interface Input {
  /** The trigger is held. */
  readonly fire: boolean;
  /** The rail is told to charge: an action, set in the tick in which the button goes down and in no other. */
  readonly rail: boolean;
  /** A dash begins: an action as well. It goes where the player walks, or looks when it stands. */
  readonly dash: boolean;
  readonly moveX: number;
  readonly moveY: number;
  /** Where the player looks and shoots: steps of 1/65536 turn, 0 right, 16384 down. */
  readonly aim: number;
}

export const NEUTRAL: Input = { fire: false, rail: false, dash: false, moveX: 0, moveY: 0, aim: 0 };

const FIRE = 1;
const RAIL = 2;
const DASH = 4;

export const inputRecord: RecordCodec<Input> = {
  encode(writer, input) {
    writer.u8((input.fire ? FIRE : 0) | (input.rail ? RAIL : 0) | (input.dash ? DASH : 0));
    writer.i8(input.moveX);
    writer.i8(input.moveY);
    writer.u16(input.aim);
  },
  decode(reader) {
    const buttons = reader.u8();
    if ((buttons & ~(FIRE | RAIL | DASH)) !== 0) {
      throw new DecodeError("unknown", `buttons ${buttons}`);
    }
    return {
      fire: (buttons & FIRE) !== 0,
      rail: (buttons & RAIL) !== 0,
      dash: (buttons & DASH) !== 0,
      moveX: reader.i8(),
      moveY: reader.i8(),
      aim: reader.u16(),
    };
  },
};
