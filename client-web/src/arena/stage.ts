/** The surface that is drawn on: opened once, drawn as the settings have it and as much as the machine bears. */

import { openCanvas } from "./render/canvas.ts";
import { Quality, type Level } from "./render/quality.ts";
import { Scene } from "./render/scene.ts";
import type { SettingsStore } from "./settings/store.ts";

export class Stage {
  private readonly quality = new Quality();
  private readonly reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  private opened: Scene | undefined;
  private rendererName = "none";
  private drawable = true;

  constructor(private readonly settings: SettingsStore) {
    settings.follow((value) => {
      this.quality.choose(value.quality);
      this.applyLook();
    });
    this.reducedMotion.addEventListener("change", () => this.applyLook());
  }

  /** `undefined` until it is open, and where nothing can be drawn: the game runs there too. */
  get scene(): Scene | undefined {
    return this.opened;
  }

  /** False as soon as it is known that this browser cannot draw. */
  get canDraw(): boolean {
    return this.drawable;
  }

  /** For the probe. */
  get renderer(): string {
    return this.rendererName;
  }

  /** How much is drawn. */
  get level(): Level {
    return this.quality.level;
  }

  /** Whoever looks wants nothing to move that need not. */
  get isCalm(): boolean {
    return this.settings.value.calm || this.reducedMotion.matches;
  }

  /** `anyWebGl` takes WebGL in software too. */
  async open(frame: HTMLElement, anyWebGl: boolean): Promise<void> {
    const renderer = await openCanvas(frame, anyWebGl);
    this.drawable = renderer !== undefined;
    this.rendererName = renderer?.name ?? "none";
    this.opened = renderer === undefined ? undefined : new Scene(renderer);
    this.applyLook();
  }

  /** A frame is about to be drawn; `shownMs` is the browser's time of it, which is as even as the screen. */
  begin(shownMs: number): void {
    this.opened?.setLevel(this.quality.frame(shownMs));
  }

  /** Nothing is drawn in this frame. */
  rest(): void {
    this.quality.rest();
  }

  private applyLook(): void {
    const { safeColors, highContrast, textScale } = this.settings.value;
    this.opened?.setLook({ calm: this.isCalm, safeColors, highContrast, textScale });
  }
}
