/** Which sounds are playing, and which one gives way when there are too many. Pure: time comes in as an argument. */

/** More at once is noise, and costs. */
export const VOICES_MAX = 16;

/** The same sound again within this time would only be louder. */
const SAME_MS = 25;

interface Voice<T> {
  readonly name: string;
  readonly weight: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly sound: T;
}

/** What a new sound may do. */
export type Admission<T> = { readonly plays: false } | { readonly plays: true; readonly stop: T | undefined };

export class Voices<T> {
  private voices: Voice<T>[] = [];

  get count(): number {
    return this.voices.length;
  }

  /** Whether a sound may begin now, and which one has to stop for it: the least important, of these the oldest. */
  admit(name: string, weight: number, nowMs: number): Admission<T> {
    this.voices = this.voices.filter((voice) => voice.untilMs > nowMs);
    if (this.voices.some((voice) => voice.name === name && nowMs - voice.sinceMs < SAME_MS)) {
      return { plays: false };
    }
    if (this.voices.length < VOICES_MAX) {
      return { plays: true, stop: undefined };
    }
    // The oldest stand first.
    const least = this.voices.reduce((low, voice) => (voice.weight < low.weight ? voice : low));
    if (least.weight > weight) {
      return { plays: false };
    }
    this.voices = this.voices.filter((voice) => voice !== least);
    return { plays: true, stop: least.sound };
  }

  /** A sound that was admitted has begun. */
  add(name: string, weight: number, sound: T, nowMs: number, lengthMs: number): void {
    this.voices.push({ name, weight, sound, sinceMs: nowMs, untilMs: nowMs + lengthMs });
  }
}
