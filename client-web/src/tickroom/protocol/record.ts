/**
 * Records: plain data with a byte layout of its own. Mirror of `shared/src/record.rs`; the cursors over bytes are in
 * `reader.ts` and `writer.ts`.
 */

import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** What turns a record into bytes and back; reads exactly the bytes it wrote. */
export interface RecordCodec<T> {
  /** Appends the bytes of a record. */
  encode(writer: Writer, record: T): void;
  /** Reads one record; throws `DecodeError` and nothing else. */
  decode(reader: Reader): T;
}

/**
 * Why bytes are not what they should be. Out of step is nobody's fault: they are the difference to something that this
 * client does not have.
 */
export type DecodeReason = "too short" | "trailing bytes" | "too many" | "unknown" | "malformed" | "out of step";

/** The only thing a decoder throws: drop what came and count it. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";

  constructor(
    readonly reason: DecodeReason,
    detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}

/** The result of a decoder, with its `DecodeError` as a value. Anything else that is thrown is a bug and goes on. */
export function decoded<T>(decode: () => T): T | DecodeError {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) {
      return error;
    }
    throw error;
  }
}
