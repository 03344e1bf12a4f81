import { Xorshift32 as Numbers } from "../src/tickroom/net/xorshift.ts";

/** The generator of the golden vectors. */
export class Xorshift32 extends Numbers {
  /** A number in 0..1. */
  share(): number {
    return this.next() / 2 ** 32;
  }
}
