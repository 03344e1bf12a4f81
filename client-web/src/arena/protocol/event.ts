/**
 * What happened in the arena that is shown once. Mirror of `shared/src/arena/event.rs`.
 *
 * ```text
 * 0      1     2     3     4     5     6     7
 * +------+-----+-----+-----+-----+-----+-----+
 * |  1   |  entity   |     x     |     y     |   spawned
 * +------+-----+-----+-----+-----+-----+-----+
 * ```
 */

import { DecodeError, type RecordCodec } from "../../tickroom/protocol/record.ts";

/** A player appeared; the position is in steps of 1/32 unit. */
export interface Event {
  readonly kind: "spawned";
  readonly entity: number;
  readonly x: number;
  readonly y: number;
}

const SPAWNED = 1;

export const eventRecord: RecordCodec<Event> = {
  encode(writer, event) {
    writer.u8(SPAWNED);
    writer.u16(event.entity);
    writer.u16(event.x);
    writer.u16(event.y);
  },
  decode(reader) {
    const kind = reader.u8();
    if (kind !== SPAWNED) {
      throw new DecodeError("unknown", `event kind ${kind}`);
    }
    return { kind: "spawned", entity: reader.u16(), x: reader.u16(), y: reader.u16() };
  },
};
