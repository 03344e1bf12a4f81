/** What one player looks like: people are round, bots have six corners, the own player shines. */

import { Container, Graphics, Text } from "pixi.js";

import type { Pose } from "../game.ts";
import { RADIUS } from "../sim/movement.ts";
import { glow } from "./glow.ts";
import { BODY_FILL, colorOf, OWN } from "./palette.ts";

/** Slower than this, units a second, a player keeps looking where it went last. */
const FACING_SPEED_MIN = 12;

/** Share of a turn that is left after one second, as a power: quick, but not at once. */
const TURN_LEFT_PER_S = 1e-6;

const NAME_SIZE = 12;

/** Who is drawn. */
export interface PlayerLook {
  readonly entity: number;
  readonly name: string;
  readonly bot: boolean;
  readonly own: boolean;
}

export class PlayerSprite {
  readonly root = new Container();
  readonly label: Text;
  readonly color: number;
  private readonly turning: Container;
  private facing = 0;

  /** `sharpness`: device pixels for one unit, for the name. */
  constructor(
    readonly look: PlayerLook,
    sharpness: number,
  ) {
    this.color = look.own ? OWN : colorOf(look.entity);
    this.turning = drawBody(look, this.color);
    this.root.addChild(glow(this.color, look.own ? 58 : 44, look.own ? 0.55 : 0.32), this.turning);
    this.label = drawName(look, sharpness);
  }

  /** Moves the sprite; `elapsedMs` since it was moved last. */
  place(pose: Pose, elapsedMs: number): void {
    this.root.position.set(pose.x, pose.y);
    this.label.position.set(pose.x, pose.y - RADIUS - 9);
    if (Math.hypot(pose.vx, pose.vy) > FACING_SPEED_MIN) {
      const wanted = Math.atan2(pose.vy, pose.vx);
      const turn = Math.atan2(Math.sin(wanted - this.facing), Math.cos(wanted - this.facing));
      this.facing += turn * (1 - TURN_LEFT_PER_S ** (elapsedMs / 1000));
    }
    this.turning.rotation = this.facing;
  }

  destroy(): void {
    this.root.destroy({ children: true });
    this.label.destroy({ texture: true });
  }
}

function drawBody(look: PlayerLook, color: number): Container {
  const body = new Graphics();
  outline(body, look.bot, RADIUS - 1).fill(BODY_FILL).stroke({ color, width: 6, alpha: 0.22 });
  outline(body, look.bot, RADIUS - 1.25).fill({ color, alpha: look.own ? 0.3 : 0.16 }).stroke({ color, width: 2.5 });
  // The nose shows where the player goes.
  body.poly([13, 0, 1, 7, 4, 0, 1, -7]).fill(look.own ? 0xf2feff : color);
  body.circle(-4.5, 0, 2.5).fill({ color, alpha: 0.8 });
  if (look.own) {
    body.circle(0, 0, RADIUS + 6).stroke({ color, width: 1.25, alpha: 0.5 });
  }
  return body;
}

function outline(body: Graphics, bot: boolean, radius: number): Graphics {
  return bot ? body.regularPoly(0, 0, radius + 1, 6, Math.PI / 6) : body.circle(0, 0, radius);
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
