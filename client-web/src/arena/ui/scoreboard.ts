/** The table of everybody, for Tab and for the results. */

import { element } from "./element.ts";
import type { Team } from "../protocol/team.ts";
import { TEAM_NAMES, type Standing } from "./standings.ts";

const COLUMNS = ["#", "Player", "K", "D", "A", "Score", "Ping"];
const COLUMN_TITLES = ["Rank", "Player", "Kills", "Deaths", "Assists", "Score", "Ping, milliseconds"];

/** All columns before the score. */
const NAME_COLUMNS = COLUMNS.indexOf("Score");

/** The shape of a team beside its colour. */
export const TEAM_MARKS: Readonly<Record<Team, string>> = { blue: "●", orange: "◆" };

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

  /** `teams`: their points; then each team stands below its own line, the better first. */
  show(standings: readonly Standing[], teams?: readonly [number, number]): void {
    const text = JSON.stringify([standings, teams]);
    if (text === this.shown) {
      return;
    }
    this.shown = text;
    this.rows.replaceChildren(...(teams === undefined ? standings.map(row) : teamRows(standings, teams)));
  }
}

function teamRows(standings: readonly Standing[], [blue, orange]: readonly [number, number]): HTMLElement[] {
  const sides = [
    { team: "blue", score: blue },
    { team: "orange", score: orange },
  ] as const;
  const ordered = orange > blue ? [sides[1], sides[0]] : sides;
  return ordered.flatMap(({ team, score }) => [
    teamRow(team, score),
    ...standings.filter((standing) => standing.team === team).map(row),
  ]);
}

function teamRow(team: Team, score: number): HTMLElement {
  const name = element("th", "team-name", `${TEAM_MARKS[team]} ${TEAM_NAMES[team]}`);
  name.scope = "rowgroup";
  name.colSpan = NAME_COLUMNS;
  const made = element("tr", "team", name, element("td", "score", String(score)), element("td", "ping"));
  made.dataset["team"] = team;
  return made;
}

function row(standing: Standing): HTMLElement {
  const made = element(
    "tr",
    standing.own ? "own" : "",
    element("td", "", String(standing.rank)),
    element("td", "score-name", element("bdi", "score-text", standing.name)),
    element("td", "", String(standing.kills)),
    element("td", "", String(standing.deaths)),
    element("td", "", String(standing.assists)),
    element("td", "score", String(standing.score)),
    pingCell(standing),
  );
  if (standing.own) {
    made.setAttribute("aria-current", "true");
  }
  return made;
}

/** What is known of the way to a player, in a word or a number. */
function pingCell({ bot, presence }: Standing): HTMLElement {
  if (bot) {
    return element("td", "ping", element("span", "bot", "bot"));
  }
  if (presence === "away") {
    const cell = element("td", "ping", element("span", "away", "away"));
    cell.title = "Does not see the page, or has lost the connection";
    return cell;
  }
  return element("td", "ping", presence === undefined ? "–" : presence.toFixed(0));
}
