/** All figures as small tiles, one of which the graph below them shows. */

import { element, pressButton, setText } from "./element.ts";
import { FIGURES, readingOf, type NetHistory } from "./net_figures.ts";
import type { NetGraph } from "./net_graph.ts";

/** Numbers that change more often cannot be read. */
const READ_MS = 400;

export class FigureTiles {
  readonly root: HTMLElement;
  private readonly tiles = FIGURES.map(({ label, unit, meaning }, index) => {
    const value = element("span", "net-value", "–");
    const content = [element("span", "net-label", label), value, element("span", "net-unit", unit)];
    const root = pressButton("net-figure", () => this.select(index), ...content);
    root.title = meaning;
    return { root, value };
  });
  private readonly canvas = element("div", "net-graph");
  private readonly meaning = element("p", "net-meaning");
  private graph: NetGraph | undefined;
  private selected = 0;
  private readMs = -Infinity;

  constructor(private readonly history: NetHistory) {
    this.canvas.setAttribute("aria-hidden", "true");
    this.root = element(
      "div",
      "net-figures",
      element("div", "net-tiles", ...this.tiles.map(({ root }) => root)),
      this.canvas,
      this.meaning,
    );
    this.select(0);
  }

  /** Points that the graph shows. */
  get points(): number {
    return this.graph === undefined ? 0 : this.history.series(this.selected)[1].filter((value) => value !== null).length;
  }

  /** Brings the graph along; without it the tiles go on. */
  async load(): Promise<void> {
    try {
      const { NetGraph } = await import("./net_graph.ts");
      if (this.graph === undefined) {
        this.canvas.replaceChildren();
        this.graph = new NetGraph(this.canvas);
      }
    } catch {
      this.canvas.textContent = "The graph cannot be loaded now.";
    }
  }

  /** To be called while it is seen. */
  show(nowMs: number): void {
    this.graph?.show(this.history.series(this.selected));
    if (nowMs - this.readMs < READ_MS) {
      return;
    }
    this.readMs = nowMs;
    this.tiles.forEach(({ value }, index) => {
      const figure = FIGURES[index];
      if (figure !== undefined) {
        setText(value, readingOf(figure, this.history.newest(index)));
      }
    });
  }

  private select(index: number): void {
    this.selected = index;
    this.tiles.forEach(({ root }, other) => root.setAttribute("aria-pressed", String(other === index)));
    setText(this.meaning, FIGURES[index]?.meaning ?? "");
  }
}
