/** What is heard, as the settings have it: out of the speaker, and as text. */

import type { Point } from "../tickroom/sim/prediction.ts";
import type { SettingsStore } from "./settings/store.ts";
import type { Cue } from "./sound/ears.ts";
import { placedAt, sideOf } from "./sound/place.ts";
import { Speaker } from "./sound/speaker.ts";
import { Captions } from "./ui/captions.ts";

export class Sounds {
  readonly captions = new Captions();
  private readonly speaker: Speaker;

  constructor(page: Window, settings: SettingsStore) {
    this.speaker = new Speaker(page);
    settings.follow(({ muted, volume, captions }) => {
      this.speaker.setVolume(muted ? 0 : volume);
      this.captions.setOn(captions);
    });
  }

  /** For the probe. */
  get state(): Speaker["state"] {
    return this.speaker.state;
  }

  /** `listener` is who hears it; what has no place is as loud everywhere. */
  play({ sound, at, caption, own }: Cue, listener: Point | undefined): void {
    const nowMs = performance.now();
    this.speaker.play(sound, placedAt(at, listener), own, nowMs);
    if (caption !== undefined) {
      this.captions.add(caption, sideOf(at, listener), nowMs);
    }
  }

  /** To be called in each frame. */
  tick(nowMs: number): void {
    this.captions.tick(nowMs);
  }
}
