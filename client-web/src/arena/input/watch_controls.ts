/** Keys and pointer of somebody who watches: the camera by hand, and whom it follows. */

import { VIEW_WIDTH } from "../render/camera.ts";
import type { CameraWish } from "../watch/watch.ts";
import { focusOf, type Focus } from "./focus.ts";

/** What a key asks for besides moving the camera. */
export type WatchAction = "next" | "previous" | "free" | "leave";

const ACTION_KEYS: Readonly<Record<string, WatchAction>> = {
  KeyE: "next",
  PageDown: "next",
  KeyQ: "previous",
  PageUp: "previous",
  KeyF: "free",
  Escape: "leave",
};

const MOVE_KEYS: Readonly<Record<string, readonly [number, number]>> = {
  KeyW: [0, -1],
  ArrowUp: [0, -1],
  KeyS: [0, 1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  ArrowLeft: [-1, 0],
  KeyD: [1, 0],
  ArrowRight: [1, 0],
};

/** Whether a key keeps its own meaning where the focus is. The way out is open from everywhere. */
export function keepsKey(code: string, focus: Focus): boolean {
  switch (focus) {
    case "page":
      return false;
    case "button":
    case "control":
      return code === "Tab";
    case "field":
      return code === "Tab" || code.startsWith("Arrow") || code.startsWith("Page");
    case "text":
      return code !== "Escape";
  }
}

export class WatchControls {
  private readonly held = new Set<string>();
  private dragged = { x: 0, y: 0 };

  /** Listens until the page is closed; `active` says whether somebody watches and no dialog is open. */
  constructor(
    window: Window,
    private readonly frame: HTMLElement,
    private readonly active: () => boolean,
    private readonly act: (action: WatchAction) => void,
    /** The arrows are for something else. */
    private readonly lacksArrows: () => boolean,
  ) {
    window.addEventListener("keydown", (event) => this.press(event));
    window.addEventListener("keyup", (event) => this.held.delete(event.code));
    window.addEventListener("blur", () => this.held.clear());
    frame.addEventListener("pointermove", (event) => this.drag(event));
  }

  /** What was wished since the last call. */
  take(): CameraWish {
    const move = { x: 0, y: 0 };
    for (const code of this.held) {
      const [x, y] = MOVE_KEYS[code] ?? [0, 0];
      move.x += x;
      move.y += y;
    }
    const drag = this.dragged;
    this.dragged = { x: 0, y: 0 };
    return {
      move: { x: Math.sign(move.x), y: Math.sign(move.y) },
      drag,
      wantsScores: this.held.has("Tab"),
    };
  }

  private press(event: KeyboardEvent): void {
    if (!this.active() || event.ctrlKey || event.metaKey || event.altKey || keepsKey(event.code, focusOf(event.target))) {
      return;
    }
    const action = ACTION_KEYS[event.code];
    if (action !== undefined) {
      if (!event.repeat) {
        this.act(action);
      }
    } else if (event.code.startsWith("Arrow") && this.lacksArrows()) {
      return;
    } else if (MOVE_KEYS[event.code] !== undefined || event.code === "Tab") {
      // Arrows would scroll the page, and Tab leave it.
      event.preventDefault();
      this.held.add(event.code);
    }
  }

  /** The picture goes with the pointer, so the camera goes against it. */
  private drag(event: PointerEvent): void {
    const width = this.frame.clientWidth;
    if (event.buttons !== 1 || width === 0 || !this.active() || isOfInterface(event.target)) {
      return;
    }
    const units = VIEW_WIDTH / width;
    this.dragged.x -= event.movementX * units;
    this.dragged.y -= event.movementY * units;
  }
}

/** What lies over the picture is dragged for itself, such as the slider of a recording. */
function isOfInterface(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".replay-bar, .watch-bar, aside, button, input, select") !== null;
}
