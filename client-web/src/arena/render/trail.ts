/** The light a moving player leaves behind. */

import { Container, type Sprite } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import { glow } from "./glow.ts";

const GHOSTS = 9;
const SPACING_MS = 26;

/** A player who jumps further than this within one ghost was somewhere else: no light connects the two. */
const JUMP_UNITS = 60;

export class Trail {
  readonly root = new Container();
  private readonly ghosts: Sprite[] = [];
  private places: Point[] = [];
  private placedMs = -Infinity;

  constructor(color: number) {
    for (let index = 0; index < GHOSTS; index += 1) {
      const share = 1 - index / GHOSTS;
      const ghost = glow(color, 8 + 18 * share, 0.26 * share);
      ghost.visible = false;
      this.ghosts.push(ghost);
      this.root.addChild(ghost);
    }
  }

  update(place: Point, nowMs: number): void {
    if (nowMs - this.placedMs < SPACING_MS) {
      return;
    }
    this.placedMs = nowMs;
    const newest = this.places[0];
    if (newest !== undefined && Math.hypot(place.x - newest.x, place.y - newest.y) > JUMP_UNITS) {
      this.places = [];
    }
    this.places.unshift({ x: place.x, y: place.y });
    this.places.length = Math.min(this.places.length, GHOSTS);
    this.ghosts.forEach((ghost, index) => {
      const past = this.places[index];
      // A player at rest would pile all lights on one spot.
      ghost.visible = past !== undefined && Math.hypot(past.x - place.x, past.y - place.y) > 6;
      ghost.position.set(past?.x ?? 0, past?.y ?? 0);
    });
  }

  destroy(): void {
    this.root.destroy({ children: true });
  }
}
