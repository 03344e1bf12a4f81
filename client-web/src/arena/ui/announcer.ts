/**
 * What screen readers say, one sentence after the other: so many in a short time would drown each other. What waits is
 * bounded; when it is full the oldest that is not urgent is left out. Pure but for the element it writes to.
 */

/** A sentence is said in about this time. */
const GAP_MS = 1500;

const WAITING_MAX = 3;

interface Sentence {
  readonly text: string;
  readonly urgent: boolean;
}

export class Announcer {
  private waiting: Sentence[] = [];
  private saidMs = -Infinity;

  /** `target` is a live region, polite. */
  constructor(private readonly target: HTMLElement) {}

  /** Urgent is what changes the game, such as a phase: it is never left out for a kill. */
  say(text: string, urgent: boolean): void {
    this.waiting.push({ text, urgent });
    if (this.waiting.length > WAITING_MAX) {
      const dropped = this.waiting.find((sentence) => !sentence.urgent) ?? this.waiting[0];
      this.waiting = this.waiting.filter((sentence) => sentence !== dropped);
    }
  }

  /** To be called in each frame. */
  tick(nowMs: number): void {
    if (nowMs - this.saidMs < GAP_MS) {
      return;
    }
    const next = this.waiting.shift();
    if (next !== undefined) {
      this.saidMs = nowMs;
      // Only what is another text is read out.
      this.target.textContent = this.target.textContent === next.text ? `${next.text}\u00a0` : next.text;
    }
  }
}
