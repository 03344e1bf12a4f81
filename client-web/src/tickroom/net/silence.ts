/**
 * Tells whether a connection is dead long before the heartbeat does: a question that stays unanswered too long.
 *
 * Only an open question counts, not the time since the last answer: a page whose timers run late, as in a hidden tab, has
 * asked nothing meanwhile. And whoever wakes up late judges at the next question only, since the answer may be waiting in
 * the queue behind this very turn. Pure; time comes in as an argument.
 */

/** A question that stays unanswered this long. */
const SILENCE_MS_MAX = 10_000;

/** Questions further apart than this were not asked on time. */
const LATE_MS = 3000;

export class Silence {
  private openSinceMs: number | undefined;
  private askedMs: number;

  constructor(nowMs: number) {
    this.askedMs = nowMs;
  }

  /** To be called before each question. True when the connection is dead. */
  judge(nowMs: number): boolean {
    const late = nowMs - this.askedMs > LATE_MS;
    this.askedMs = nowMs;
    if (!late && this.openSinceMs !== undefined && nowMs - this.openSinceMs > SILENCE_MS_MAX) {
      return true;
    }
    this.openSinceMs ??= nowMs;
    return false;
  }

  /** Something came from the other side. */
  heard(): void {
    this.openSinceMs = undefined;
  }
}
