/**
 * The cells of the grid of interest around a player. Mirror of `server/simulation/src/grid.rs` with the rules of
 * `server/arena/src/lib.rs`. It is only drawn: what the server sends decides what is known. Pure.
 */

/** Side of a cell, units; cells on a side of the grid. */
export const CELL_UNITS = 128;
export const CELLS_ON_SIDE = 16;

/** What is drawn of the arena. */
const VIEW_WIDTH_UNITS = 960;
const VIEW_HEIGHT_UNITS = 540;

/** Cells around the view that are told already. */
const RING = 1;

/** A rectangle of cells, its borders included. */
export interface CellArea {
  readonly columns: readonly [first: number, last: number];
  readonly rows: readonly [first: number, last: number];
}

/** The cells that a player at this place is told of; whoever walks on keeps them for one ring longer. */
export function interestAround(at: { readonly x: number; readonly y: number }): CellArea {
  return {
    columns: [held(index(at.x - VIEW_WIDTH_UNITS / 2) - RING), held(index(at.x + VIEW_WIDTH_UNITS / 2) + RING)],
    rows: [held(index(at.y - VIEW_HEIGHT_UNITS / 2) - RING), held(index(at.y + VIEW_HEIGHT_UNITS / 2) + RING)],
  };
}

/** Column or row of a number. */
function index(units: number): number {
  return held(Math.floor(units / CELL_UNITS));
}

function held(cell: number): number {
  return Math.max(0, Math.min(CELLS_ON_SIDE - 1, cell));
}
