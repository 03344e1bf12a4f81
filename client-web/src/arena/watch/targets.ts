/** Whom a viewer follows. Pure. */

import type { Standing } from "../ui/standings.ts";

/** The best of the people, or of the bots when there are no people; undefined when there is nobody. */
export function firstTarget(standings: readonly Standing[]): number | undefined {
  return (standings.find((row) => !row.bot) ?? standings[0])?.entity;
}

/** The one `step` places behind `current` in the order of the ranks, round and round. */
export function nextTarget(standings: readonly Standing[], current: number | undefined, step: 1 | -1): number | undefined {
  const index = standings.findIndex((row) => row.entity === current);
  if (index < 0) {
    return firstTarget(standings);
  }
  return standings[(index + step + standings.length) % standings.length]?.entity;
}

/** Who is followed already as long as they are there, otherwise whom one would begin with. */
export function keptTarget(standings: readonly Standing[], current: number | undefined): number | undefined {
  return standings.some((row) => row.entity === current) ? current : firstTarget(standings);
}
