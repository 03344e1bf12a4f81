/** How long nobody has seen the page: told for a moment to whoever comes back. Pure. */

/** Shorter than this nobody was away: the server repeats inputs for about as long. */
const AWAY_MS_MIN = 5000;

/** How long it is told. */
const TOLD_MS = 6000;

export class Away {
  private hiddenAtMs: number | undefined;
  private awayMs = 0;
  private toldUntilMs = -Infinity;

  /** The page is seen, or no longer. */
  look(visible: boolean, nowMs: number): void {
    if (!visible) {
      this.hiddenAtMs ??= nowMs;
      this.toldUntilMs = -Infinity;
      return;
    }
    const awayMs = this.hiddenAtMs === undefined ? 0 : nowMs - this.hiddenAtMs;
    this.hiddenAtMs = undefined;
    if (awayMs >= AWAY_MS_MIN) {
      this.awayMs = awayMs;
      this.toldUntilMs = nowMs + TOLD_MS;
    }
  }

  /** What is to be told at this moment, milliseconds. */
  told(nowMs: number): number | undefined {
    return nowMs < this.toldUntilMs ? this.awayMs : undefined;
  }
}
