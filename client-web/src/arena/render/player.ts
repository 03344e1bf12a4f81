/**
 * What one player looks like: people are round, bots have six corners, the own player shines; with safe
 * colours each of the others has the corners of its colour instead. In teams, blue is round and orange a diamond.
 */

import { Container, Graphics, Sprite, Text, Texture } from "pixi.js";

import type { Pose } from "../game.ts";
import { HEALTH_MAX } from "../protocol/state.ts";
import type { Team } from "../protocol/team.ts";
import { RADIUS } from "../sim/movement.ts";
import { Boons } from "./boons.ts";
import { FlashLimit } from "./flash_limit.ts";
import { glow, ring } from "./glow.ts";
import { BODY_FILL, colorOf, cornersOf, HEALTH_GOOD, HEALTH_LOW, SHIELD } from "./palette.ts";

const NAME_SIZE = 12;
const FLASH_MS = 120;

/** Nothing meets who dashes, as if it were hardly there. */
const DASHING_ALPHA = 0.5;

const BAR_WIDTH = 34;
const BAR_HEIGHT = 3.5;

/** Below this share the bar turns red. */
const LOW_SHARE = 0.35;

const SHIELD_PULSE_MS = 900;

/** Who is drawn. */
export interface PlayerLook {
  readonly entity: number;
  readonly name: string;
  readonly bot: boolean;
  readonly own: boolean;
  readonly safeColors: boolean;
  readonly team: Team | undefined;
}

export class PlayerSprite {
  readonly root = new Container();
  /** Name and health, above all bodies. */
  readonly label = new Container();
  readonly color: number;
  private readonly light: Sprite;
  private readonly turning: Container;
  private readonly white: Graphics;
  private readonly bubble = new Container();
  private readonly boons = new Boons();
  private readonly health = new Sprite(Texture.WHITE);
  private readonly name: Text;
  private readonly flashes = new FlashLimit();
  private flashMs = -Infinity;

  /** `sharpness`: device pixels for one unit, for the name. */
  constructor(
    readonly look: PlayerLook,
    sharpness: number,
  ) {
    this.color = colorOf(look.entity, look.own, look.safeColors, look.team);
    this.turning = drawBody(look, this.color);
    this.white = outline(new Graphics(), look, RADIUS).fill(0xffffff);
    this.turning.addChild(this.white);
    this.bubble.addChild(glow(SHIELD, 40, 0.35), ring(SHIELD, RADIUS + 10));
    this.light = glow(this.color, look.own ? 58 : 44, look.own ? 0.55 : 0.32);
    this.root.addChild(this.light, this.turning, this.boons.root, this.bubble);
    this.name = drawName(look, sharpness);
    this.label.addChild(this.name);
    // The own health stands large in the HUD.
    if (look.own) {
      this.name.y = -RADIUS - 10;
    } else {
      this.name.y = -RADIUS - 15;
      this.label.addChild(drawBarBack(), this.health);
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

function drawBody(look: PlayerLook, color: number): Container {
  const turning = new Container();
  const body = new Graphics();
  // The barrel, below the body.
  body.roundRect(8, -4, 15, 8, 2).fill(BODY_FILL).stroke({ color, width: 2 });
  outline(body, look, RADIUS - 1).fill(BODY_FILL).stroke({ color, width: 6, alpha: 0.22 });
  outline(body, look, RADIUS - 1.25).fill({ color, alpha: look.own ? 0.3 : 0.16 }).stroke({ color, width: 2.5 });
  body.poly([12, 0, 1, 6.5, 4, 0, 1, -6.5]).fill(look.own ? 0xf2feff : color);
  body.circle(-4.5, 0, 2.5).fill({ color, alpha: 0.8 });
  if (look.own) {
    body.circle(0, 0, RADIUS + 6).stroke({ color, width: 1.25, alpha: 0.5 });
  }
  turning.addChild(body);
  return turning;
}

function drawBarBack(): Graphics {
  return new Graphics()
    .roundRect(-BAR_WIDTH / 2 - 1, -RADIUS - 14, BAR_WIDTH + 2, BAR_HEIGHT + 2, 1.5)
    .fill({ color: BODY_FILL, alpha: 0.85 });
}

function outline(body: Graphics, look: PlayerLook, radius: number): Graphics {
  if (look.team !== undefined) {
    // A disc and a diamond: teams are told apart by shape alone.
    return look.team === "blue" ? body.circle(0, 0, radius) : body.regularPoly(0, 0, radius * 1.2, 4);
  }
  if (look.safeColors && !look.own) {
    const corners = cornersOf(look.entity);
    // As large as the circle it stands for.
    const reach = radius * Math.sqrt((2 * Math.PI) / (corners * Math.sin((2 * Math.PI) / corners)));
    return body.regularPoly(0, 0, reach, corners, Math.PI / 2);
  }
  return look.bot ? body.regularPoly(0, 0, radius + 1, 6, Math.PI / 6) : body.circle(0, 0, radius);
}

function drawName(look: PlayerLook, sharpness: number): Text {
  const text = new Text({
    text: look.name,
    style: {
      fontFamily: ["Inter", "Segoe UI", "system-ui", "sans-serif"],
      fontSize: NAME_SIZE,
      fontWeight: look.own ? "700" : "600",
      fill: look.own ? 0xeafcff : 0xc9d3f5,
      stroke: { color: BODY_FILL, width: 2.5, join: "round" },
    },
    resolution: sharpness,
  });
  text.anchor.set(0.5, 1);
  text.alpha = look.bot ? 0.75 : 1;
  return text;
}
