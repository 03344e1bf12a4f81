/** What a player has picked up and still has, around its body: an arc of armor, and sparks of an overcharge. */

import { Container, Graphics } from "pixi.js";

import { ARMOR_MAX } from "../protocol/pickup.ts";
import { RADIUS } from "../sim/movement.ts";
import { pickupColors } from "./palette.ts";

const ARMOR_RADIUS = RADIUS + 5;
const SPARK_RADIUS = RADIUS + 9;

/** One turn of the sparks. */
const TURN_MS = 1400;

export class Boons {
  readonly root = new Container();
  private readonly armor = new Graphics();
  private readonly sparks: Graphics;
  private shownArmor = 0;

  constructor(private readonly safeColors: boolean) {
    this.sparks = drawSparks(pickupColors(safeColors).overcharge);
    this.root.addChild(this.armor, this.sparks);
    this.sparks.visible = false;
  }

  show(armor: number, overcharged: boolean, nowMs: number): void {
    this.sparks.visible = overcharged;
    this.sparks.rotation = (nowMs / TURN_MS) * 2 * Math.PI;
    if (armor === this.shownArmor) {
      return;
    }
    this.shownArmor = armor;
    this.armor.clear();
    if (armor > 0) {
      // From below to both sides, closed when it is full.
      const half = (Math.min(armor, ARMOR_MAX) / ARMOR_MAX) * Math.PI;
      const [from, to] = [Math.PI / 2 - half, Math.PI / 2 + half];
      this.armor
        .moveTo(Math.cos(from) * ARMOR_RADIUS, Math.sin(from) * ARMOR_RADIUS)
        .arc(0, 0, ARMOR_RADIUS, from, to)
        .stroke({ color: pickupColors(this.safeColors).shield, width: 3, alpha: 0.9 });
    }
  }
}

function drawSparks(color: number): Graphics {
  const sparks = new Graphics();
  for (const rad of [0, (2 * Math.PI) / 3, (4 * Math.PI) / 3]) {
    const [x, y] = [Math.cos(rad) * SPARK_RADIUS, Math.sin(rad) * SPARK_RADIUS];
    sparks.poly([x, y - 4, x + 3, y, x, y + 4, x - 3, y]).fill({ color, alpha: 0.95 });
  }
  return sparks;
}
