/**
 * Keys become a wish to move and actions, as the settings have it. Keys do not count while somebody types, and all are let
 * go when the page loses the focus.
 */

import { actionsByKey, DEFAULT_BINDINGS, isPageAction, type Action, type Bindings, type PageAction } from "./actions.ts";
import type { DeviceWish } from "./device.ts";
import { focusOf, type Focus } from "./focus.ts";

/** What the page does with keys. */
export interface KeyboardPage {
  /** Somebody plays, and no dialog is open. Only then are keys of the match ours: a menu needs Space and Tab. */
  plays(): boolean;
  /** A key of the page itself was pressed. */
  act(action: PageAction): void;
}

export class Keyboard {
  private actions = actionsByKey(DEFAULT_BINDINGS);
  private readonly held = new Set<string>();
  private readonly pressed = new Set<Action>();

  /** Listens until the page is closed. */
  constructor(
    window: Window,
    private readonly page: KeyboardPage,
  ) {
    window.addEventListener("keydown", (event) => this.press(event));
    window.addEventListener("keyup", (event) => this.held.delete(event.code));
    window.addEventListener("blur", () => this.letGo());
    window.document.addEventListener("visibilitychange", () => this.letGo());
  }

  /** Other keys from now on. */
  bind(bindings: Bindings): void {
    this.actions = actionsByKey(bindings);
    this.letGo();
  }

  /** The wish of this moment. A press of the trigger that has ended already counts once. */
  take(): DeviceWish {
    const held = new Set([...this.held].map((code) => this.actions.get(code)));
    const wish = {
      move: { x: axis(held.has("left"), held.has("right")), y: axis(held.has("up"), held.has("down")) },
      aimRad: undefined,
      fire: held.has("fire") || this.pressed.has("fire"),
      rail: this.pressed.has("rail"),
      dash: this.pressed.has("dash"),
    };
    this.pressed.clear();
    return wish;
  }

  /** The player wants to see the scoreboard. */
  get wantsScores(): boolean {
    return [...this.held].some((code) => this.actions.get(code) === "scores");
  }

  /** As if no key were down. */
  letGo(): void {
    this.held.clear();
    this.pressed.clear();
  }

  private press(event: KeyboardEvent): void {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : this.actions.get(event.code);
    const focus = focusOf(event.target);
    if (action === undefined || focus === "text" || focus === "field") {
      return;
    }
    if (isPageAction(action)) {
      if (!event.repeat) {
        this.page.act(action);
      }
      return;
    }
    if (!this.page.plays() || isOfControl(event.code, focus)) {
      return;
    }
    // Arrows would scroll the page, Tab would leave it.
    event.preventDefault();
    this.held.add(event.code);
    if (!event.repeat) {
      this.pressed.add(action);
    }
  }
}

function axis(negative: boolean, positive: boolean): number {
  return Number(positive) - Number(negative);
}

/** Tab goes on within a panel that has the focus, Space and Enter press the button that has it. */
function isOfControl(code: string, focus: Focus): boolean {
  return focus === "panel" ? code === "Tab" : focus !== "page" && /^(Tab|Space|Enter|NumpadEnter)$/.test(code);
}
