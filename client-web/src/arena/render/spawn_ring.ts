/** A ring of light that opens where a player appears. */

import { Container, Graphics } from "pixi.js";

import { glow } from "./glow.ts";

const LIFE_MS = 700;
const RADIUS_START = 10;
const RADIUS_END = 72;

/** Rings at once; when the server sends more, the oldest ends early. */
const RINGS_MAX = 32;

interface Ring {
  readonly root: Container;
  readonly line: Graphics;
  readonly startMs: number;
}

export class SpawnRings {
  readonly root = new Container();
  private readonly rings: Ring[] = [];

  add(x: number, y: number, color: number, nowMs: number): void {
    const line = new Graphics().circle(0, 0, RADIUS_END).stroke({ color, width: 4 });
    const root = new Container();
    root.position.set(x, y);
    root.addChild(glow(color, RADIUS_END * 1.3, 0.7), line);
    this.root.addChild(root);
    this.rings.push({ root, line, startMs: nowMs });
    if (this.rings.length > RINGS_MAX) {
      this.rings.shift()?.root.destroy({ children: true });
    }
  }

  update(nowMs: number): void {
    while (nowMs - (this.rings[0]?.startMs ?? nowMs) >= LIFE_MS) {
      this.rings.shift()?.root.destroy({ children: true });
    }
    for (const ring of this.rings) {
      const age = Math.min(1, (nowMs - ring.startMs) / LIFE_MS);
      const opened = 1 - (1 - age) ** 3;
      ring.line.scale.set((RADIUS_START + (RADIUS_END - RADIUS_START) * opened) / RADIUS_END);
      ring.root.alpha = (1 - age) ** 1.5;
    }
  }

  clear(): void {
    for (const ring of this.rings.splice(0)) {
      ring.root.destroy({ children: true });
    }
  }
}
