/** How much a hit took, rising from the one who was hit. */

import { Container, Text, TextStyle } from "pixi.js";

import { textUnits, USUAL_LOOK, type Look } from "./look.ts";
import { BODY_FILL } from "./palette.ts";
import { Pool } from "./pool.ts";

const LIFE_MS = 750;
const RISE_UNITS = 30;
const NUMBERS_MAX = 24;
const NUMBER_UNITS = 17;
const EDGE_UNITS = 3.5;

/** Hits on one player within this time are one number, their sum: side by side nobody could read them. */
const TOGETHER_MS = 260;

interface Latest {
  readonly number: Text;
  readonly sum: number;
  readonly sinceMs: number;
}

interface Start {
  readonly x: number;
  readonly y: number;
}

export class DamageNumbers {
  readonly root = new Container();
  private readonly pool: Pool<Text, Start>;
  private readonly latest = new Map<number, Latest>();
  /** Of all of them: when it changes each is painted anew, and the picture it had is given back. */
  private readonly style = new TextStyle({
    fontFamily: ["Inter", "Segoe UI", "system-ui", "sans-serif"],
    fontWeight: "800",
    fill: 0xffffff,
  });

  /** `sharpness`: device pixels for one unit. */
  constructor(sharpness: number) {
    this.pool = new Pool<Text, Start>(this.root, NUMBERS_MAX, () => drawNumber(this.style, sharpness));
    this.setLook(USUAL_LOOK);
  }

  setLook(look: Look): void {
    this.style.fontSize = textUnits(NUMBER_UNITS, look);
    this.style.stroke = { color: BODY_FILL, width: textUnits(EDGE_UNITS, look), join: "round" };
  }

  add(victim: number, { x, y }: Start, damage: number, color: number, nowMs: number): void {
    const before = this.latest.get(victim);
    if (before !== undefined && nowMs - before.sinceMs < TOGETHER_MS) {
      this.latest.set(victim, { ...before, sum: before.sum + damage });
      before.number.text = String(before.sum + damage);
      return;
    }
    // Aside by chance, so that two in a row can both be read.
    const number = this.pool.take({ x: x + (Math.random() - 0.5) * 26, y }, nowMs);
    this.latest.set(victim, { number, sum: damage, sinceMs: nowMs });
    const text = String(damage);
    if (number.text !== text) {
      number.text = text;
    }
    number.tint = color;
  }

  update(nowMs: number): void {
    this.pool.update(nowMs, (number, start, ageMs) => {
      const age = Math.min(1, ageMs / LIFE_MS);
      number.position.set(start.x, start.y - RISE_UNITS * (1 - (1 - age) ** 2));
      number.scale.set(1 + 0.5 * Math.max(0, 1 - age * 6));
      number.alpha = 1 - age ** 3;
      return age < 1;
    });
  }

  clear(): void {
    this.latest.clear();
    this.pool.clear();
  }
}

function drawNumber(style: TextStyle, sharpness: number): Text {
  const text = new Text({ text: "", style, resolution: sharpness * 1.5 });
  text.anchor.set(0.5);
  return text;
}
