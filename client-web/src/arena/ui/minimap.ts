/**
 * The whole map, small: its walls, what lies on its floor, the own player, and the others as far as the client is told of
 * them. Its own small canvas, so that it costs the large picture nothing.
 */

import type { Pose } from "../game.ts";
import type { PickupKind } from "../protocol/pickup.ts";
import type { ArenaMap } from "../protocol/map.ts";
import type { Look } from "../render/look.ts";
import { cssOf, pickupColors } from "../render/palette.ts";
import { PICKUP_SIGNS } from "../render/pickup_signs.ts";
import type { Mark } from "../render/player.ts";
import { ROUND, type Shape } from "../render/shape.ts";
import type { DrawnPickup } from "../sim/pickups.ts";
import { element } from "./element.ts";

/** Pixels of the canvas for the longer side of a map; the style sheet makes it smaller. */
const SIDE_PX = 288;

interface Ground {
  readonly field: string;
  readonly wall: string;
  readonly edge: string;
  /** Around whatever stands on it. */
  readonly rim: string;
}

const USUAL: Ground = { field: "rgb(8 12 28 / 72%)", wall: "rgb(93 123 255 / 75%)", edge: "rgb(138 92 255 / 80%)", rim: "#05070f" };
const CONTRAST: Ground = { field: "#000000", wall: "#8d96b3", edge: "#ffffff", rim: "#000000" };

const OWN = "#eafcff";

/** Of the circle that stands for a player: large enough that three corners, four and five are told apart. */
const MARK_PX = 6.5;
const OWN_PX = 5.5;
const RIM_PX = 3;

/** Pixels for one unit of a sign. */
const SIGN_SCALE = 0.85;

const UNKNOWN: Mark = { shape: ROUND, css: "#ffffff" };

/** What stands on the map at one moment. */
export interface MinimapView {
  readonly map: ArenaMap;
  readonly own: Pose | undefined;
  readonly others: ReadonlyMap<number, Pose>;
  readonly pickups: Iterable<DrawnPickup>;
  readonly look: Look;
  readonly markOf: (entity: number) => Mark | undefined;
}

/** Pixels for one unit so that the map just fits. Pure. */
export function scaleOf({ width, height }: { readonly width: number; readonly height: number }): number {
  return SIDE_PX / Math.max(1, width, height);
}

/** Corners of a shape of this radius, x and y in turn; none when it is round. Pure. */
export function cornersAround({ corners, reach }: Shape, radius: number): number[] {
  return Array.from({ length: corners }, (_, corner) => {
    const rad = (corner / corners) * 2 * Math.PI - Math.PI / 2;
    return [Math.cos(rad) * radius * reach, Math.sin(rad) * radius * reach];
  }).flat();
}

export class Minimap {
  readonly root = element("canvas", "minimap");
  private readonly walls = document.createElement("canvas");
  private readonly outlines = new Map<Shape | PickupKind | "own", Path2D>();
  private drawn: ArenaMap | undefined;
  private ground = USUAL;

  constructor() {
    this.root.setAttribute("aria-hidden", "true");
  }

  show(view: MinimapView): void {
    const ground = view.look.highContrast ? CONTRAST : USUAL;
    if (this.drawn !== view.map || this.ground !== ground) {
      this.ground = ground;
      this.open(view.map);
    }
    const context = this.root.getContext("2d");
    if (context !== null) {
      context.resetTransform();
      context.clearRect(0, 0, this.root.width, this.root.height);
      context.drawImage(this.walls, 0, 0);
      context.strokeStyle = ground.rim;
      context.lineWidth = RIM_PX;
      context.lineJoin = "round";
      this.paintPickups(context, view);
      this.paintPlayers(context, view);
    }
  }

  /** Paints once what stays. */
  private open(map: ArenaMap): void {
    this.drawn = map;
    const { field, wall, edge } = this.ground;
    const scale = scaleOf(map);
    for (const canvas of [this.root, this.walls]) {
      canvas.width = Math.ceil(map.width * scale);
      canvas.height = Math.ceil(map.height * scale);
    }
    const context = this.walls.getContext("2d");
    if (context === null) {
      return;
    }
    context.fillStyle = field;
    context.fillRect(0, 0, this.walls.width, this.walls.height);
    context.fillStyle = wall;
    for (const { x, y, width, height } of map.walls) {
      context.fillRect(x * scale, y * scale, Math.max(2, width * scale), Math.max(2, height * scale));
    }
    context.strokeStyle = edge;
    context.lineWidth = 4;
    context.strokeRect(0, 0, this.walls.width, this.walls.height);
  }

  /** The sign of each where one lies now. */
  private paintPickups(context: CanvasRenderingContext2D, { map, pickups, look }: MinimapView): void {
    const scale = scaleOf(map);
    const colors = pickupColors(look.safeColors);
    for (const { pickup, state } of pickups) {
      if (state === "there") {
        const sign = this.outline(pickup.kind, () => closed(PICKUP_SIGNS[pickup.kind].map((units) => units * SIGN_SCALE)));
        paint(context, sign, cssOf(colors[pickup.kind]), pickup.x * scale, pickup.y * scale, 0);
      }
    }
  }

  /** Each with the shape and the colour that it has in the picture; the own one is an arrow the way it looks, found at once. */
  private paintPlayers(context: CanvasRenderingContext2D, { map, own, others, markOf }: MinimapView): void {
    const scale = scaleOf(map);
    for (const [entity, { x, y, alive }] of others) {
      if (alive) {
        const { shape, css } = markOf(entity) ?? UNKNOWN;
        paint(context, this.outline(shape, () => outlineOf(shape)), css, x * scale, y * scale, 0);
      }
    }
    if (own?.alive === true) {
      paint(context, this.outline("own", () => closed(ARROW)), OWN, own.x * scale, own.y * scale, own.aimRad);
    }
  }

  /** Made once for each. */
  private outline(of: Shape | PickupKind | "own", make: () => Path2D): Path2D {
    const known = this.outlines.get(of) ?? make();
    this.outlines.set(of, known);
    return known;
  }
}

const ARROW = [2.1, 0, -1.4, 1.5, -0.6, 0, -1.4, -1.5].map((share) => share * OWN_PX);

function outlineOf(shape: Shape): Path2D {
  const corners = cornersAround(shape, MARK_PX);
  if (corners.length > 0) {
    return closed(corners);
  }
  const round = new Path2D();
  round.arc(0, 0, MARK_PX, 0, 2 * Math.PI);
  return round;
}

/** A line from corner to corner and back; x and y in turn. */
function closed(corners: readonly number[]): Path2D {
  const path = new Path2D();
  for (let index = 0; index + 1 < corners.length; index += 2) {
    path.lineTo(corners[index] ?? 0, corners[index + 1] ?? 0);
  }
  path.closePath();
  return path;
}

/** With a rim, so that it is seen on a wall too. */
function paint(context: CanvasRenderingContext2D, path: Path2D, color: string, x: number, y: number, rad: number): void {
  const cos = Math.cos(rad);
  const sin = Math.sin(rad);
  context.setTransform(cos, sin, -sin, cos, x, y);
  context.stroke(path);
  context.fillStyle = color;
  context.fill(path);
}
