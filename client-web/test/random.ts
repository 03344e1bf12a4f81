/** Marsaglia's xorshift with 32 bits of state and shifts 13, 17, 5: the generator of the golden vectors. */
export class Xorshift32 {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** The next number, 0 to 2³² − 1. */
  next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state;
  }

  /** A number in 0..1. */
  share(): number {
    return this.next() / 2 ** 32;
  }

  /** A whole number in 0..end. */
  below(end: number): number {
    return this.next() % end;
  }
}
