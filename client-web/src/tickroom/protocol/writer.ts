/** Builds bytes to send. Little-endian, like `reader.ts`; the buffer doubles when it is full. */

export class Writer {
  private bytes = new Uint8Array(64);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  u8(value: number): void {
    const start = this.grow(1);
    this.view.setUint8(start, value);
  }

  i8(value: number): void {
    const start = this.grow(1);
    this.view.setInt8(start, value);
  }

  u16(value: number): void {
    const start = this.grow(2);
    this.view.setUint16(start, value, true);
  }

  i16(value: number): void {
    const start = this.grow(2);
    this.view.setInt16(start, value, true);
  }

  u32(value: number): void {
    const start = this.grow(4);
    this.view.setUint32(start, value, true);
  }

  append(bytes: Uint8Array): void {
    const start = this.grow(bytes.byteLength);
    this.bytes.set(bytes, start);
  }

  /** A copy of what was written, in a buffer of exactly its length. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  /** Makes room for `count` bytes, perhaps in another buffer: call it first. Gives the offset of the first. */
  private grow(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.bytes.byteLength) {
      const larger = new Uint8Array(Math.max(this.length, this.bytes.byteLength * 2));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return start;
  }
}
