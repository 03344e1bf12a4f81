/** What one player looks like: a dark body in the outline of its shape; with high contrast a full one with a white edge. */

import { Container, Graphics, Sprite, Text, Texture } from "pixi.js";

import type { Pose } from "../game.ts";
import { HEALTH_MAX } from "../protocol/state.ts";
import { RADIUS } from "../sim/movement.ts";
import { Boons } from "./boons.ts";
import { FlashLimit } from "./flash_limit.ts";
import { glow, ring } from "./glow.ts";
import { textUnits, type Look } from "./look.ts";
import { BODY_FILL, colorOf, CONTRAST_EDGE, CONTRAST_FLOOR, cssOf, HEALTH_GOOD, HEALTH_LOW, SHIELD } from "./palette.ts";
import { shapeOf, type Shape, type Shaped } from "./shape.ts";

const NAME_UNITS = 12;
const FLASH_MS = 120;

/** Nothing meets who dashes, as if it were hardly there. */
const DASHING_ALPHA = 0.5;

const BAR_WIDTH = 34;
const BAR_HEIGHT = 3.5;

/** Below this share the bar turns red. */
const LOW_SHARE = 0.35;

const SHIELD_PULSE_MS = 900;

/** On the body, the way it looks. */
const ARROW = [12, 0, 1, 6.5, 4, 0, 1, -6.5];

/** Who is drawn. */
export interface Who extends Shaped {
  readonly name: string;
}

/** What stands for a player on the minimap. */
export interface Mark {
  readonly shape: Shape;
  /** As `#rrggbb`. */
  readonly css: string;
}

export class PlayerSprite {
  readonly root = new Container();
  /** Name and health, above all bodies. */
  readonly label = new Container();
  readonly color: number;
  readonly mark: Mark;
  private readonly light: Sprite;
  private readonly turning: Container;
  private readonly white: Graphics;
  private readonly bubble = new Container();
  private readonly boons: Boons;
  private readonly health = new Sprite(Texture.WHITE);
  private readonly name: Text;
  private readonly flashes = new FlashLimit();
  private flashMs = -Infinity;

  /** `sharpness`: device pixels for one unit, for the name. */
  constructor(
    readonly who: Who,
    readonly look: Look,
    sharpness: number,
  ) {
    this.color = colorOf(who.entity, who.own, look.safeColors, who.team);
    const shape = shapeOf(who, look.safeColors);
    this.mark = { shape, css: cssOf(this.color) };
    this.turning = new Container();
    this.turning.addChild(look.highContrast ? drawFullBody(who, shape, this.color) : drawBody(who, shape, this.color));
    this.white = outline(new Graphics(), shape, RADIUS).fill(0xffffff);
    this.turning.addChild(this.white);
    this.bubble.addChild(glow(SHIELD, 40, 0.35), ring(SHIELD, RADIUS + 10));
    this.boons = new Boons(look.safeColors);
    this.light = glow(this.color, who.own ? 58 : 44, who.own ? 0.55 : 0.32);
    this.root.addChild(this.light, this.turning, this.boons.root, this.bubble);
    this.name = drawName(who, look, sharpness);
    this.label.addChild(this.name);
    // The own health stands large in the HUD.
    if (who.own) {
      this.name.y = -RADIUS - 10;
    } else {
      this.name.y = -RADIUS - 15;
      this.label.addChild(drawBarBack(look.highContrast), this.health);
      this.health.position.set(-BAR_WIDTH / 2, -RADIUS - 13);
      this.health.height = BAR_HEIGHT;
    }
  }

  /** Shows for a moment that it was hit. */
  flash(nowMs: number): void {
    if (this.flashes.admits(nowMs)) {
      this.flashMs = nowMs;
    }
  }

  /** Height of the name as it is drawn, units. */
  get nameUnits(): number {
    return this.name.height;
  }

  hide(): void {
    this.root.visible = false;
    this.label.visible = false;
  }

