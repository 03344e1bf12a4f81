/** What is played on this server, for whoever wants to choose. Everything can be reached with the keyboard. */

import type { MatchChoice, MatchEntry } from "../../tickroom/protocol/message.ts";
import { element, setText } from "./element.ts";

/** What the list wants to happen. */
export interface MatchListActions {
  join(choice: MatchChoice): void;
  watch(matchId: number): void;
  refresh(): void;
}

export class MatchList {
  readonly root: HTMLElement;
  private readonly rows = element("ul", "match-rows");
  private readonly ping = element("span", "matches-ping");
  private shown = "";
  private busy = false;

  constructor(private readonly actions: MatchListActions) {
    const create = element("button", "quiet", "New match");
    create.type = "button";
    create.addEventListener("click", () => this.actions.join({ kind: "new" }));
    const refresh = element("button", "quiet", "Refresh");
    refresh.type = "button";
    refresh.addEventListener("click", () => this.actions.refresh());
    const title = element("h2", "matches-title", "Matches");
    this.root = element("section", "matches", element("div", "matches-head", title, this.ping, create, refresh), this.rows);
    this.root.setAttribute("aria-label", "Matches");
    this.show([]);
  }

  /** `pingMs` is the same for all of them: they run on one server. */
  show(matches: readonly MatchEntry[], pingMs?: number): void {
    setText(this.ping, pingMs === undefined ? "" : `Ping ${pingMs.toFixed(0)} ms`);
    const text = JSON.stringify(matches);
    if (text === this.shown) {
      return;
    }
    this.shown = text;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["match"] : undefined;
    this.rows.replaceChildren(...(matches.length === 0 ? [nothing()] : matches.map((entry) => this.row(entry))));
    this.setBusy(this.busy);
    // The button that had the focus is another element now.
    if (focused !== undefined) {
      this.rows.querySelector<HTMLElement>(`[data-match="${focused}"]`)?.focus();
    }
  }

  /** While a join is under way nothing can be chosen. */
  setBusy(busy: boolean): void {
    this.busy = busy;
    for (const button of this.root.querySelectorAll("button")) {
      button.disabled = busy || button.dataset["full"] === "true";
    }
  }

  private row({ matchId, mode, map, phase, people, places }: MatchEntry): HTMLElement {
    const isFull = people >= places;
    const join = element("button", "join", isFull ? "Full" : "Join");
    join.type = "button";
    join.dataset["match"] = String(matchId);
    join.dataset["full"] = String(isFull);
    join.setAttribute("aria-label", `Join match ${matchId}: ${modeName(mode)} on ${map}, ${phase}, ${people} of ${places} people`);
    join.addEventListener("click", () => this.actions.join({ kind: "id", matchId }));
    const watch = element("button", "quiet watch", "Watch");
    watch.type = "button";
    watch.dataset["match"] = `watch ${matchId}`;
    watch.setAttribute("aria-label", `Watch match ${matchId}`);
    watch.addEventListener("click", () => this.actions.watch(matchId));
    return element(
      "li",
      "match-row",
      element("span", "match-name", element("bdi", "", map === "" ? `Match ${matchId}` : map)),
      element("span", "match-mode", modeName(mode)),
      element("span", "match-phase", phase),
      element("span", "match-people", `${people}/${places}`),
      watch,
      join,
    );
  }
}

const MODES: Readonly<Record<string, string>> = { ffa: "Free for all", teams: "Teams" };

/** A mode in words; one that this page does not know in that of the server. */
export function modeName(mode: string): string {
  return Object.hasOwn(MODES, mode) ? (MODES[mode] ?? mode) : mode;
}

function nothing(): HTMLElement {
  return element("li", "match-none", "Nobody plays right now. Press Play and the bots will join you.");
}
