/** Keys and pointer of somebody who watches: the camera by hand, and whom it follows. */

import { VIEW_WIDTH } from "../render/camera.ts";
import type { CameraWish } from "../watch/watch.ts";
import { actionsByKey, DEFAULT_BINDINGS, isPageAction, type Action, type Bindings } from "./actions.ts";
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

/** Which way the camera goes with the keys that move a player. */
const WAYS = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] } as const;

/** What a key that was set by somebody who plays means to somebody who watches: a way, or to see the standings. */
type Held = keyof typeof WAYS | "scores";

/** What keys mean to somebody who watches; those that are set go before those that are not to be set. Pure. */
export function watchKeys(bindings: Bindings): { readonly held: ReadonlyMap<string, Held>; readonly acts: ReadonlyMap<string, WatchAction> } {
  const byKey = actionsByKey(bindings);
  const held = new Map([...byKey].flatMap(([code, action]) => (isHeld(action) ? [[code, action] as const] : [])));
  const acts = Object.entries(ACTION_KEYS).filter(([code]) => {
    const set = byKey.get(code);
    return set === undefined || !(isHeld(set) || isPageAction(set));
  });
  return { held, acts: new Map(acts) };
}

function isHeld(action: Action): action is Held {
  return action in WAYS || action === "scores";
}

/** Whether a key keeps its own meaning where the focus is. The way out is open from everywhere. */
export function keepsKey(code: string, focus: Focus): boolean {
  switch (focus) {
    case "page":
      return false;
    case "panel":
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
  private keys = watchKeys(DEFAULT_BINDINGS);
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

  /** From now on these keys count. */
  bind(bindings: Bindings): void {
    this.keys = watchKeys(bindings);
    this.held.clear();
  }

  /** What was wished since the last call. */
  take(): CameraWish {
    const move = { x: 0, y: 0 };
    let wantsScores = false;
    for (const code of this.held) {
      const wish = this.keys.held.get(code);
      if (wish === "scores") {
        wantsScores = true;
      } else if (wish !== undefined) {
        const [x, y] = WAYS[wish];
        move.x += x;
        move.y += y;
      }
    }
    const drag = this.dragged;
    this.dragged = { x: 0, y: 0 };
    return {
      move: { x: Math.sign(move.x), y: Math.sign(move.y) },
      drag,
      wantsScores,
    };
  }

  private press(event: KeyboardEvent): void {
    if (!this.active() || event.ctrlKey || event.metaKey || event.altKey || keepsKey(event.code, focusOf(event.target))) {
      return;
    }
    const action = this.keys.acts.get(event.code);
    if (action !== undefined) {
      if (!event.repeat) {
        this.act(action);
      }
    } else if (event.code.startsWith("Arrow") && this.lacksArrows()) {
      return;
    } else if (this.keys.held.has(event.code)) {
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
