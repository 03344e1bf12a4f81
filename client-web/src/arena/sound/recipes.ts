/** Every sound of the arena as numbers; there are no recordings. A row more is a sound more. */

export type Wave = "sine" | "triangle" | "square" | "saw";

/** A tone that slides, with noise in it, which swells and dies away. */
export interface Recipe {
  readonly wave: Wave;
  /** The pitch slides evenly in octaves. */
  readonly fromHz: number;
  readonly toHz: number;
  readonly attackS: number;
  readonly lengthS: number;
  /** How fast it dies away: 0 stays as loud until its end, 6 is a click. */
  readonly decay: number;
  /** Share of noise, 0 to 1. */
  readonly noise: number;
  /** Above this pitch everything is softer. */
  readonly dullHz: number;
  /** Other pitches, as a factor, that follow one another within the length: a little melody. */
  readonly steps?: readonly number[];
  /** 0 to 1, against the other sounds. */
  readonly gain: number;
  /** When all voices are taken the more important sound stays. */
  readonly weight: number;
}

const TONE = { attackS: 0.004, decay: 4, noise: 0, dullHz: 9000 };

export const RECIPES = {
  pulse: { ...TONE, wave: "saw", fromHz: 880, toHz: 220, lengthS: 0.11, noise: 0.08, dullHz: 3800, gain: 0.26, weight: 2 },
  bounce: { ...TONE, wave: "triangle", fromHz: 1500, toHz: 1900, lengthS: 0.05, gain: 0.14, weight: 1 },
  charge: { ...TONE, wave: "saw", fromHz: 160, toHz: 1300, lengthS: 0.17, attackS: 0.1, decay: 0, dullHz: 2600, gain: 0.3, weight: 5 },
  beam: { ...TONE, wave: "square", fromHz: 1900, toHz: 70, lengthS: 0.34, noise: 0.3, dullHz: 4200, gain: 0.42, weight: 5 },
  dash: { ...TONE, wave: "sine", fromHz: 260, toHz: 720, lengthS: 0.17, attackS: 0.03, noise: 0.7, dullHz: 2200, gain: 0.3, weight: 3 },
  "hit dealt": { ...TONE, wave: "triangle", fromHz: 1320, toHz: 1180, lengthS: 0.07, decay: 5, gain: 0.42, weight: 6 },
  "hit taken": { ...TONE, wave: "square", fromHz: 190, toHz: 90, lengthS: 0.16, noise: 0.35, dullHz: 1400, gain: 0.5, weight: 7 },
  burst: { ...TONE, wave: "sine", fromHz: 180, toHz: 50, lengthS: 0.3, noise: 0.6, dullHz: 1300, gain: 0.3, weight: 2 },
  kill: { ...TONE, wave: "triangle", fromHz: 660, toHz: 660, lengthS: 0.36, decay: 2, steps: [1, 1.26, 1.5, 2], gain: 0.5, weight: 9 },
  death: { ...TONE, wave: "saw", fromHz: 420, toHz: 48, lengthS: 0.75, decay: 2.5, noise: 0.2, dullHz: 1500, gain: 0.5, weight: 9 },
  respawn: { ...TONE, wave: "sine", fromHz: 330, toHz: 660, lengthS: 0.34, attackS: 0.06, decay: 2, steps: [1, 1.5], gain: 0.4, weight: 8 },
  med: { ...TONE, wave: "sine", fromHz: 523, toHz: 523, lengthS: 0.26, decay: 2, steps: [1, 1.25, 1.5], gain: 0.4, weight: 6 },
  shield: { ...TONE, wave: "triangle", fromHz: 262, toHz: 392, lengthS: 0.32, attackS: 0.03, decay: 2, gain: 0.42, weight: 6 },
  overcharge: { ...TONE, wave: "saw", fromHz: 220, toHz: 1760, lengthS: 0.4, decay: 1, dullHz: 3200, gain: 0.34, weight: 6 },
  announced: { ...TONE, wave: "sine", fromHz: 988, toHz: 988, lengthS: 0.3, decay: 3, steps: [1, 1.5], gain: 0.2, weight: 3 },
  "warm-up": { ...TONE, wave: "sine", fromHz: 392, toHz: 392, lengthS: 0.4, decay: 2.5, gain: 0.32, weight: 8 },
  countdown: { ...TONE, wave: "triangle", fromHz: 523, toHz: 523, lengthS: 0.3, decay: 2, gain: 0.4, weight: 8 },
  live: { ...TONE, wave: "triangle", fromHz: 523, toHz: 523, lengthS: 0.55, decay: 2, steps: [1, 1.5, 2], gain: 0.48, weight: 8 },
  "sudden death": { ...TONE, wave: "saw", fromHz: 220, toHz: 220, lengthS: 0.8, decay: 1.5, dullHz: 1800, steps: [1, 1.06, 1, 1.06], gain: 0.45, weight: 8 },
  results: { ...TONE, wave: "triangle", fromHz: 523, toHz: 523, lengthS: 0.9, decay: 2, steps: [1, 1.25, 1.5, 2], gain: 0.45, weight: 8 },
} as const satisfies Readonly<Record<string, Recipe>>;

export type SoundName = keyof typeof RECIPES;
