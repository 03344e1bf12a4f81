/**
 * What lies on the floor: each kind has a colour and a shape of its own, a cross, a shield, a bolt. While one is away its
 * place stays marked, and before it is back a ring closes around it.
 */

import { Container, Graphics } from "pixi.js";

import type { Point } from "../../tickroom/sim/prediction.ts";
import type { PickupKind } from "../protocol/pickup.ts";
import type { DrawnPickup } from "../sim/pickups.ts";
import { glow } from "./glow.ts";
import { BODY_FILL, PICKUP_COLORS } from "./palette.ts";

const RADIUS = 15;
const RING_RADIUS = 22;
const PULSE_MS = 1600;

/** Of one that is away, and of one that comes. */
const AWAY_ALPHA = 0.22;
const COMING_ALPHA = 0.45;

export class PickupSprites {
  readonly root = new Container();
  private shown: { readonly sprite: PickupSprite; readonly kind: PickupKind }[] = [];

  /** `sees`: whether a place is in the picture; `calm`: nothing pulses. */
  draw(pickups: Iterable<DrawnPickup>, sees: (place: Point) => boolean, calm: boolean, nowMs: number): void {
    let index = 0;
    for (const drawn of pickups) {
      const sprite = this.spriteAt(index, drawn.pickup.kind);
      sprite.root.visible = sees(drawn.pickup);
      if (sprite.root.visible) {
        sprite.place(drawn, calm, nowMs);
      }
      index += 1;
    }
    for (const { sprite } of this.shown.splice(index)) {
      sprite.root.destroy({ children: true });
    }
  }

  private spriteAt(index: number, kind: PickupKind): PickupSprite {
    const known = this.shown[index];
    if (known?.kind === kind) {
      return known.sprite;
    }
    known?.sprite.root.destroy({ children: true });
    const sprite = new PickupSprite(kind);
    this.root.addChild(sprite.root);
    this.shown[index] = { sprite, kind };
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

  constructor(kind: PickupKind) {
    this.color = PICKUP_COLORS[kind];
    this.light = glow(this.color, 44, 0.4);
    this.icon = drawIcon(kind, this.color);
    this.root.addChild(this.light, this.icon, this.ring);
  }

  place({ pickup, state, share }: DrawnPickup, calm: boolean, nowMs: number): void {
    this.root.position.set(pickup.x, pickup.y);
    this.icon.alpha = state === "there" ? 1 : state === "coming" ? COMING_ALPHA : AWAY_ALPHA;
    this.light.visible = state === "there";
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

function drawIcon(kind: PickupKind, color: number): Graphics {
  const icon = new Graphics();
  switch (kind) {
    case "med":
      icon.roundRect(-RADIUS, -RADIUS, RADIUS * 2, RADIUS * 2, 5).fill(BODY_FILL).stroke({ color, width: 2.5 });
      icon.rect(-3, -9, 6, 18).rect(-9, -3, 18, 6).fill(color);
      break;
    case "shield":
      icon.poly([0, -17, 14, -11, 12, 5, 0, 17, -12, 5, -14, -11]).fill(BODY_FILL).stroke({ color, width: 2.5 });
      icon.poly([0, -9, 7, -6, 6, 2, 0, 9, -6, 2, -7, -6]).fill(color);
      break;
    case "overcharge":
      icon.poly([0, -19, 19, 0, 0, 19, -19, 0]).fill(BODY_FILL).stroke({ color, width: 2.5 });
      icon.poly([2, -11, -6, 2, -1, 2, -2, 11, 6, -2, 1, -2]).fill(color);
      break;
  }
  return icon;
}
