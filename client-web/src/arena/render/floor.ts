/** The map: floor with its grid, walls and border. Built once for each match, and anew when its look changes. */

import { Container, Graphics, Sprite, Texture } from "pixi.js";

import type { ArenaMap, Wall } from "../protocol/map.ts";
import {
  BORDER,
  CONTRAST_EDGE,
  CONTRAST_FLOOR,
  CONTRAST_GRID,
  CONTRAST_WALL,
  FLOOR,
  GRID_BOLD,
  GRID_FINE,
  HAZE,
  WALL_EDGE,
  WALL_FILL,
  WALL_TOP,
} from "./palette.ts";

/** Soft light needs few pixels. */
const FLOOR_UNITS_PER_PIXEL = 8;

/** Both in pixels of the painted floor. */
const HAZE_SPACING = 70;
const HAZE_RADIUS = 58;

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

export function drawMap(map: ArenaMap, highContrast: boolean): Container {
  const layers = new Container();
  if (highContrast) {
    layers.addChild(drawPlain(map));
  } else {
    layers.addChild(drawFloor(map), drawGrid(map), drawWalls(map), drawBorder(map));
  }
  return layers;
}

/** Nothing that glows or shades. Few lines of the grid are left: without any the own way over the floor would not be seen. */
function drawPlain(map: ArenaMap): Graphics {
  const plain = new Graphics();
  plain.rect(0, 0, map.width, map.height).fill(CONTRAST_FLOOR);
  drawLines(plain, map, (index) => index % GRID_BOLD_EVERY === 0);
  plain.stroke({ color: CONTRAST_GRID, width: 1.5 });
  for (const wall of map.walls) {
    box(plain, wall, 0).fill(CONTRAST_WALL).stroke({ color: CONTRAST_EDGE, width: 3 });
  }
  return plain.rect(0, 0, map.width, map.height).stroke({ color: CONTRAST_EDGE, width: 4 });
}

/** Floor with large soft lights on it, so that one part does not look like another. They are painted once, small. */
function drawFloor(map: ArenaMap): Sprite {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(map.width / FLOOR_UNITS_PER_PIXEL);
  canvas.height = Math.ceil(map.height / FLOOR_UNITS_PER_PIXEL);
  const context = canvas.getContext("2d");
  if (context !== null) {
    context.fillStyle = FLOOR;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = "lighter";
    paintHaze(context, canvas.width, canvas.height);
  }
  const floor = new Sprite(Texture.from(canvas));
  floor.width = map.width;
  floor.height = map.height;
  return floor;
}

function paintHaze(context: CanvasRenderingContext2D, width: number, height: number): void {
  const across = Math.max(1, Math.round(width / HAZE_SPACING));
  const down = Math.max(1, Math.round(height / HAZE_SPACING));
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += 1) {
      const shift = row % 2 === 0 ? 0.35 : 0.65;
      const x = ((column + shift) * width) / across;
      const y = ((row + 0.5) * height) / down;
      const light = context.createRadialGradient(x, y, 0, x, y, HAZE_RADIUS);
      light.addColorStop(0, HAZE[(row * 2 + column) % HAZE.length] ?? HAZE[0]);
      light.addColorStop(1, "transparent");
      context.fillStyle = light;
      context.fillRect(0, 0, width, height);
    }
  }
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
