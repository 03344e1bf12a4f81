/**
 * A model of the way between client and server: one direction of a TCP-like stream, seeded, without a clock. A mirror of
 * `server/src/link.rs`, which says what is modelled and why; `shared/golden/link.json` holds both to the same times.
 *
 * All times are whole microseconds, and all arithmetic is in integers below 2⁵³.
 */

import { Xorshift32 } from "./xorshift.ts";

const SEGMENT_BYTES = 1448;
const SEGMENTS_MAX = 64;
const JITTER_MEANS_MAX = 16;
const US_PER_S = 1_000_000;

/** How one direction behaves. */
export interface Conditions {
  /** One way without anything in between. */
  readonly latencyUs: number;
  /** Mean of what comes on top, exponentially distributed. */
  readonly jitterUs: number;
  /** Chance that a segment is lost, in a million. */
  readonly lossPpm: number;
  /** How much later than usual a lost segment arrives. */
  readonly stallUs: number;
  /** Bytes a second through the narrowest point; 0 for no bound. */
  readonly bytesPerS: number;
  /** Bytes that wait before it until the sender sees that it cannot write. */
  readonly queueBytes: number;
}

/** One direction, with what is on its way. */
export class LinkModel {
  private readonly random: Chance;
  /** When the bottleneck has sent all that was given to it. */
  private freeAtUs = 0;
  /** When the message that was given last arrives; never goes back. */
  private arrivalUs = 0;

  /** `conditions` may be set anew at any time; what is on its way stays as it is. */
  constructor(
    public conditions: Conditions,
    seed: number,
  ) {
    this.random = new Chance(seed);
  }

  /** Takes a message of so many bytes at `nowUs`; gives the time of its arrival, never before that of the one ahead. */
  deliverAt(nowUs: number, bytes: number): number {
    this.freeAtUs = Math.max(this.freeAtUs, nowUs) + this.transmissionUs(bytes);
    const wayUs = this.conditions.latencyUs + this.jitterUs() + this.stallsUs(bytes);
    this.arrivalUs = Math.max(this.arrivalUs, this.freeAtUs + wayUs);
    return this.arrivalUs;
  }

  /** What is on its way is gone: the next message waits for nobody. */
  clear(): void {
    this.freeAtUs = 0;
    this.arrivalUs = 0;
  }

  /** False while so much waits at the bottleneck that a stream would refuse more. */
  isWritable(nowUs: number): boolean {
    return this.freeAtUs - nowUs <= this.transmissionUs(this.conditions.queueBytes);
  }

  private transmissionUs(bytes: number): number {
    const { bytesPerS } = this.conditions;
    return bytesPerS === 0 ? 0 : Math.floor((bytes * US_PER_S) / bytesPerS);
  }

  private jitterUs(): number {
    const meanUs = this.conditions.jitterUs;
    return meanUs === 0 ? 0 : Math.floor((meanUs * this.random.exponential()) / ONE);
  }

  private stallsUs(bytes: number): number {
    if (this.conditions.lossPpm === 0) {
      return 0;
    }
    const segments = Math.min(SEGMENTS_MAX, Math.max(1, Math.ceil(bytes / SEGMENT_BYTES)));
    let lost = 0;
    for (let segment = 0; segment < segments; segment += 1) {
      lost += this.random.below(1_000_000) < this.conditions.lossPpm ? 1 : 0;
    }
    // Lost segments of one message are sent again together.
    return lost > 0 ? this.conditions.stallUs : 0;
  }
}

/** 1.0 in the fixed point of `exponential`. */
const ONE = 0x1_0000;

/** Chance of a link, of a mixed seed: neighbours are not alike. */
class Chance extends Xorshift32 {
  constructor(seed: number) {
    let state = (seed ^ 0x9e37_79b9) >>> 0;
    state = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b) >>> 0;
    state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35) >>> 0;
    state = (state ^ (state >>> 16)) >>> 0;
    super(state === 0 ? 1 : state);
  }

  /** Exponentially distributed with mean 1, in units of 2⁻¹⁶, by von Neumann's method, which only compares. */
  exponential(): number {
    for (let whole = 0; whole < JITTER_MEANS_MAX; whole += 1) {
      const first = this.next();
      let last = first;
      let run = 1;
      for (let drawn = this.next(); drawn < last; drawn = this.next()) {
        last = drawn;
        run += 1;
      }
      if (run % 2 === 1) {
        return whole * ONE + (first >>> 16);
      }
    }
    return JITTER_MEANS_MAX * ONE;
  }
}
