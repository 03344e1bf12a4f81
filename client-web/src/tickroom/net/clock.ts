/**
 * Which tick the server has reached, seen from here.
 *
 * Each snapshot gives one sample: arrival − tick · length of a tick. The smallest sample of the last seconds belongs
 * to the snapshot that was held up least, so it is the best estimate of when tick 0 would have arrived; a larger one
 * only tells of a delay on the way. The estimate lags behind the server by the one-way delay, which is what drawing
 * needs. Pure: time comes in as an argument, milliseconds of one steady clock.
 */

/** Samples older than this are forgotten: long enough to hold a quiet moment, short enough to follow drift. */
const WINDOW_MS = 5000;

/** Time constant with which the estimate follows a new minimum. Faster would be seen as a change of speed. */
const SLEW_TAU_MS = 250;

/** An error larger than this is a new situation and not a drift: jump. */
const SNAP_MS = 250;

/** More than 60 snapshots a second are not expected; whoever sends them cannot make the window grow. */
const SAMPLES_MAX = 300;

interface Sample {
  readonly arrivalMs: number;
  readonly offsetMs: number;
}

export class ServerClock {
  /** Ascending in both fields: a sample that is followed by a smaller one can never be the minimum again. */
  private samples: Sample[] = [];
  private offsetMs: number | undefined;
  private advancedMs = 0;

  constructor(private readonly tickMs: number) {}

  /** Takes in a snapshot. `slipped`: the server dropped time, so what was measured before is void. */
  observe(tick: number, arrivalMs: number, slipped: boolean): void {
    const offsetMs = arrivalMs - tick * this.tickMs;
    if (slipped) {
      this.samples = [];
    }
    while ((this.samples.at(-1)?.offsetMs ?? -Infinity) >= offsetMs) {
      this.samples.pop();
    }
    this.samples.push({ arrivalMs, offsetMs });
    while (this.samples.length > SAMPLES_MAX) {
      this.samples.shift();
    }
    this.advance(arrivalMs);
  }

  /** Moves the estimate towards the minimum of the window. */
  advance(nowMs: number): void {
    while (this.samples.length > 1 && (this.samples[0]?.arrivalMs ?? nowMs) < nowMs - WINDOW_MS) {
      this.samples.shift();
    }
    const target = this.samples[0]?.offsetMs;
    if (target === undefined) {
      return;
    }
    const elapsedMs = Math.max(0, nowMs - this.advancedMs);
    this.advancedMs = nowMs;
    if (this.offsetMs === undefined || Math.abs(target - this.offsetMs) > SNAP_MS) {
      this.offsetMs = target;
    } else {
      this.offsetMs += (target - this.offsetMs) * (1 - Math.exp(-elapsedMs / SLEW_TAU_MS));
    }
  }

  /** The server's tick, with its fraction; undefined before the first snapshot. */
  tickAt(nowMs: number): number | undefined {
    return this.offsetMs === undefined ? undefined : (nowMs - this.offsetMs) / this.tickMs;
  }

  /** How much later than the estimate a snapshot came, milliseconds; the raw matter of jitter. */
  latenessMs(tick: number, arrivalMs: number): number {
    return this.offsetMs === undefined ? 0 : Math.max(0, arrivalMs - tick * this.tickMs - this.offsetMs);
  }
}
