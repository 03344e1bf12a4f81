/** What is played on this server, for whoever wants to choose. Everything can be reached with the keyboard. */

import type { MatchChoice, MatchEntry } from "../../tickroom/protocol/message.ts";
import { element } from "./element.ts";

/** What the list wants to happen. */
export interface MatchListActions {
  join(choice: MatchChoice): void;
  refresh(): void;
}

export class MatchList {
  readonly root: HTMLElement;
  private readonly rows = element("ul", "match-rows");
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
    this.root = element("section", "matches", element("div", "matches-head", title, create, refresh), this.rows);
    this.root.setAttribute("aria-label", "Matches");
    this.show([]);
  }

  show(matches: readonly MatchEntry[]): void {
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

  private row({ matchId, phase, people, places }: MatchEntry): HTMLElement {
    const isFull = people >= places;
    const join = element("button", "join", isFull ? "Full" : "Join");
    join.type = "button";
    join.dataset["match"] = String(matchId);
    join.dataset["full"] = String(isFull);
    join.setAttribute("aria-label", `Join match ${matchId}`);
    join.addEventListener("click", () => this.actions.join({ kind: "id", matchId }));
    return element(
      "li",
      "match-row",
      element("span", "match-name", `Match ${matchId}`),
      element("span", "match-phase", phase),
      element("span", "match-people", `${people}/${places} people`),
      join,
    );
  }
}

function nothing(): HTMLElement {
  return element("li", "match-none", "Nobody plays right now. Press Play and the bots will join you.");
}
