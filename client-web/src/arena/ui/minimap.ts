/**
 * The whole map, small: its walls, what lies on its floor, the own player, and the others as far as the client is told of
 * them. Its own small canvas, so that it costs the large picture nothing.
 */

import type { Pose } from "../game.ts";
import type { PickupKind } from "../protocol/pickup.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { DrawnPickup } from "../sim/pickups.ts";
import { element } from "./element.ts";

/** Pixels of the canvas for the longer side of a map; the style sheet makes it smaller. */
const SIDE_PX = 288;

const WALL = "#5d7bff";
const FIELD = "rgb(8 12 28 / 72%)";
const EDGE = "rgb(138 92 255 / 80%)";
const OWN = "#eafcff";

const DOT_PX = 5.5;

/** What stands on the map at one moment. */
export interface MinimapView {
  readonly map: ArenaMap;
  readonly own: Pose | undefined;
  readonly others: ReadonlyMap<number, Pose>;
  readonly pickups: Iterable<DrawnPickup>;
  /** As `#rrggbb`. */
  readonly colorOf: (entity: number) => string;
  readonly pickupColorOf: (kind: PickupKind) => string;
}

/** Pixels for one unit so that the map just fits. Pure. */
export function scaleOf({ width, height }: { readonly width: number; readonly height: number }): number {
  return SIDE_PX / Math.max(1, width, height);
}

export class Minimap {
  readonly root = element("canvas", "minimap");
  private readonly walls = document.createElement("canvas");
  private drawn: ArenaMap | undefined;

  constructor() {
    this.root.setAttribute("aria-hidden", "true");
  }

  show(view: MinimapView): void {
    if (this.drawn !== view.map) {
      this.open(view.map);
    }
    const context = this.root.getContext("2d");
    if (context !== null) {
      context.clearRect(0, 0, this.root.width, this.root.height);
      context.drawImage(this.walls, 0, 0);
      paintPickups(context, view);
      paintPlayers(context, view);
    }
  }

  /** Paints once what stays. */
  private open(map: ArenaMap): void {
    this.drawn = map;
    const scale = scaleOf(map);
    for (const canvas of [this.root, this.walls]) {
      canvas.width = Math.ceil(map.width * scale);
      canvas.height = Math.ceil(map.height * scale);
    }
    const context = this.walls.getContext("2d");
    if (context === null) {
      return;
    }
    context.fillStyle = FIELD;
    context.fillRect(0, 0, this.walls.width, this.walls.height);
    context.fillStyle = WALL;
    context.globalAlpha = 0.75;
    for (const { x, y, width, height } of map.walls) {
      context.fillRect(x * scale, y * scale, Math.max(2, width * scale), Math.max(2, height * scale));
    }
    context.globalAlpha = 1;
    context.strokeStyle = EDGE;
    context.lineWidth = 4;
    context.strokeRect(0, 0, this.walls.width, this.walls.height);
  }
}

/** Small squares on their corners, where one lies now. */
function paintPickups(context: CanvasRenderingContext2D, { map, pickups, pickupColorOf }: MinimapView): void {
  const scale = scaleOf(map);
  for (const { pickup, state } of pickups) {
    if (state === "there") {
      const [x, y] = [pickup.x * scale, pickup.y * scale];
      context.fillStyle = pickupColorOf(pickup.kind);
      context.beginPath();
      context.moveTo(x, y - DOT_PX);
      context.lineTo(x + DOT_PX, y);
      context.lineTo(x, y + DOT_PX);
      context.lineTo(x - DOT_PX, y);
      context.fill();
    }
  }
}

function paintPlayers(context: CanvasRenderingContext2D, { map, own, others, colorOf }: MinimapView): void {
  const scale = scaleOf(map);
  for (const [entity, { x, y, alive }] of others) {
    if (alive) {
      context.fillStyle = colorOf(entity);
      context.beginPath();
      context.arc(x * scale, y * scale, DOT_PX, 0, 2 * Math.PI);
      context.fill();
    }
  }
  if (own?.alive === true) {
    paintOwn(context, own, scale);
  }
}

/** An arrow the way it looks: found at once among dots, whatever the colours. */
function paintOwn(context: CanvasRenderingContext2D, { x, y, aimRad }: Pose, scale: number): void {
  context.save();
  context.translate(x * scale, y * scale);
  context.rotate(aimRad);
  context.beginPath();
  context.moveTo(DOT_PX * 2.1, 0);
  context.lineTo(-DOT_PX * 1.4, DOT_PX * 1.5);
  context.lineTo(-DOT_PX * 0.6, 0);
  context.lineTo(-DOT_PX * 1.4, -DOT_PX * 1.5);
  context.closePath();
  context.fillStyle = OWN;
  context.strokeStyle = "#05070f";
  context.lineWidth = 3;
  context.stroke();
  context.fill();
  context.restore();
}
