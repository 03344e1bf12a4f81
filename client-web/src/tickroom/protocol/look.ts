/**
 * The bytes of one `look` event: what a viewer looks at. Mirror of `shared/src/look.rs`.
 *
 * ```text
 * 0           4      5
 * +-----------+------+------------------------------+
 * | acked     | meta | u16 entity, or i16 x, i16 y  |
 * +-----------+------+------------------------------+
 *   u32 tick    u8
 * meta: bit 0 a place instead of an entity, bit 6 resync, bit 7 hidden; the others are 0
 * ```
 */

import { Writer } from "./writer.ts";

const PLACE = 1 << 0;
const RESYNC = 1 << 6;
const HIDDEN = 1 << 7;

const PLACE_MAX = 0x7fff;

/** Along with an entity (`ENTITY_NONE` stays where the camera is), or at a place in units. */
export type Look =
  | { readonly kind: "follow"; readonly entity: number }
  | { readonly kind: "place"; readonly x: number; readonly y: number };

/** What a viewer says each time it acknowledges. */
export interface LookPacket {
  /** Tick of the newest snapshot that was decoded. */
  readonly acked: number;
  readonly look: Look;
  /** Nobody looks at the page: some snapshots a second are enough. */
  readonly hidden: boolean;
  /** A snapshot could not be applied: a whole one is needed. */
  readonly resync: boolean;
}

export function encodeLookPacket({ acked, look, hidden, resync }: LookPacket): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.u32(acked);
  const flags = (resync ? RESYNC : 0) | (hidden ? HIDDEN : 0);
  if (look.kind === "follow") {
    writer.u8(flags);
    writer.u16(look.entity);
  } else {
    writer.u8(flags | PLACE);
    writer.i16(placeOf(look.x));
    writer.i16(placeOf(look.y));
  }
  return writer.finish();
}

/** Whole units; what is farther than the number can say is at its end. */
function placeOf(units: number): number {
  return Math.max(-PLACE_MAX - 1, Math.min(PLACE_MAX, Math.round(units)));
}
