/** Who is where in a round. Pure: scores, states and roster in, rows out. */

import type { Presence } from "../../tickroom/protocol/presence.ts";
import type { RosterMember } from "../../tickroom/roster.ts";
import type { Score, Scores } from "../protocol/scores.ts";
import type { Team } from "../protocol/team.ts";
import { isolated } from "./isolated.ts";

/** One line of the scoreboard. */
export interface Standing {
  /** Players with the same score share a rank. */
  readonly rank: number;
  readonly entity: number;
  readonly name: string;
  readonly bot: boolean;
  readonly own: boolean;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
  readonly assists: number;
  /** Where everybody fights for themselves, undefined. */
  readonly team: Team | undefined;
  /** Of bots and in a recording undefined. */
  readonly presence: Presence;
}

/**
 * Everybody, the best first; equals by fewer deaths, then in the order in which they came. `seen` are those whose states the
 * client has, which are newer than `told`: what the match tells now and then of all its players, and of some who have left.
 */
export function standingsOf(
  told: Scores,
  seen: ReadonlyMap<number, Score>,
  roster: ReadonlyMap<number, RosterMember>,
  own: number | undefined,
): Standing[] {
  const present = [...told].filter(([entity]) => roster.has(entity));
  const rows = [...new Map([...present, ...seen])].map(([entity, { score, kills, deaths, assists, team }]) => {
    const entry = roster.get(entity);
    const who = { entity, name: entry?.name ?? "…", bot: entry?.bot ?? false, own: entity === own };
    return { ...who, score, kills, deaths, assists, team, presence: entry?.presence };
  });
  rows.sort((a, b) => b.score - a.score || a.deaths - b.deaths || a.entity - b.entity);
  let rank = 0;
  return rows.map((row, index) => {
    rank = row.score === rows[index - 1]?.score ? rank : index + 1;
    return { rank, ...row };
  });
}

const NOBODY: ReadonlyMap<number, Score> = new Map();

/** The standings of one match, worked out anew only when there is news: most frames have none. */
export class LatestStandings {
  private rows: readonly Standing[] = [];
  private from: readonly unknown[] = [];

  /** As `standingsOf`; `latest` is the newest snapshot, whose states are those that are seen. */
  of(
    told: Scores,
    latest: { readonly entities: ReadonlyMap<number, Score> } | undefined,
    roster: ReadonlyMap<number, RosterMember>,
    own: number | undefined,
  ): readonly Standing[] {
    const news = [told, latest, roster.size, own];
    if (news.some((part, index) => part !== this.from[index])) {
      this.from = news;
      this.rows = standingsOf(told, latest?.entities ?? NOBODY, roster, own);
    }
    return this.rows;
  }
}

/** 1st, 2nd, 3rd, 4th … 11th, 12th, 13th … 21st. */
export function ordinal(rank: number): string {
  const teen = rank % 100 >= 11 && rank % 100 <= 13;
  return `${rank}${(teen ? undefined : ["th", "st", "nd", "rd"][rank % 10]) ?? "th"}`;
}

/** How the round ended, for the title of the results. */
export interface Result {
  readonly title: string;
  readonly text: string;
}

/** What a team is called. */
export const TEAM_NAMES: Readonly<Record<Team, string>> = { blue: "Blue", orange: "Orange" };

/** `teams`: their points, where there are any. */
export function resultOf(standings: readonly Standing[], teams?: readonly [number, number]): Result {
  return teams === undefined ? resultOfAll(standings) : resultOfTeams(standings, teams);
}

function resultOfTeams(standings: readonly Standing[], [blue, orange]: readonly [number, number]): Result {
  const text = `${TEAM_NAMES.blue} ${blue}, ${TEAM_NAMES.orange} ${orange}`;
  if (blue === orange) {
    return { title: "A draw", text };
  }
  const winner = blue > orange ? "blue" : "orange";
  const own = standings.find((row) => row.own)?.team;
  return { title: own === winner ? "Victory!" : `${TEAM_NAMES[winner]} wins`, text };
}

function resultOfAll(standings: readonly Standing[]): Result {
  const winners = standings.filter((row) => row.rank === 1);
  const own = standings.find((row) => row.own);
  const [winner] = winners;
  const place = own === undefined ? "" : `You came ${ordinal(own.rank)} of ${standings.length}.`;
  if (winner === undefined) {
    return { title: "The round is over", text: place };
  }
  if (winners.length > 1) {
    return { title: "A draw", text: place };
  }
  return winner.own
    ? { title: "Victory!", text: `You won with ${winner.score} points.` }
    : { title: `${isolated(winner.name)} wins`, text: place };
}
