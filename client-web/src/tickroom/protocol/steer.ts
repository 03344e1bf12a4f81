/**
 * The bytes of one `steer` event: how a viewer of a recording wants it to go on. Mirror of `shared/src/steer.rs`.
 *
 * ```text
 * 0       1           5
 * +-------+-----------+
 * | speed | to        |
 * +-------+-----------+
 *   u8      u32 tick
 * speed: quarters of real time; to: the moment to go on from, 0xffffffff is the one that is shown
 * ```
 */

import { Writer } from "./writer.ts";

const STAY = 0xffff_ffff;

/** Speeds that there are, quarters of real time; 0 stands still. */
export const SPEEDS_QUARTERS = [0, 1, 2, 4, 8, 16] as const;

export interface Steer {
  /** One of `SPEEDS_QUARTERS`. */
  readonly quarters: number;
  /** The tick to go on from; undefined is the one that is shown. */
  readonly to: number | undefined;
}

export function encodeSteer({ quarters, to }: Steer): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.u8(quarters);
  writer.u32(to ?? STAY);
  return writer.finish();
}
