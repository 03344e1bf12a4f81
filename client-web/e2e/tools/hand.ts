/** A hand at keyboard and mouse that fights well enough for a picture: it aims at who is nearest, fires, and walks about. */

import type { ProbeState } from "../../src/arena/debug/probe.ts";
import { cameraOn, VIEW_HEIGHT, VIEW_WIDTH } from "../../src/arena/render/camera.ts";
import type { GamePage } from "../browser.ts";

const MAP = { width: 2048, height: 1536 };

/** Ways to walk, one after the other. */
const WALKS = [["KeyD"], ["KeyD", "KeyS"], ["KeyS"], ["KeyA"], ["KeyA", "KeyW"], ["KeyW"]] as const;
const WALK_MS = 700;

/** Who is farther away is not in the picture. */
const NEAR_UNITS = 420;

export class Hand {
  private held: readonly string[] = [];
  private turn = 0;
  private turnedMs = -Infinity;
  private railMs = 0;
  private fires = false;

  constructor(
    private readonly page: GamePage,
    private readonly viewport: { readonly width: number; readonly height: number },
  ) {}

  /** One look and what follows from it; gives what was seen. */
  async act(): Promise<ProbeState> {
    const state = await this.page.state();
    const { own } = state;
    if (own === undefined || state.alive !== true) {
      return state;
    }
    const target = near(state)[0];
    await this.fire(target !== undefined);
    if (target !== undefined) {
      const middle = cameraOn(own, MAP);
      const x = ((target.x - middle.x) / VIEW_WIDTH + 0.5) * this.viewport.width;
      const y = ((target.y - middle.y) / VIEW_HEIGHT + 0.5) * this.viewport.height;
      await this.page.page.mouse.move(x, y);
      if (performance.now() - this.railMs > 2500) {
        this.railMs = performance.now();
        await this.page.page.keyboard.press("KeyE");
      }
    }
    if (performance.now() - this.turnedMs > WALK_MS) {
      this.turnedMs = performance.now();
      this.turn += 1;
      await this.hold(WALKS[this.turn % WALKS.length] ?? []);
    }
    return state;
  }

  async letGo(): Promise<void> {
    await this.fire(false);
    await this.hold([]);
  }

  private async fire(fires: boolean): Promise<void> {
    if (fires !== this.fires) {
      this.fires = fires;
      await (fires ? this.page.page.mouse.down() : this.page.page.mouse.up());
    }
  }

  private async hold(keys: readonly string[]): Promise<void> {
    const { keyboard } = this.page.page;
    await Promise.all(this.held.filter((key) => !keys.includes(key)).map((key) => keyboard.up(key)));
    await Promise.all(keys.filter((key) => !this.held.includes(key)).map((key) => keyboard.down(key)));
    this.held = keys;
  }
}

/** Those in the picture who live, the nearest first. */
export function near({ own, seen }: ProbeState): { readonly x: number; readonly y: number }[] {
  const distance = (place: { x: number; y: number }): number => Math.hypot(place.x - (own?.x ?? 0), place.y - (own?.y ?? 0));
  return seen.filter((other) => other.alive && distance(other) < NEAR_UNITS).sort((a, b) => distance(a) - distance(b));
}
