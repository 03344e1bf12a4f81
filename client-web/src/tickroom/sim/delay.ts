/**
 * How far in the past others are drawn: one snapshot interval plus what 95 of 100 snapshots stay below in lateness.
 * Grows at once, because a late snapshot is seen; shrinks slowly, because a change of speed is seen too. Pure.
 */

/** The delay is at least this many snapshot intervals: with one alone, any jitter at all would leave a gap. */
const INTERVALS_MIN = 1.5;

const DELAY_MS_MAX = 250;
const SHRINK_MS_PER_S = 2;
const PERCENTILE = 0.95;

/** Five seconds of snapshots at 20 Hz. */
const SAMPLES = 100;

export class PlayoutDelay {
  private readonly lateness: number[] = [];
  private next = 0;
  private advancedMs: number | undefined;
  private delayMs: number;
  private jitter = 0;

  constructor(private readonly intervalMs: number) {
    this.delayMs = intervalMs * INTERVALS_MIN;
  }

  /** Milliseconds. */
  get ms(): number {
    return this.delayMs;
  }

  /** What 95 of 100 snapshots stay below in lateness, milliseconds. */
  get jitterMs(): number {
    return this.jitter;
  }

  /** Takes in how late a snapshot was against the best ones. */
  observe(latenessMs: number): void {
    this.lateness[this.next] = latenessMs;
    this.next = (this.next + 1) % SAMPLES;
    this.jitter = this.measured();
    this.delayMs = Math.max(this.delayMs, this.targetMs());
  }

  /** Lets time pass. */
  advance(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - (this.advancedMs ?? nowMs));
    this.advancedMs = nowMs;
    this.delayMs = Math.max(this.targetMs(), this.delayMs - (SHRINK_MS_PER_S * elapsedMs) / 1000);
  }

  private targetMs(): number {
    return Math.min(DELAY_MS_MAX, Math.max(this.intervalMs * INTERVALS_MIN, this.intervalMs + this.jitter));
  }

  private measured(): number {
    const sorted = [...this.lateness].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) * PERCENTILE)] ?? 0;
  }
}
