/** The light a moving player leaves behind. */

import { Container, type Sprite } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import { glow } from "./glow.ts";

const GHOSTS = 9;
const SPACING_MS = 26;

/** A player who goes further than this from one ghost to the next has jumped: no light connects the two. */
const JUMP_UNITS = 60;

export class Trail {
  readonly root = new Container();
  private readonly ghosts: { readonly sprite: Sprite; readonly alpha: number }[] = [];
  private places: Point[] = [];
  private placedMs = -Infinity;

  constructor(color: number) {
    for (let index = 0; index < GHOSTS; index += 1) {
      const share = 1 - index / GHOSTS;
      const sprite = glow(color, 8 + 18 * share, 0);
      this.ghosts.push({ sprite, alpha: 0.26 * share });
      this.root.addChild(sprite);
    }
  }

  /** `shown`: it is in the picture. Also out of it the way is followed, so that the light is there when it comes. */
  update(place: Point, shown: boolean, nowMs: number): void {
    this.root.visible = shown;
    const due = Math.min(GHOSTS, Math.floor((nowMs - this.placedMs) / SPACING_MS));
    if (due < 1) {
      return;
    }
    this.placedMs = nowMs;
    this.lengthen(place, due);
    if (shown) {
      this.light(place);
    }
  }

  private light(place: Point): void {
    this.ghosts.forEach(({ sprite, alpha }, index) => {
      const past = this.places[index];
      // A player at rest would pile all lights on one spot.
      const isLit = past !== undefined && Math.hypot(past.x - place.x, past.y - place.y) > 6;
      // Dark and not hidden: the drawing library would gather anew what there is to draw.
      sprite.alpha = isLit ? alpha : 0;
      if (isLit) {
        sprite.position.set(past.x, past.y);
      }
    });
  }

  hide(): void {
    this.root.visible = false;
  }

  /** Adds `count` places on the line from the newest one to `place`, so that a slow machine gets no gaps. */
  private lengthen(place: Point, count: number): void {
    const from = this.places[0] ?? place;
    const jumped = Math.hypot(place.x - from.x, place.y - from.y) > JUMP_UNITS * count;
    if (jumped) {
      this.places = [];
    }
    for (let index = 1; index <= count; index += 1) {
      const share = jumped ? 1 : index / count;
      this.places.unshift({ x: from.x + (place.x - from.x) * share, y: from.y + (place.y - from.y) * share });
    }
    this.places.length = Math.min(this.places.length, GHOSTS);
  }

  destroy(): void {
    this.root.destroy({ children: true });
  }
}
