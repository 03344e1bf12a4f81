/**
 * Keys become a wish to move: WASD and the arrows, by their place on the keyboard and not by their letter. Keys do
 * not count while somebody types, and all are let go when the page loses the focus.
 */

import type { Input } from "../protocol/input.ts";

const FULL = 127;

type Direction = "up" | "down" | "left" | "right";

const KEYS: Readonly<Record<string, Direction>> = {
  KeyW: "up",
  ArrowUp: "up",
  KeyS: "down",
  ArrowDown: "down",
  KeyA: "left",
  ArrowLeft: "left",
  KeyD: "right",
  ArrowRight: "right",
};

export class Keyboard {
  private readonly held = new Set<string>();

  /** Listens until the page is closed. */
  constructor(page: Window) {
    page.addEventListener("keydown", (event) => this.press(event));
    page.addEventListener("keyup", (event) => this.held.delete(event.code));
    page.addEventListener("blur", () => this.held.clear());
    page.document.addEventListener("visibilitychange", () => this.held.clear());
  }

  /** The wish of this moment. */
  intent(): Input {
    const directions = new Set([...this.held].map((code) => KEYS[code]));
    return {
      moveX: axis(directions.has("left"), directions.has("right")),
      moveY: axis(directions.has("up"), directions.has("down")),
    };
  }

  private press(event: KeyboardEvent): void {
    const isOurs = KEYS[event.code] !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isOurs || isTyping(event.target)) {
      return;
    }
    // Arrows would scroll the page.
    event.preventDefault();
    this.held.add(event.code);
  }
}

function axis(negative: boolean, positive: boolean): number {
  if (negative === positive) {
    return 0;
  }
  return positive ? FULL : -FULL;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
