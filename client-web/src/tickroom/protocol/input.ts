/**
 * The bytes of one `input` event. Mirror of `shared/src/input.rs`.
 *
 * ```text
 * 0           4             8       9
 * +-----------+-------------+-------+----------------------------+
 * | acked     | newest      | count | count inputs, oldest first |
 * +-----------+-------------+-------+----------------------------+
 *   u32 tick    u32 tick      u8      each as the game lays it out
 * ```
 *
 * The inputs are for the ticks `newest − count + 1 ..= newest`. `acked` is 0 before the first snapshot.
 */

import { INPUTS_PER_PACKET_MAX } from "./limits.ts";
import type { RecordCodec } from "./record.ts";
import { Writer } from "./writer.ts";

/** Inputs of one client for consecutive ticks; 1 ≤ inputs.length ≤ 16, inputs.length ≤ newest. */
export interface InputPacket<I> {
  /** Tick of the newest snapshot that was decoded. */
  readonly acked: number;
  /** The tick that the last input is for. */
  readonly newest: number;
  readonly inputs: readonly I[];
}

export function encodeInputPacket<I>(packet: InputPacket<I>, record: RecordCodec<I>): Uint8Array<ArrayBuffer> {
  const count = packet.inputs.length;
  if (count < 1 || count > INPUTS_PER_PACKET_MAX || count > packet.newest) {
    throw new RangeError(`a packet has 1 to ${INPUTS_PER_PACKET_MAX} inputs, not ${count} up to tick ${packet.newest}`);
  }
  const writer = new Writer();
  writer.u32(packet.acked);
  writer.u32(packet.newest);
  writer.u8(count);
  for (const input of packet.inputs) {
    record.encode(writer, input);
  }
  return writer.finish();
}
