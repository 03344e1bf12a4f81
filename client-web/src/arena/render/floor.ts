/** The map: floor with its grid, walls and border. Built once for each match. */

import { Container, Graphics } from "pixi.js";

import type { ArenaMap, Wall } from "../protocol/map.ts";
import { glow } from "./glow.ts";
import { BORDER, FLOOR, GRID_BOLD, GRID_FINE, HAZE, WALL_EDGE, WALL_FILL, WALL_TOP } from "./palette.ts";

const GRID = 64;
const GRID_BOLD_EVERY = 4;
const WALL_CORNER = 5;

/** A soft edge: strokes from wide and faint to narrow and bright. */
const EDGE = [
  { width: 14, alpha: 0.05 },
  { width: 8, alpha: 0.1 },
  { width: 4, alpha: 0.25 },
  { width: 1.75, alpha: 1 },
] as const;

export function drawMap(map: ArenaMap): Container {
  const layers = new Container();
  layers.addChild(drawFloor(map), drawHaze(map), drawGrid(map), drawWalls(map), drawBorder(map));
  return layers;
}

function drawFloor(map: ArenaMap): Graphics {
  return new Graphics().rect(0, 0, map.width, map.height).fill(FLOOR);
}

/** Large lights on the floor, so that one part of it does not look like another. */
function drawHaze(map: ArenaMap): Container {
  const haze = new Container();
  const across = Math.max(1, Math.round(map.width / 560));
  const down = Math.max(1, Math.round(map.height / 560));
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += 1) {
      const color = HAZE[(row * 2 + column) % HAZE.length] ?? HAZE[0];
      const light = glow(color, 460, 0.13);
      const shift = row % 2 === 0 ? 0.35 : 0.65;
      light.position.set(((column + shift) * map.width) / across, ((row + 0.5) * map.height) / down);
      haze.addChild(light);
    }
  }
  return haze;
}

function drawGrid(map: ArenaMap): Graphics {
  const grid = new Graphics();
  drawLines(grid, map, (index) => index % GRID_BOLD_EVERY !== 0);
  grid.stroke({ color: GRID_FINE, width: 1, alpha: 0.75 });
  drawLines(grid, map, (index) => index % GRID_BOLD_EVERY === 0);
  grid.stroke({ color: GRID_BOLD, width: 1.25, alpha: 0.8 });
  for (let x = GRID * GRID_BOLD_EVERY; x < map.width; x += GRID * GRID_BOLD_EVERY) {
    for (let y = GRID * GRID_BOLD_EVERY; y < map.height; y += GRID * GRID_BOLD_EVERY) {
      grid.rect(x - 2.5, y - 2.5, 5, 5).fill({ color: WALL_EDGE, alpha: 0.55 });
    }
  }
  return grid;
}

function drawLines(grid: Graphics, map: ArenaMap, picked: (index: number) => boolean): void {
  for (let index = 1; index * GRID < map.width; index += 1) {
    if (picked(index)) {
      grid.moveTo(index * GRID, 0).lineTo(index * GRID, map.height);
    }
  }
  for (let index = 1; index * GRID < map.height; index += 1) {
    if (picked(index)) {
      grid.moveTo(0, index * GRID).lineTo(map.width, index * GRID);
    }
  }
}

function drawWalls(map: ArenaMap): Graphics {
  const walls = new Graphics();
  for (const { width, alpha } of EDGE) {
    for (const wall of map.walls) {
      box(walls, wall, 0).stroke({ color: WALL_EDGE, width, alpha });
    }
  }
  for (const wall of map.walls) {
    box(walls, wall, 0).fill(WALL_FILL);
    const inset = Math.min(7, wall.width / 4, wall.height / 4);
    box(walls, wall, inset).fill(WALL_TOP);
    box(walls, wall, 0).stroke({ color: WALL_EDGE, width: 1.75, alpha: 0.9 });
  }
  return walls;
}

function box(walls: Graphics, wall: Wall, inset: number): Graphics {
  return walls.roundRect(
    wall.x + inset,
    wall.y + inset,
    wall.width - inset * 2,
    wall.height - inset * 2,
    Math.min(WALL_CORNER, wall.width / 2, wall.height / 2),
  );
}

function drawBorder(map: ArenaMap): Graphics {
  const border = new Graphics();
  for (const { width, alpha } of EDGE) {
    border.rect(0, 0, map.width, map.height).stroke({ color: BORDER, width: width * 1.4, alpha });
  }
  return border;
}
