/** The functions that a switch is about, as they run, in a part that opens. Loaded when the first of them is opened. */

import type { Board, Source } from "../switchboard.ts";
import { element } from "./element.ts";

export class SourceView {
  readonly root = element("details", "net-source");
  private readonly content = element("div", "net-code", "…");
  private loaded = false;

  constructor(
    private readonly key: keyof Board,
    label: string,
    sources: readonly Source[],
  ) {
    const summary = element("summary", "", "source");
    summary.setAttribute("aria-label", `source of ${label}`);
    summary.title = sources.map(([file, name]) => `${file}: ${name}`).join("\n");
    this.root.append(summary, this.content);
    this.root.addEventListener("toggle", () => void this.load());
  }

  private async load(): Promise<void> {
    if (!this.root.open || this.loaded) {
      return;
    }
    this.loaded = true;
    try {
      const { default: excerpts } = await import("virtual:sources");
      this.content.replaceChildren(
        ...(excerpts[this.key] ?? []).flatMap(({ file, firstLine, lastLine, text }) => {
          const where = `${file}:${firstLine}–${lastLine}`;
          const code = element("pre", "", element("code", "", text));
          // Wider than the panel: the keyboard can move it.
          code.tabIndex = 0;
          code.setAttribute("role", "region");
          code.setAttribute("aria-label", where);
          return [element("p", "net-where", where), code];
        }),
      );
    } catch {
      this.loaded = false;
      this.content.textContent = "The source cannot be loaded now.";
    }
  }
}
