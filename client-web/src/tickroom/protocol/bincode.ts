/**
 * The parts of bincode's standard configuration that our messages use.
 *
 * ```text
 * integer, length, enum index:   0 to 250: that byte     251: u16 follows     252: u32 follows     253: u64 follows
 * text, list of bytes:           length, bytes           bool: 0 or 1         u8: that byte
 * ```
 *
 * 253 would be a number that none of our fields can hold, so it is refused.
 */

import type { Reader } from "./reader.ts";
import { DecodeError } from "./record.ts";
import type { Writer } from "./writer.ts";

const U16_FOLLOWS = 251;
const U32_FOLLOWS = 252;

const TEXT_IN = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TEXT_OUT = new TextEncoder();

/** A `u32` or an enum index. */
export function readU32(reader: Reader): number {
  const first = reader.u8();
  if (first < U16_FOLLOWS) {
    return first;
  }
  switch (first) {
    case U16_FOLLOWS:
      return reader.u16();
    case U32_FOLLOWS:
      return reader.u32();
    default:
      throw new DecodeError("malformed", `${first} announces no number of ours`);
  }
}

/** A `u16`. */
export function readU16(reader: Reader): number {
  const first = reader.u8();
  if (first < U16_FOLLOWS) {
    return first;
  }
  if (first === U16_FOLLOWS) {
    return reader.u16();
  }
  throw new DecodeError("malformed", `${first} announces no u16`);
}

export function readBool(reader: Reader): boolean {
  const byte = reader.u8();
  if (byte > 1) {
    throw new DecodeError("malformed", `${byte} is neither true nor false`);
  }
  return byte === 1;
}

/** The length of a list, refused when above `max` or more than the bytes can hold. */
export function readLength(reader: Reader, what: string, max: number, bytesEach: number): number {
  return reader.checkCount(what, readU32(reader), max, bytesEach);
}

export function readBytes(reader: Reader, what: string, bytesMax: number): Uint8Array {
  return reader.take(readLength(reader, what, bytesMax, 1));
}

export function readText(reader: Reader, what: string, bytesMax: number): string {
  const bytes = readBytes(reader, what, bytesMax);
  try {
    return TEXT_IN.decode(bytes);
  } catch {
    throw new DecodeError("malformed", `${what} is not UTF-8`);
  }
}

export function writeU32(writer: Writer, value: number): void {
  if (value < U16_FOLLOWS) {
    writer.u8(value);
  } else if (value <= 0xffff) {
    writer.u8(U16_FOLLOWS);
    writer.u16(value);
  } else {
    writer.u8(U32_FOLLOWS);
    writer.u32(value);
  }
}

export function writeText(writer: Writer, text: string): void {
  const bytes = TEXT_OUT.encode(text);
  writeU32(writer, bytes.byteLength);
  writer.append(bytes);
}
