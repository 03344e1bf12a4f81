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

/** What is quieter than this nobody hears among the others: a bounce at the edge of the picture, a shot well beyond it. */
const AUDIBLE_GAIN = 0.03;

/** Where a sound goes through. To make one costs more than to play, so they are used again. */
interface Channel {
  readonly level: GainNode;
  readonly side: StereoPannerNode;
}

export class Speaker {
  private readonly free: Channel[] = [];
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
    const level = recipe.gain * gain * (own ? 1 : OTHERS_GAIN);
    if (level < AUDIBLE_GAIN) {
      return;
    }
    const admission = this.voices.admit(name, recipe.weight, nowMs);
    if (!admission.plays) {
      return;
    }
    admission.stop?.stop();
    const source = new AudioBufferSourceNode(context, { buffer: this.buffer(name, context) });
    const channel = this.free.pop() ?? newChannel(context, master);
    channel.level.gain.value = level;
    channel.side.pan.value = pan;
    source.connect(channel.level);
    source.addEventListener("ended", () => {
      source.disconnect();
      this.free.push(channel);
    });
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
        this.prepare(this.context, Object.keys(RECIPES) as SoundName[]);
      }
      if (this.context.state !== "running") {
        // Refused without a gesture that counts: the next one tries again.
        this.context.resume().catch(() => undefined);
      }
    } catch {
      // No sound on this machine.
    }
  }

  /** Computes these sounds one by one while nothing else is to be done: the first of its kind would cost a frame. */
  private prepare(context: AudioContext, [name, ...others]: readonly SoundName[]): void {
    if (name !== undefined) {
      whenIdle(() => {
        this.buffer(name, context);
        this.prepare(context, others);
      });
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

function newChannel(context: AudioContext, master: GainNode): Channel {
  const channel = { level: new GainNode(context), side: new StereoPannerNode(context) };
  channel.level.connect(channel.side).connect(master);
  return channel;
}

/** Not every browser knows when it is idle. */
function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === "function") {
    requestIdleCallback(work);
  } else {
    setTimeout(work, 50);
  }
}
