/** What the switches of the network panel lay bare: what is known of the server beside what is played. */

import type { View } from "../tickroom/match.ts";
import type { ArenaSession } from "./debug/probe.ts";
import type { Pose } from "./game.ts";
import { CELL_UNITS, CELLS_ON_SIDE, interestAround, type CellArea } from "./sim/interest.ts";
import type { Judged } from "./sim/judgement.ts";
import type { Place } from "./sim/projectiles.ts";
import { positionFromGrid } from "./sim/quantize.ts";
import type { Bare } from "./switchboard.ts";

type ArenaMatch = NonNullable<ArenaSession["match"]>;

/** Ticks for which a judgement is shown: time enough to compare. */
const JUDGED_TICKS = 150;

/** One player as the newest snapshot has it, and as it is drawn. */
export interface Ghost {
  readonly entity: number;
  readonly told: Place;
  readonly drawn: Place | undefined;
}

/** The grid of interest. */
export interface Cells {
  /** Columns and rows that reach over the map. */
  readonly count: readonly [columns: number, rows: number];
  /** What the own player is told of. */
  readonly area: CellArea;
  /** Cells of which the server has told who is in them. */
  readonly told: ReadonlySet<number>;
}

/** All of it; undefined what is switched off. */
export interface LaidBare {
  readonly ghosts: readonly Ghost[] | undefined;
  readonly judged: Judged | undefined;
  readonly cells: Cells | undefined;
}

/** Nothing is. */
export const NOT_BARE: LaidBare = { ghosts: undefined, judged: undefined, cells: undefined };

export function laidBare(switches: Readonly<Bare>, match: ArenaMatch, view: View<Pose>, judged: Judged | undefined): LaidBare {
  const isFresh = judged !== undefined && view.tick - judged.tick <= JUDGED_TICKS;
  return {
    ghosts: switches.ghost ? ghostsOf(match, view) : undefined,
    judged: switches.hitBox && isFresh ? judged : undefined,
    cells: switches.cells ? cellsOf(match, view) : undefined,
  };
}

function ghostsOf({ latest }: ArenaMatch, { own, others }: View<Pose>): Ghost[] {
  return [...(latest?.entities ?? [])]
    .filter(([, { alive }]) => alive)
    .map(([entity, { body }]) => ({
      entity,
      told: { x: positionFromGrid(body.x), y: positionFromGrid(body.y) },
      drawn: entity === own?.entity ? own.pose : others.get(entity),
    }));
}

function cellsOf(match: ArenaMatch, { own }: View<Pose>): Cells | undefined {
  const { width, height } = match.setup;
  const told = new Set([...(match.latest?.entities.keys() ?? [])].map((entity) => match.cellOf(entity) ?? 0));
  // A match of few is one cell for all, which has the number 0.
  const isDivided = [...told].some((cell) => cell > 0);
  if (!isDivided) {
    return { count: [1, 1], area: { columns: [0, 0], rows: [0, 0] }, told };
  }
  const count = (extent: number): number => Math.min(CELLS_ON_SIDE, Math.ceil(extent / CELL_UNITS));
  return own === undefined ? undefined : { count: [count(width), count(height)], area: interestAround(own.pose), told };
}
