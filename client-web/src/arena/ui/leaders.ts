/** The best of this round in the corner, and the own player below them if it is not one of them. */

import { element, setText } from "./element.ts";
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
  private readonly rows: Row[] = [];
  private shown: readonly Standing[] = [];

  constructor() {
    // The own rank and the table say the same in a better order.
    this.root.setAttribute("aria-hidden", "true");
  }

  show(standings: readonly Standing[]): void {
    if (standings === this.shown) {
      return;
    }
    this.shown = standings;
    const leaders = leadersOf(standings);
    // Points change many times a second: only what is different is written.
    leaders.forEach((standing, index) => this.rowAt(index).show(standing));
    this.rows.splice(leaders.length).forEach((row) => row.root.remove());
  }

  private rowAt(index: number): Row {
    const known = this.rows[index];
    if (known !== undefined) {
      return known;
    }
    const row = new Row();
    this.rows.push(row);
    this.root.append(row.root);
    return row;
  }
}

class Row {
  private readonly rank = element("span", "leader-rank");
  private readonly name = element("span", "leader-name");
  private readonly score = element("span", "leader-score");
  readonly root = element("li", "leader", this.rank, this.name, this.score);

  show({ rank, name, score, own }: Standing): void {
    setText(this.rank, String(rank));
    setText(this.name, name);
    setText(this.score, String(score));
    this.root.dataset["own"] = String(own);
  }
}
