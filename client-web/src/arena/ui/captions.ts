/** Sounds as text, for whoever does not hear them: what, and from which side. */

import { element } from "./element.ts";

const LINES_MAX = 4;
const LIFE_MS = 1800;

const ARROWS: Readonly<Record<string, string>> = { left: "◀", right: "▶", above: "▲", below: "▼" };

interface Line {
  readonly text: string;
  readonly side: string | undefined;
  readonly atMs: number;
}

/** The lines that stand. Pure. */
export class CaptionLines {
  private lines: Line[] = [];

  /** The same again counts as one, which stands longer. */
  add(text: string, side: string | undefined, nowMs: number): void {
    const others = this.lines.filter((line) => line.text !== text || line.side !== side);
    this.lines = [...others, { text, side, atMs: nowMs }].slice(-LINES_MAX);
  }

  visible(nowMs: number): readonly Line[] {
    this.lines = this.lines.filter((line) => nowMs - line.atMs < LIFE_MS);
    return this.lines;
  }
}

export class Captions {
  readonly root = element("ol", "captions");
  private readonly lines = new CaptionLines();
  private shown = "";
  private on = false;

  constructor() {
    this.root.setAttribute("aria-label", "Sounds");
    this.root.hidden = true;
  }

  setOn(on: boolean): void {
    this.on = on;
    this.root.hidden = !on;
  }

  add(text: string, side: string | undefined, nowMs: number): void {
    if (this.on) {
      this.lines.add(text, side, nowMs);
    }
  }

  /** To be called in each frame. */
  tick(nowMs: number): void {
    const lines = this.lines.visible(nowMs);
    const shown = lines.map(({ text, side }) => `${text} ${side}`).join();
    if (shown !== this.shown) {
      this.shown = shown;
      this.root.replaceChildren(...lines.map(row));
    }
  }
}

function row({ text, side }: Line): HTMLElement {
  const arrow = element("span", "caption-side", side === undefined ? "" : (ARROWS[side] ?? ""));
  arrow.setAttribute("aria-hidden", "true");
  return element("li", "caption", arrow, side === undefined ? text : `${text}, ${side}`);
}
