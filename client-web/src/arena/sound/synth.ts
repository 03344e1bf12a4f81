/** A recipe becomes samples. The same recipe gives the same samples each time. Pure. */

import type { Recipe, Wave } from "./recipes.ts";

/** A sound that stops at once clicks. */
const FADE_S = 0.008;

/** The samples, each −1 to 1. */
export function samplesOf(recipe: Recipe, sampleRate: number): Float32Array<ArrayBuffer> {
  const { wave, fromHz, toHz, attackS, lengthS, decay, noise, dullHz, steps } = recipe;
  const count = Math.ceil(lengthS * sampleRate);
  const samples = new Float32Array(count);
  const softness = Math.min(1, (2 * Math.PI * dullHz) / sampleRate);
  let turn = 0;
  let soft = 0;
  let seed = 1;
  for (let index = 0; index < count; index += 1) {
    const share = index / count;
    const step = steps?.[Math.floor(share * steps.length)] ?? 1;
    turn += (fromHz * (toHz / fromHz) ** share * step) / sampleRate;
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const raw = shape(wave, turn % 1) * (1 - noise) + (seed / 2 ** 31 - 1) * noise;
    soft += (raw - soft) * softness;
    const seconds = index / sampleRate;
    const swell = Math.min(1, seconds / attackS, (lengthS - seconds) / FADE_S);
    samples[index] = soft * swell * Math.exp(-decay * share);
  }
  return samples;
}

/** −1 to 1 for a place in the period, 0 to 1. */
function shape(wave: Wave, place: number): number {
  switch (wave) {
    case "sine":
      return Math.sin(2 * Math.PI * place);
    case "triangle":
      return 1 - 4 * Math.abs(place - 0.5);
    case "square":
      return place < 0.5 ? 1 : -1;
    case "saw":
      return 2 * place - 1;
  }
}
