/**
 * Plays sounds. Browsers allow it only after the player did something, so until then everything is silent; where there is
 * no sound at all the game goes on without.
 */

import type { Placed } from "./place.ts";
import { RECIPES, type SoundName } from "./recipes.ts";
import { samplesOf } from "./synth.ts";
import { Voices } from "./voices.ts";

/** What counts as doing something. */
const GESTURES = ["pointerdown", "pointerup", "keydown"] as const;

/** Sounds of others stand behind those of the own player. */
const OTHERS_GAIN = 0.55;

export class Speaker {
  private readonly voices = new Voices<AudioBufferSourceNode>();
  private readonly buffers = new Map<SoundName, AudioBuffer>();
  private context: AudioContext | undefined;
  private master: GainNode | undefined;
  private volume = 0;
  private begun = 0;

  constructor(page: Window) {
    const wake = (): void => {
      this.open();
      if (this.context?.state === "running") {
        GESTURES.forEach((gesture) => page.removeEventListener(gesture, wake, { capture: true }));
      }
    };
    GESTURES.forEach((gesture) => page.addEventListener(gesture, wake, { capture: true }));
  }

  /** For who looks from outside. */
  get state(): { readonly context: string; readonly begun: number; readonly voices: number; readonly volume: number } {
    return { context: this.context?.state ?? "none", begun: this.begun, voices: this.voices.count, volume: this.volume };
  }

  /** 0 to 1. */
  setVolume(volume: number): void {
    this.volume = volume;
    if (this.context !== undefined) {
      this.master?.gain.setTargetAtTime(loudness(volume), this.context.currentTime, 0.01);
    }
  }

  play(name: SoundName, { pan, gain }: Placed, own: boolean, nowMs: number): void {
    const { context, master } = this;
    if (context?.state !== "running" || master === undefined || this.volume === 0) {
      return;
    }
    const recipe = RECIPES[name];
    const admission = this.voices.admit(name, recipe.weight, nowMs);
    if (!admission.plays) {
      return;
    }
    admission.stop?.stop();
    const source = new AudioBufferSourceNode(context, { buffer: this.buffer(name, context) });
    const level = new GainNode(context, { gain: recipe.gain * gain * (own ? 1 : OTHERS_GAIN) });
    source.connect(level).connect(new StereoPannerNode(context, { pan })).connect(master);
    source.start();
    this.voices.add(name, recipe.weight, source, nowMs, recipe.lengthS * 1000);
    this.begun += 1;
  }

  private open(): void {
    try {
      this.context ??= new AudioContext({ latencyHint: "interactive" });
      if (this.master === undefined) {
        this.master = new GainNode(this.context, { gain: loudness(this.volume) });
        // Many loud sounds at once would crackle.
        this.master.connect(new DynamicsCompressorNode(this.context)).connect(this.context.destination);
      }
      if (this.context.state !== "running") {
        // Refused without a gesture that counts: the next one tries again.
        this.context.resume().catch(() => undefined);
      }
    } catch {
      // No sound on this machine.
    }
  }

  private buffer(name: SoundName, context: AudioContext): AudioBuffer {
    const known = this.buffers.get(name);
    if (known !== undefined) {
      return known;
    }
    const samples = samplesOf(RECIPES[name], context.sampleRate);
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: context.sampleRate });
    buffer.copyToChannel(samples, 0);
    this.buffers.set(name, buffer);
    return buffer;
  }
}

/** Ears hear shares and not differences. */
function loudness(volume: number): number {
  return volume ** 2;
}
