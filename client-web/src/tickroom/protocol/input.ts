/**
 * The bytes of one `input` event. Mirror of `shared/src/input.rs`.
 *
 * ```text
 * 0           4             8      9          10
 * +-----------+-------------+------+----------+----------------------------+
 * | acked     | newest      | meta | view_age | count inputs, oldest first |
 * +-----------+-------------+------+----------+----------------------------+
 *   u32 tick    u32 tick      u8     u8         each as the game lays it out
 * meta: bits 0-4 count, bit 5 is 0, bit 6 resync, bit 7 hidden
 * ```
 *
 * The inputs are for the ticks `newest − count + 1 ..= newest`. `acked` is 0 before the first snapshot. `view_age` holds for
 * every input of the packet: they are for consecutive ticks, and what is drawn moves on with them.
 */

import { INPUTS_PER_PACKET_MAX } from "./limits.ts";
import type { RecordCodec } from "./record.ts";
import { Writer } from "./writer.ts";

/** Quarters of a tick in a tick, the unit of a view age. */
export const VIEW_AGE_PER_TICK = 4;

/** The view age of a client that draws nobody yet, or something older than the number can say. */
export const VIEW_AGE_UNKNOWN = 255;

const RESYNC = 1 << 6;
const HIDDEN = 1 << 7;

/** Inputs of one client for consecutive ticks; 1 ≤ inputs.length ≤ 16, inputs.length ≤ newest. */
export interface InputPacket<I> {
  /** Tick of the newest snapshot that was decoded. */
  readonly acked: number;
  /** The tick that the last input is for. */
  readonly newest: number;
  readonly inputs: readonly I[];
  /** How far the tick of which the others are drawn lies behind the tick that an input is for, quarters of a tick. */
  readonly viewAge: number;
  /** Nobody looks at the page: some snapshots a second are enough. */
  readonly hidden: boolean;
  /** A snapshot could not be applied: a whole one is needed. */
  readonly resync: boolean;
}

export function encodeInputPacket<I>(packet: InputPacket<I>, record: RecordCodec<I>): Uint8Array<ArrayBuffer> {
  const count = packet.inputs.length;
  if (count < 1 || count > INPUTS_PER_PACKET_MAX || count > packet.newest) {
    throw new RangeError(`a packet has 1 to ${INPUTS_PER_PACKET_MAX} inputs, not ${count} up to tick ${packet.newest}`);
  }
  const writer = new Writer();
  writer.u32(packet.acked);
  writer.u32(packet.newest);
  writer.u8(count | (packet.resync ? RESYNC : 0) | (packet.hidden ? HIDDEN : 0));
  writer.u8(packet.viewAge);
  for (const input of packet.inputs) {
    record.encode(writer, input);
  }
  return writer.finish();
}
