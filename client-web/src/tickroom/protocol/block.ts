/**
 * The head of one cell in a snapshot: which cell the chunks behind it belong to, and what they are taken against. Mirror
 * of `shared/src/block.rs`.
 *
 * ```text
 * +------+------+--------------+-----------------+--------+
 * | cell | head | age          | count           | chunks |
 * +------+------+--------------+-----------------+--------+
 *   u8     u8     u8 if older    u16 if head
 *                                says 63
 * head: bits 0-1 mode, bits 2-7 count of chunks, or 63: it follows
 * ```
 */

import { CHUNKS_PER_BLOCK_MAX } from "./limits.ts";
import type { Reader } from "./reader.ts";
import { DecodeError } from "./record.ts";

/**
 * What the chunks of a block are taken against; the index is the number on the wire. Changed: the snapshot that the
 * header names as base. Full: nothing, they are all there is. Forgotten: there are none, and the cell is left. Older:
 * the cell as it was some ticks ago.
 */
const MODES = ["changed", "full", "forgotten", "older"] as const;

export type Mode = (typeof MODES)[number];

const MODE_BITS = 2;
const COUNT_FOLLOWS = 63;

export interface BlockHead {
  readonly cell: number;
  readonly mode: Mode;
  /** How old the state is that differences of an older cell are taken against, 1 to 255; otherwise undefined. */
  readonly ageTicks: number | undefined;
  readonly chunkCount: number;
}

/** Reads up to the first chunk. */
export function readBlockHead(reader: Reader): BlockHead {
  const cell = reader.u8();
  const head = reader.u8();
  const mode = MODES[head & ((1 << MODE_BITS) - 1)] ?? "changed";
  const ageTicks = mode === "older" ? reader.u8() : undefined;
  if (ageTicks === 0) {
    throw new DecodeError("unknown", "a cell that is 0 ticks old");
  }
  const short = head >> MODE_BITS;
  const count = short === COUNT_FOLLOWS ? reader.u16() : short;
  const max = mode === "forgotten" ? 0 : CHUNKS_PER_BLOCK_MAX;
  return { cell, mode, ageTicks, chunkCount: reader.checkCount("chunks", count, max, 1) };
}
