/**
 * The change of one entity in one cell of a snapshot. Mirror of `shared/src/chunk.rs`.
 *
 * ```text
 * +--------+--------------+------+
 * | op_gap | id           | body |
 * +--------+--------------+------+
 *   u8       u16, gap 63    by op: 0 delta, the game's; 1 full, the record; 2 left, nothing
 *
 * op_gap: bits 0-1 op, bits 2-7 gap: id - id of the chunk before - 1, of the first the id itself
 * ```
 *
 * Ids ascend within a cell.
 */

import type { Reader } from "./reader.ts";
import { DecodeError, type RecordCodec } from "./record.ts";

/** A record that also travels as its difference to an older one. */
export interface DeltaCodec<S> extends RecordCodec<S> {
  /** Reads what a record has that `base`, `ticks` before it, had not; throws `DecodeError` and nothing else. */
  decodeDelta(reader: Reader, base: S, ticks: number): S;
}

/** What a chunk says of its entity; the index is the number on the wire. */
const OPS = ["delta", "full", "left"] as const;

export type ChunkOp = (typeof OPS)[number];

/** A gap of this many ids or more does not fit: the id itself follows. */
const GAP_FOLLOWS = 63;

const OP_BITS = 2;

/** The first bytes of a chunk; `previous` is the id of the one before in the cell, −1 for the first. */
export function readChunkHead(reader: Reader, previous: number): { readonly op: ChunkOp; readonly id: number } {
  const head = reader.u8();
  const op = OPS[head & ((1 << OP_BITS) - 1)];
  if (op === undefined) {
    throw new DecodeError("unknown", `chunk ${head}`);
  }
  const gap = head >> OP_BITS;
  const id = gap === GAP_FOLLOWS ? reader.u16() : previous + 1 + gap;
  if (id <= previous || id > 0xffff) {
    throw new DecodeError("malformed", `entity ${id} follows ${previous}`);
  }
  return { op, id };
}
