/**
 * Inputs that wait to be sent. They are for consecutive ticks, as one packet needs it: a gap ends what waits. While the
 * network takes nothing the newest stay, as many as a packet holds: an older one would come too late anyway. Pure.
 */

import { INPUTS_PER_PACKET_MAX } from "../protocol/limits.ts";

/** Inputs are sent in pairs: half the messages for one tick of delay on every other input. */
const TICKS_PER_PACKET = 2;

export class Unsent<I> {
  private inputs: I[] = [];
  private newestTick = 0;

  /** Adds the input for `tick`; gives how many older ones it took the place of. */
  push(tick: number, input: I): number {
    const gap = tick === this.newestTick + 1 ? 0 : this.clear();
    this.inputs.push(input);
    this.newestTick = tick;
    if (this.inputs.length <= INPUTS_PER_PACKET_MAX) {
      return gap;
    }
    this.inputs.shift();
    return gap + 1;
  }

  /** What makes a packet; undefined while there is too little. */
  take(): { readonly newest: number; readonly inputs: readonly I[] } | undefined {
    const { inputs } = this;
    if (inputs.length < TICKS_PER_PACKET) {
      return undefined;
    }
    this.inputs = [];
    return { newest: this.newestTick, inputs };
  }

  /** Forgets what waits; gives how many. */
  clear(): number {
    const { length } = this.inputs;
    this.inputs = [];
    return length;
  }
}
