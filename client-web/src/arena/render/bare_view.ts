/** Lines over the arena for those who want to see what the netcode does: ghosts of the server, judged places, cells. */

import { Container, Graphics } from "pixi.js";

import type { Cells, Ghost, LaidBare } from "../laid_bare.ts";
import type { ArenaMap } from "../protocol/map.ts";
import { CELL_UNITS, CELLS_ON_SIDE } from "../sim/interest.ts";
import type { Judged } from "../sim/judgement.ts";
import { RADIUS } from "../sim/movement.ts";
import { CELL_EDGE, CELL_TOLD, GHOST, JUDGED } from "./palette.ts";

export class BareView {
  /** Below and above the players. */
  readonly below = new Container();
  readonly above = new Container();
  private readonly cells = this.below.addChild(new Graphics());
  private readonly marks = this.above.addChild(new Graphics());

  private isEmpty = true;

  /** Draws these and nothing else. */
  draw({ ghosts, judged, cells }: LaidBare, map: ArenaMap | undefined): void {
    const isEmpty = ghosts === undefined && judged === undefined && cells === undefined;
    // Lines that change let the drawing library gather anew what there is to draw, also when there are none.
    if (isEmpty && this.isEmpty) {
      return;
    }
    this.isEmpty = isEmpty;
    this.cells.clear();
    this.marks.clear();
    if (cells !== undefined && map !== undefined) {
      drawCells(this.cells, cells, map);
    }
    for (const ghost of ghosts ?? []) {
      drawGhost(this.marks, ghost);
    }
    if (judged !== undefined) {
      drawJudged(this.marks, judged);
    }
  }
}

/** Where the server has somebody, and the way from there to where it is drawn. */
function drawGhost(marks: Graphics, { told, drawn }: Ghost): void {
  if (drawn !== undefined) {
    marks.moveTo(told.x, told.y).lineTo(drawn.x, drawn.y).stroke({ color: GHOST, width: 1.5, alpha: 0.6 });
  }
  marks.circle(told.x, told.y, RADIUS).fill({ color: GHOST, alpha: 0.12 }).stroke({ color: GHOST, width: 2, alpha: 0.9 });
}

/** The line of the rail, and a square around each who could have been hit. */
function drawJudged(marks: Graphics, { from, to, places }: Judged): void {
  marks.moveTo(from.x, from.y).lineTo(to.x, to.y).stroke({ color: JUDGED, width: 1.5, alpha: 0.8 });
  for (const { x, y } of places.values()) {
    marks.rect(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS).stroke({ color: JUDGED, width: 2, alpha: 0.9 });
    marks.circle(x, y, RADIUS).stroke({ color: JUDGED, width: 1, alpha: 0.7 });
  }
}

function drawCells(graphics: Graphics, { count: [columns, rows], area, told }: Cells, map: ArenaMap): void {
  const whole = columns === 1 && rows === 1;
  const [width, height] = whole ? [map.width, map.height] : [CELL_UNITS, CELL_UNITS];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const isIn = within(column, area.columns) && within(row, area.rows);
      const isTold = told.has(row * CELLS_ON_SIDE + column);
      graphics.rect(column * width, row * height, Math.min(width, map.width - column * width), Math.min(height, map.height - row * height));
      if (isIn) {
        graphics.fill({ color: CELL_TOLD, alpha: isTold ? 0.16 : 0.06 });
      }
      graphics.stroke({ color: CELL_EDGE, width: 1.5, alpha: isIn ? 0.7 : 0.2 });
    }
  }
}

function within(index: number, [first, last]: readonly [number, number]): boolean {
  return index >= first && index <= last;
}
