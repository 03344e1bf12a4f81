/** The best of this round in the corner, and the own player below them if it is not one of them. */

import { element } from "./element.ts";
import type { Standing } from "./standings.ts";

const LEADERS_MAX = 5;

/** Those in the corner. Pure. */
export function leadersOf(standings: readonly Standing[]): readonly Standing[] {
  const best = standings.slice(0, LEADERS_MAX);
  const own = standings.slice(LEADERS_MAX).find((row) => row.own);
  return own === undefined ? best : [...best, own];
}

export class Leaders {
  readonly root = element("ol", "leaders");
  private shown = "";

  constructor() {
    // The own rank and the table say the same in a better order.
    this.root.setAttribute("aria-hidden", "true");
  }

  show(standings: readonly Standing[]): void {
    const leaders = leadersOf(standings);
    const text = leaders.map(({ rank, entity, name, score, own }) => `${rank} ${entity} ${name} ${score} ${own}`).join("\n");
    if (text !== this.shown) {
      this.shown = text;
      this.root.replaceChildren(...leaders.map(row));
    }
  }
}

function row({ rank, name, score, own }: Standing): HTMLElement {
  const made = element(
    "li",
    "leader",
    element("span", "leader-rank", String(rank)),
    element("span", "leader-name", name),
    element("span", "leader-score", String(score)),
  );
  made.dataset["own"] = String(own);
  return made;
}
