/** Whom a viewer follows. Pure. */

import type { Standing } from "../ui/standings.ts";

/** The best of the people, or of the bots when there are no people; undefined when there is nobody. */
export function firstTarget(standings: readonly Standing[]): number | undefined {
  return (standings.find((row) => !row.bot) ?? standings[0])?.entity;
}

/** The one `step` places behind `current`, round and round. In the order in which they came: ranks change while somebody chooses. */
export function nextTarget(standings: readonly Standing[], current: number | undefined, step: 1 | -1): number | undefined {
  const rows = [...standings].sort((a, b) => a.entity - b.entity);
  const index = rows.findIndex((row) => row.entity === current);
  if (index < 0) {
    return firstTarget(standings);
  }
  return rows[(index + step + rows.length) % rows.length]?.entity;
}

/** Who is followed already as long as they are there, otherwise whom one would begin with. */
export function keptTarget(standings: readonly Standing[], current: number | undefined): number | undefined {
  return standings.some((row) => row.entity === current) ? current : firstTarget(standings);
}
