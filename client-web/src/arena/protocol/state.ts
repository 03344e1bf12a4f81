/**
 * What everybody may see of a player at one tick. Mirror of `shared/src/arena/state.rs`.
 *
 * ```text
 * 0     1     2     3     4     5     6     7     8
 * +-----+-----+-----+-----+-----+-----+-----+-----+
 * |     x     |     y     |    vx     |    vy     |
 * +-----+-----+-----+-----+-----+-----+-----+-----+
 *   u16, 1/32 u             i16, 1/16 u/s
 * ```
 */

import type { RecordCodec } from "../../tickroom/protocol/record.ts";

/** The moving part of a player, whole numbers on the grid of `sim/quantize.ts`. */
export interface Body {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

export const bodyRecord: RecordCodec<Body> = {
  encode(writer, body) {
    writer.u16(body.x);
    writer.u16(body.y);
    writer.i16(body.vx);
    writer.i16(body.vy);
  },
  decode(reader) {
    return { x: reader.u16(), y: reader.u16(), vx: reader.i16(), vy: reader.i16() };
  },
};

export function sameBody(a: Body, b: Body): boolean {
  return a.x === b.x && a.y === b.y && a.vx === b.vx && a.vy === b.vy;
}
