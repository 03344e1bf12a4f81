/**
 * Which tick the next input is for: far enough ahead of the server that inputs come in time, and no further.
 *
 * The server reports with each snapshot how early the last inputs came (slack). The clock of the inputs runs a little
 * faster or slower until that is one tick plus twice its usual deviation. Pure: time comes in as an argument.
 */

/** Weight of a new report in the running means. */
const EWMA_ALPHA = 0.05;

/** Inputs are never aimed earlier than this, however unsteady the way is: it is added to the player's delay. */
const TARGET_MS_MAX = 100;

/** The correction in a second, per second of error, and its limits: nobody sees 5 % faster or 3 % slower. */
const GAIN_PER_S = 0.6;
const RATE_UP_MAX = 0.05;
const RATE_DOWN_MAX = 0.03;

/** Below this the clock runs evenly. */
const DEAD_BAND_MS = 2;

/** Above this it jumps. */
const SNAP_MS = 250;

/** After a jump the reports still speak of inputs sent before it. */
const SETTLE_MS = 500;

/** Inputs made at once after the page was held up; earlier ones would come too late anyway. */
const TICKS_AT_ONCE_MAX = 15;

/** Ticks ahead beyond the round trip to begin with: the pair, the usual deviation, and one to be safe. */
const FIRST_LEAD_TICKS = 4;

/** The ticks for which inputs are due now: `first..=last`. */
export interface DueTicks {
  readonly first: number;
  readonly last: number;
}

export class InputLead {
  private position: number;
  private issued: number;
  private meanMs: number | undefined;
  private deviationMs: number;
  private settledMs = -Infinity;

  /** Begins `roundTripMs` ahead of `serverTick`, the estimate of `ServerClock`. */
  constructor(
    private readonly tickMs: number,
    serverTick: number,
    roundTripMs: number,
    private advancedMs: number,
  ) {
    this.position = serverTick + roundTripMs / tickMs + FIRST_LEAD_TICKS;
    this.issued = Math.floor(this.position);
    this.deviationMs = tickMs / 2;
  }

  /** The newest tick whose input was due. */
  get tick(): number {
    return this.issued;
  }

  /** How far the present tick has gone, 0 to 1: drawing blends the last two predicted states by it. */
  get fraction(): number {
    return Math.min(1, Math.max(0, this.position - this.issued));
  }

  /** How early inputs should come, milliseconds. */
  get targetMs(): number {
    return Math.min(TARGET_MS_MAX, this.tickMs + 2 * this.deviationMs);
  }

  /** Speed of the clock against real time. */
  get rate(): number {
    const errorMs = this.errorMs;
    if (Math.abs(errorMs) < DEAD_BAND_MS) {
      return 1;
    }
    return 1 + Math.min(RATE_UP_MAX, Math.max(-RATE_DOWN_MAX, (GAIN_PER_S * errorMs) / 1000));
  }

  /** Takes in a report of the server: `slackTicks` early, negative for late. */
  observe(slackTicks: number, nowMs: number): void {
    if (nowMs < this.settledMs) {
      return;
    }
    const slackMs = slackTicks * this.tickMs;
    this.meanMs ??= slackMs;
    this.deviationMs += EWMA_ALPHA * (Math.abs(slackMs - this.meanMs) - this.deviationMs);
    this.meanMs += EWMA_ALPHA * (slackMs - this.meanMs);
    const errorMs = this.errorMs;
    if (Math.abs(errorMs) > SNAP_MS) {
      this.position += errorMs / this.tickMs;
      this.meanMs += errorMs;
      this.settledMs = nowMs + SETTLE_MS;
    }
  }

  /** The server has reached `tick`: an input for it or before would be for the past. */
  stayAheadOf(tick: number, nowMs: number): void {
    this.pass(nowMs);
    if (this.position < tick + 1) {
      this.position = tick + 1 + this.targetMs / this.tickMs;
      this.meanMs = undefined;
      this.settledMs = nowMs + SETTLE_MS;
    }
  }

  /** Lets time pass; gives the ticks whose inputs are due, undefined when none is. */
  advance(nowMs: number): DueTicks | undefined {
    this.pass(nowMs);
    const last = Math.floor(this.position);
    if (last <= this.issued) {
      return undefined;
    }
    const first = Math.max(this.issued + 1, last - TICKS_AT_ONCE_MAX + 1);
    this.issued = last;
    return { first, last };
  }

  private pass(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.advancedMs);
    this.advancedMs = nowMs;
    this.position += (elapsedMs / this.tickMs) * this.rate;
  }

  /** Positive: inputs come later than they should, the clock must run faster. */
  private get errorMs(): number {
    return this.meanMs === undefined ? 0 : this.targetMs - this.meanMs;
  }
}
