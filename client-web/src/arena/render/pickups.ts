/**
 * What lies on the floor: each kind has a colour, an outline and a sign of its own. While one is away its place stays marked, and
 * before it is back a ring closes around it.
 */

import { Container, Graphics } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { PickupKind } from "../protocol/pickup.ts";
import type { DrawnPickup } from "../sim/pickups.ts";
import { glow } from "./glow.ts";
import type { Look } from "./look.ts";
import { BODY_FILL, CONTRAST_EDGE, CONTRAST_FLOOR, pickupColors } from "./palette.ts";
import { PICKUP_SIGNS } from "./pickup_signs.ts";

const RADIUS = 15;
const RING_RADIUS = 22;
const PULSE_MS = 1600;

/** How much of one is seen by its state. */
const ALPHAS = { there: 1, coming: 0.45, away: 0.22 } as const;
const CONTRAST_ALPHAS = { there: 1, coming: 0.65, away: 0.4 } as const;

export class PickupSprites {
  readonly root = new Container();
  private readonly shown: PickupSprite[] = [];

  /** `sees`: whether a place is in the picture. */
  draw(pickups: Iterable<DrawnPickup>, sees: (place: Point) => boolean, look: Look, nowMs: number): void {
    let index = 0;
    for (const drawn of pickups) {
      const sprite = this.spriteAt(index, drawn.pickup.kind, look);
      sprite.root.visible = sees(drawn.pickup);
      if (sprite.root.visible) {
        sprite.place(drawn, nowMs);
      }
      index += 1;
    }
    if (index < this.shown.length) {
      this.shown.splice(index).forEach((sprite) => sprite.root.destroy({ children: true }));
    }
  }

  private spriteAt(index: number, kind: PickupKind, look: Look): PickupSprite {
    const known = this.shown[index];
    if (known?.kind === kind && known.look === look) {
      return known;
    }
    known?.root.destroy({ children: true });
    const sprite = new PickupSprite(kind, look);
    this.root.addChild(sprite.root);
    this.shown[index] = sprite;
    return sprite;
  }
}

class PickupSprite {
  readonly root = new Container();
  private readonly icon: Graphics;
  private readonly ring = new Graphics();
  private readonly light: Container;
  private readonly color: number;
  private ringShare = -1;

  constructor(
    readonly kind: PickupKind,
    readonly look: Look,
  ) {
    this.color = pickupColors(look.safeColors)[kind];
    this.light = glow(this.color, 44, 0.4);
    this.icon = look.highContrast
      ? drawIcon(kind, this.color, CONTRAST_FLOOR, CONTRAST_EDGE)
      : drawIcon(kind, this.color, BODY_FILL, this.color);
    this.root.addChild(this.light, this.icon, this.ring);
  }

  place({ pickup, state, share }: DrawnPickup, nowMs: number): void {
    const { calm, highContrast } = this.look;
    this.root.position.set(pickup.x, pickup.y);
    this.icon.alpha = (highContrast ? CONTRAST_ALPHAS : ALPHAS)[state];
    this.light.visible = state === "there" && !highContrast;
    const wave = calm ? 0 : Math.sin((nowMs / PULSE_MS) * 2 * Math.PI);
    this.icon.scale.set(state === "there" ? 1 + 0.05 * wave : 0.85);
    this.light.alpha = 0.34 + 0.08 * wave;
    this.closeRing(state === "coming" ? share : 0);
  }

  /** Drawn anew in steps that are seen, not in each frame. */
  private closeRing(share: number): void {
    const steps = Math.round(share * 60) / 60;
    if (steps === this.ringShare) {
      return;
    }
    this.ringShare = steps;
    this.ring.clear();
    if (steps > 0) {
      const top = -Math.PI / 2;
      this.ring.circle(0, 0, RING_RADIUS).stroke({ color: this.color, width: 2, alpha: 0.25 });
      // Starts at its own beginning: an arc would be joined to the circle by a line.
      this.ring
        .moveTo(0, -RING_RADIUS)
        .arc(0, 0, RING_RADIUS, top, top + steps * 2 * Math.PI)
        .stroke({ color: this.color, width: 3, alpha: 0.95 });
    }
  }
}

function drawIcon(kind: PickupKind, color: number, fill: number, edge: number): Graphics {
  const icon = new Graphics();
  switch (kind) {
    case "med":
      icon.roundRect(-RADIUS, -RADIUS, RADIUS * 2, RADIUS * 2, 5);
      break;
    case "shield":
      icon.poly([0, -17, 14, -11, 12, 5, 0, 17, -12, 5, -14, -11]);
      break;
    case "overcharge":
      icon.poly([0, -19, 19, 0, 0, 19, -19, 0]);
      break;
  }
  icon.fill(fill).stroke({ color: edge, width: 2.5 });
  return icon.poly([...PICKUP_SIGNS[kind]]).fill(color);
}
