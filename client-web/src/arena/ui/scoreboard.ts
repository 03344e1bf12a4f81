/** The table of everybody, for Tab and for the results. */

import { element } from "./element.ts";
import type { Standing } from "./standings.ts";

const COLUMNS = ["#", "Player", "K", "D", "A", "Score"];
const COLUMN_TITLES = ["Rank", "Player", "Kills", "Deaths", "Assists", "Score"];

export class Scoreboard {
  readonly root = element("table", "scores");
  private readonly rows = element("tbody", "");
  private shown = "";

  constructor() {
    const head = COLUMNS.map((name, index) => {
      const cell = element("th", "", name);
      cell.scope = "col";
      cell.title = COLUMN_TITLES[index] ?? name;
      return cell;
    });
    this.root.append(element("thead", "", element("tr", "", ...head)), this.rows);
  }

  show(standings: readonly Standing[]): void {
    const text = JSON.stringify(standings);
    if (text === this.shown) {
      return;
    }
    this.shown = text;
    this.rows.replaceChildren(...standings.map(row));
  }
}

function row(standing: Standing): HTMLElement {
  const name = element("td", "score-name", element("bdi", "score-text", standing.name));
  if (standing.bot) {
    name.append(element("span", "bot", "bot"));
  }
  const made = element(
    "tr",
    standing.own ? "own" : "",
    element("td", "", String(standing.rank)),
    name,
    element("td", "", String(standing.kills)),
    element("td", "", String(standing.deaths)),
    element("td", "", String(standing.assists)),
    element("td", "score", String(standing.score)),
  );
  if (standing.own) {
    made.setAttribute("aria-current", "true");
  }
  return made;
}
