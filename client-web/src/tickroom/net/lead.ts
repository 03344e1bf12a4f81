/**
 * Which tick the next input is for: far enough ahead of the server that inputs come in time, and no further.
 *
 * The server reports with each snapshot how early the last inputs came (slack). The clock of the inputs runs a little
 * faster or slower until all but two of a hundred reports of the last ten seconds would have been half a tick early or
 * more, and a little earlier still the more they differ. What was reported at another distance counts as if it had been at
 * the present one. Pure: time comes in as an argument. A mirror of `server/src/timing/lead.rs`, which says why.
 */

/** How early nearly all inputs should come: half a tick is what the server's clock may be off and nobody feels. */
const MARGIN_TICKS = 0.5;

/** The share of reports that may say less. A smaller one would chase stalls, which no lead makes up for. */
const LOW_SHARE = 0.02;

/** The distance from the mean to the low reports counts so many times: where they differ, the next ones reach further down. */
const SPREAD_FACTOR = 1.3;

/** Ten seconds of snapshots at 20 Hz: the share is four of them, so one bad moment moves nothing. */
const REPORTS = 200;

/** Until there are so many, the reports are taken to spread by a tick at least. */
const REPORTS_FEW = 40;

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

/** A report of so much says "that or more"; of how much more, only the round trip tells. */
const REPORT_TICKS_MAX = 31.75;

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
  /** Slack less `shiftMs`, in a ring of at most `REPORTS`. */
  private reportsMs: number[] = [];
  private nextReport = 0;
  /** How far the clock has moved against real time since the start, so that old reports can be compared with new ones. */
  private shiftMs = 0;
  /** Of the reports, without the shift. */
  private meanMs = 0;
  private lowMs = 0;
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
  }

  /** The newest tick whose input was due. */
  get tick(): number {
    return this.issued;
  }

  /** How far the present tick has gone, 0 to 1: drawing blends the last two predicted states by it. */
  get fraction(): number {
    return Math.min(1, Math.max(0, this.position - this.issued));
  }

  /** How early inputs should come on the mean, milliseconds. */
  get targetMs(): number {
    const spreadMs = this.meanMs - this.lowMs;
    const sureMs = this.reportsMs.length >= REPORTS_FEW ? spreadMs : Math.max(spreadMs, this.tickMs);
    return Math.min(TARGET_MS_MAX, MARGIN_TICKS * this.tickMs + sureMs * SPREAD_FACTOR);
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
    this.keep(slackTicks * this.tickMs - this.shiftMs);
    const errorMs = this.errorMs;
    if (Math.abs(errorMs) > SNAP_MS) {
      this.position += errorMs / this.tickMs;
      this.shiftMs += errorMs;
      this.settledMs = nowMs + SETTLE_MS;
    }
  }

  /**
   * Begins anew when inputs come far too early, which no way makes them: the server has dropped time, or the clock of this
   * machine has leapt, and the server may have thrown them away. True when it did: then ticks are due that were due before.
   */
  beginAnew(serverTick: number, roundTripMs: number, slackTicks: number, nowMs: number): boolean {
    const earlyMs = slackTicks * this.tickMs - this.targetMs;
    if (earlyMs <= SNAP_MS || nowMs < this.settledMs) {
      return false;
    }
    this.pass(nowMs);
    this.position -= earlyMs / this.tickMs;
    if (slackTicks >= REPORT_TICKS_MAX) {
      this.position = Math.min(this.position, serverTick + roundTripMs / this.tickMs + FIRST_LEAD_TICKS);
    }
    this.issued = Math.min(this.issued, Math.floor(this.position));
    this.forgetReports(nowMs);
    return true;
  }

  /** The server has reached `tick`: an input for it or before would be for the past. */
  stayAheadOf(tick: number, nowMs: number): void {
    this.pass(nowMs);
    if (this.position < tick + 1) {
      this.position = tick + 1 + this.targetMs / this.tickMs;
      this.forgetReports(nowMs);
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
    const rate = this.rate;
    this.advancedMs = nowMs;
    this.position += (elapsedMs / this.tickMs) * rate;
    this.shiftMs += elapsedMs * (rate - 1);
  }

  private forgetReports(nowMs: number): void {
    this.reportsMs = [];
    this.nextReport = 0;
    this.settledMs = nowMs + SETTLE_MS;
  }

  private keep(reportMs: number): void {
    this.reportsMs[this.nextReport] = reportMs;
    this.nextReport = (this.nextReport + 1) % REPORTS;
    const sorted = [...this.reportsMs].sort((a, b) => a - b);
    this.meanMs = sorted.reduce((sum, report) => sum + report, 0) / sorted.length;
    this.lowMs = sorted[Math.floor(sorted.length * LOW_SHARE)] ?? 0;
  }

  /** Positive: inputs come later than they should, the clock must run faster. */
  private get errorMs(): number {
    return this.reportsMs.length === 0 ? 0 : this.targetMs - this.meanMs - this.shiftMs;
  }
}
