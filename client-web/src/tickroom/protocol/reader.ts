/**
 * A cursor over received bytes. All numbers are little-endian. It never gives more bytes than there are, so a decoder
 * can neither run over the end nor allocate for a length that was only claimed.
 */

import { DecodeError } from "./record.ts";

export class Reader {
  private readonly view: DataView;
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The number of bytes not read yet. */
  get remaining(): number {
    return this.bytes.byteLength - this.offset;
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  i8(): number {
    return this.view.getInt8(this.advance(1));
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  i16(): number {
    return this.view.getInt16(this.advance(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** A copy of the next bytes. */
  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.slice(start, start + count);
  }

  /** A count of things that follow, refused when above `max` or when the bytes cannot hold that many. */
  checkCount(what: string, found: number, max: number, bytesEach: number): number {
    if (found > max) {
      throw new DecodeError("too many", `${what} is ${found}, at most ${max} are allowed`);
    }
    if (this.remaining < found * bytesEach) {
      throw new DecodeError("too short", what);
    }
    return found;
  }

  /** Ends the reading: an error when bytes are left over. */
  finish(): void {
    if (this.remaining > 0) {
      throw new DecodeError("trailing bytes", `${this.remaining} follow the end`);
    }
  }

  private advance(count: number): number {
    if (this.remaining < count) {
      throw new DecodeError("too short", `${count} bytes wanted, ${this.remaining} left`);
    }
    const start = this.offset;
    this.offset += count;
    return start;
  }
}
