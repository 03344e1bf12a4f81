/** From where on this page saw a round, for whoever wants to see it again. Pure. */

import type { Status } from "../protocol/status.ts";

/** A tick of the match, from which on a round was seen. */
export interface SeenFrom {
  readonly tick: number;
  /** It is the beginning of the round. */
  readonly isBeginning: boolean;
}

export class SeenRound {
  private round: number | undefined;
  private seen: SeenFrom | undefined;

  /** Undefined when nothing but the results of the round was seen: then nobody here knows when it began. */
  get from(): SeenFrom | undefined {
    return this.seen;
  }

  /** Takes in a snapshot of this tick. Any number of them may be missing before it, as a page that nobody sees looks at none. */
  observe({ phase, round, ends }: Status, tick: number): void {
    const isOther = round !== this.round;
    this.round = round;
    if (phase === "warm-up" || phase === "countdown") {
      // What comes behind it belongs to the round, whether or not it is seen.
      this.seen = { tick: ends, isBeginning: true };
    } else if (isOther) {
      this.seen = phase === "results" ? undefined : { tick, isBeginning: false };
    }
  }
}
