/** The recordings of this server in the menu. Folded, since most come to play; not there at all where none are shown. */

import type { ReplayEntry } from "../../tickroom/protocol/message.ts";
import { element, pressButton } from "../ui/element.ts";
import { modeName } from "../ui/match_list.ts";
import { agoText, clockText } from "./moment.ts";

export class ReplayList {
  readonly root = element("details", "replays");
  private readonly rows = element("ul", "match-rows");
  private shown = "";

  /** `watch` is called with the name of a recording, `ask` when the list should be asked for anew. */
  constructor(
    private readonly watch: (name: string) => void,
    ask: () => void,
  ) {
    this.root.append(element("summary", "replays-title", "Recorded matches"), this.rows);
    this.root.hidden = true;
    this.root.addEventListener("toggle", () => (this.root.open ? ask() : undefined));
  }

  /** `nowS` is the time, seconds since 1970. */
  show(replays: readonly ReplayEntry[] | undefined, nowS: number): void {
    this.root.hidden = replays === undefined;
    // The minute is part of it: rows say how long ago they were.
    const text = JSON.stringify([replays, Math.floor(nowS / 60)]);
    if (text === this.shown) {
      return;
    }
    this.shown = text;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["replay"] : undefined;
    const rows = (replays ?? []).map((entry) => this.row(entry, nowS));
    this.rows.replaceChildren(...(rows.length === 0 ? [nothing()] : rows));
    if (focused !== undefined) {
      this.rows.querySelector<HTMLElement>(`[data-replay="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  private row({ name, mode, map, people, filledTo, ticks, writtenS }: ReplayEntry, nowS: number): HTMLElement {
    const length = clockText(ticks);
    const ago = agoText(writtenS, nowS);
    const who = `${people} ${people === 1 ? "person" : "people"}${filledTo > 0 ? " and bots" : ""}`;
    const watch = pressButton("quiet watch", () => this.watch(name), "Watch");
    watch.dataset["replay"] = name;
    watch.setAttribute("aria-label", `Watch the recording ${modeName(mode)} on ${map}, ${length} long, with ${who}, ${ago}`);
    return element(
      "li",
      "match-row replay-row",
      element("span", "match-name", element("bdi", "", map === "" ? name : map)),
      element("span", "match-mode", modeName(mode)),
      element("span", "match-people", length),
      element("span", "match-phase", who),
      element("span", "match-phase", ago),
      watch,
    );
  }
}

function nothing(): HTMLElement {
  return element("li", "match-none", "There is no recording yet: a match is one when it is over.");
}
