/** A word for what the own player has just done, above the middle of the picture; it stands for a moment. */

import { element, setText } from "./element.ts";
import type { Callout } from "./streaks.ts";

const LIFE_MS = 2000;

export class CalloutView {
  readonly root = element("p", "callout");
  private untilMs = -Infinity;

  constructor() {
    // The HUD says it aloud.
    this.root.setAttribute("aria-hidden", "true");
  }

  show({ text, rank }: Callout, nowMs: number): void {
    this.untilMs = nowMs + LIFE_MS;
    setText(this.root, text);
    this.root.dataset["rank"] = String(rank);
    // Starts the animation anew.
    this.root.style.animation = "none";
    void this.root.offsetWidth;
    this.root.style.animation = "";
  }

  /** To be called in each frame. */
  tick(nowMs: number): void {
    if (nowMs >= this.untilMs) {
      setText(this.root, "");
    }
  }
}
