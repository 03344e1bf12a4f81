/**
 * How much is drawn: less where frames come too slowly, and again more where they have come fast for long. It is judged by the
 * time from one frame to the next, which is what the player feels and has the graphics card in it. Pure: time comes in as an
 * argument.
 *
 * ```text
 * a window of frames   level           and
 * slow                 one lower       if it was raised a short while ago: wait twice as long before it is raised again
 * fast, for long       one higher
 * between              the same
 * ```
 */

/** What is left out at a level. */
export interface Detail {
  /** Share of the sparks. */
  readonly particles: number;
  /** Soft lights around players and shots. */
  readonly glow: boolean;
  readonly trails: boolean;
  /** Share of the pixels of the screen, along each side. */
  readonly resolution: number;
}

/** From the least on. */
export const LEVELS = ["low", "medium", "high"] as const;

export type Level = (typeof LEVELS)[number];

export const DETAILS: Readonly<Record<Level, Detail>> = {
  low: { particles: 0.25, glow: false, trails: false, resolution: 0.6 },
  medium: { particles: 0.5, glow: true, trails: false, resolution: 0.8 },
  high: { particles: 1, glow: true, trails: true, resolution: 1 },
};

/** What a player may choose. */
export const QUALITIES = ["auto", "high", "low"] as const;

export type QualityChoice = (typeof QUALITIES)[number];

/** Fewer than 42 frames a second are felt. */
const SLOW_MS = 24;
/** 55 frames a second: also a screen of 60 Hz has a late one now and then. Between the two nothing changes. */
const FAST_MS = 18;

/** Frames are judged together, so that a hitch is none of many. */
const WINDOW_MS = 1500;

/** A longer gap is no frame: the page was hidden, or the machine slept. */
const GAP_MS = 400;

/** So long all windows are fast before more is drawn. */
const RAISE_MS = 9000;
const RAISE_MS_MAX = 150_000;

/** Slow again within this time: it was raised too soon. */
const REGRET_MS = 15_000;

export class Quality {
  private choice: QualityChoice = "auto";
  private automatic: Level = "high";
  private lastMs: number | undefined;
  private windowMs = 0;
  private frames = 0;
  private fastMs = 0;
  private raiseMs = RAISE_MS;
  private sinceRaisedMs = Infinity;

  choose(choice: QualityChoice): void {
    this.choice = choice;
  }

  get level(): Level {
    return this.choice === "auto" ? this.automatic : this.choice;
  }

  /** A frame is drawn now. */
  frame(nowMs: number): Level {
    const gapMs = nowMs - (this.lastMs ?? nowMs);
    this.lastMs = nowMs;
    if (gapMs > GAP_MS) {
      this.startWindow();
    } else if (gapMs > 0) {
      this.frames += 1;
      this.windowMs += gapMs;
      this.sinceRaisedMs += gapMs;
      if (this.windowMs >= WINDOW_MS) {
        this.judge(this.windowMs / this.frames);
      }
    }
    return this.level;
  }

  /** Nothing is drawn for a while: the next frame stands for itself. */
  rest(): void {
    this.lastMs = undefined;
    this.startWindow();
  }

  private judge(frameMs: number): void {
    this.fastMs = frameMs < FAST_MS ? this.fastMs + this.windowMs : 0;
    this.startWindow();
    if (frameMs > SLOW_MS) {
      this.lower();
    } else if (this.fastMs >= this.raiseMs) {
      this.raise();
    }
  }

  private lower(): void {
    const lower = LEVELS[LEVELS.indexOf(this.automatic) - 1];
    if (lower === undefined) {
      return;
    }
    this.automatic = lower;
    if (this.sinceRaisedMs < REGRET_MS) {
      this.raiseMs = Math.min(RAISE_MS_MAX, this.raiseMs * 2);
    }
  }

  private raise(): void {
    this.fastMs = 0;
    const higher = LEVELS[LEVELS.indexOf(this.automatic) + 1];
    if (higher !== undefined) {
      this.automatic = higher;
      this.sinceRaisedMs = 0;
    }
  }

  private startWindow(): void {
    this.windowMs = 0;
    this.frames = 0;
  }
}