  /** `shown`: it is alive and in the picture; `lit`: with a soft light around it. */
  place(pose: Pose, shown: boolean, lit: boolean, nowMs: number): void {
    if (!shown) {
      this.hide();
      return;
    }
    this.root.visible = true;
    this.label.visible = true;
    this.root.position.set(pose.x, pose.y);
    this.label.position.set(pose.x, pose.y);
    this.light.visible = lit;
    this.turning.rotation = pose.aimRad;
    this.root.alpha = pose.dashing ? DASHING_ALPHA : 1;
    // Dark and not hidden: the drawing library would gather anew what there is to draw, with each hit.
    this.white.alpha = 0.9 * Math.max(0, 1 - (nowMs - this.flashMs) / FLASH_MS);
    this.boons.show(pose.armor, pose.overcharged, nowMs);
    this.bubble.visible = pose.shielded;
    this.bubble.alpha = 0.75 + 0.25 * Math.sin((nowMs / SHIELD_PULSE_MS) * 2 * Math.PI);
    const share = pose.health / HEALTH_MAX;
    this.health.width = Math.max(0.01, BAR_WIDTH * share);
    this.health.tint = share < LOW_SHARE ? HEALTH_LOW : HEALTH_GOOD;
  }

  destroy(): void {
    this.name.destroy({ texture: true });
    this.root.destroy({ children: true });
    this.label.destroy({ children: true });
  }
}

function drawBody({ own }: Who, shape: Shape, color: number): Graphics {
  const body = new Graphics();
  // The barrel, below the body.
  body.roundRect(8, -4, 15, 8, 2).fill(BODY_FILL).stroke({ color, width: 2 });
  outline(body, shape, RADIUS - 1).fill(BODY_FILL).stroke({ color, width: 6, alpha: 0.22 });
  outline(body, shape, RADIUS - 1.25).fill({ color, alpha: own ? 0.3 : 0.16 }).stroke({ color, width: 2.5 });
  body.poly(ARROW).fill(own ? 0xf2feff : color);
  body.circle(-4.5, 0, 2.5).fill({ color, alpha: 0.8 });
  if (own) {
    body.circle(0, 0, RADIUS + 6).stroke({ color, width: 1.25, alpha: 0.5 });
  }
  return body;
}

/** Nothing of it is seen through, and between its colour and whatever it stands on is a white edge. */
function drawFullBody({ own }: Who, shape: Shape, color: number): Graphics {
  const body = new Graphics();
  const edge = { color: CONTRAST_EDGE, width: 2.5 };
  body.roundRect(8, -4.5, 16, 9, 2).fill(color).stroke(edge);
  outline(body, shape, RADIUS - 1.25).fill(color).stroke(edge);
  body.poly(ARROW).fill(CONTRAST_FLOOR);
  if (own) {
    body.circle(0, 0, RADIUS + 6).stroke(edge);
  }
  return body;
}

function drawBarBack(highContrast: boolean): Graphics {
  const back = new Graphics().roundRect(-BAR_WIDTH / 2 - 1, -RADIUS - 14, BAR_WIDTH + 2, BAR_HEIGHT + 2, 1.5);
  return highContrast
    ? back.fill(CONTRAST_FLOOR).stroke({ color: CONTRAST_EDGE, width: 1 })
    : back.fill({ color: BODY_FILL, alpha: 0.85 });
}

function outline(body: Graphics, { corners, reach, turnRad }: Shape, radius: number): Graphics {
  return corners === 0 ? body.circle(0, 0, radius) : body.regularPoly(0, 0, radius * reach, corners, turnRad);
}

function drawName({ name, own, bot }: Who, look: Look, sharpness: number): Text {
  const { highContrast } = look;
  const text = new Text({
    text: name,
    style: {
      fontFamily: ["Inter", "Segoe UI", "system-ui", "sans-serif"],
      fontSize: textUnits(NAME_UNITS, look),
      fontWeight: own || highContrast ? "700" : "600",
      fill: highContrast ? CONTRAST_EDGE : own ? 0xeafcff : 0xc9d3f5,
      stroke: { color: highContrast ? CONTRAST_FLOOR : BODY_FILL, width: textUnits(highContrast ? 4 : 2.5, look), join: "round" },
    },
    resolution: sharpness,
  });
  text.anchor.set(0.5, 1);
  text.alpha = bot && !highContrast ? 0.75 : 1;
  return text;
}
