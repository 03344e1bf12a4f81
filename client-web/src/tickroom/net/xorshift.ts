/** Marsaglia's xorshift with 32 bits of state and shifts 13, 17, 5: the same numbers as in Rust. */
export class Xorshift32 {
  private state: number;

  /** `state` is not 0, of which nothing but zeros would follow. */
  constructor(state: number) {
    this.state = state >>> 0;
  }

  /** The next number, 1 to 2³² − 1. */
  next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state;
  }

  /** A whole number in `0..end`. */
  below(end: number): number {
    return this.next() % end;
  }
}
