/** Who is worth a line of praise when a round is over. Pure. */

import type { Standing } from "./standings.ts";

/** The best of a round and why. */
export interface Mvp {
  readonly name: string;
  readonly own: boolean;
  readonly text: string;
}

/**
 * The one with the most points; of equals the one with fewer deaths, as they stand in the table. Nobody when nobody has any
 * kill. `streaks`: the longest run of each, as far as this client saw it.
 */
export function mvpOf(standings: readonly Standing[], streaks: ReadonlyMap<number, number>): Mvp | undefined {
  const best = standings.find((row) => row.rank === 1 && row.kills > 0);
  if (best === undefined) {
    return undefined;
  }
  const { entity, name, own, kills, deaths, assists } = best;
  const streak = streaks.get(entity) ?? 0;
  const parts = [
    count(kills, "kill"),
    count(deaths, "death"),
    ...(assists > 0 ? [count(assists, "assist")] : []),
    ...(streak > 1 ? [`${streak} in a row`] : []),
  ];
  return { name, own, text: parts.join(" · ") };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
