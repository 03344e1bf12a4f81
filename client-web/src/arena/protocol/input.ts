/**
 * What a player of the arena wants to do in one tick. Mirror of `shared/src/arena/input.rs`.
 *
 * ```text
 * 0        1        2
 * +--------+--------+
 * | move_x | move_y |   i8 each: -127 full left/up … 127 full right/down
 * +--------+--------+
 * ```
 */

import type { RecordCodec } from "../../tickroom/protocol/record.ts";

/** Wish to move, as a stick position: each axis a whole number from −127 to 127; down is positive. */
export interface Input {
  readonly moveX: number;
  readonly moveY: number;
}

export const NEUTRAL: Input = { moveX: 0, moveY: 0 };

export const inputRecord: RecordCodec<Input> = {
  encode(writer, input) {
    writer.i8(input.moveX);
    writer.i8(input.moveY);
  },
  decode(reader) {
    return { moveX: reader.i8(), moveY: reader.i8() };
  },
};
