/** The keys of all actions, each to be set anew: press the button, then the key. */

import {
  ACTIONS,
  ALL_ACTIONS,
  DEFAULT_BINDINGS,
  keyName,
  KEYS_PER_ACTION,
  rebind,
  type Action,
  type Bindings,
} from "../input/actions.ts";
import { element, setText } from "./element.ts";

interface KeyButton {
  readonly action: Action;
  readonly slot: number;
  readonly button: HTMLButtonElement;
}

export class KeyTable {
  readonly root = element("section", "keys");
  private readonly told = element("p", "keys-told");
  private readonly buttons: KeyButton[] = [];
  private bindings = DEFAULT_BINDINGS;
  private waiting: KeyButton | undefined;

  /** `change` is called with what the player has chosen. */
  constructor(private readonly change: (bindings: Bindings) => void) {
    this.told.setAttribute("aria-live", "polite");
    const reset = element("button", "quiet", "Usual keys");
    reset.type = "button";
    reset.addEventListener("click", () => {
      this.change(DEFAULT_BINDINGS);
      setText(this.told, "All keys are as usual.");
    });
    const rows = ALL_ACTIONS.map((action) => this.row(action));
    this.root.append(element("div", "keys-rows", ...rows), this.told, reset);
  }

  show(bindings: Bindings): void {
    this.bindings = bindings;
    for (const { action, slot, button } of this.buttons) {
      const code = bindings[action][slot];
      setText(button, code === undefined ? "–" : keyName(code));
      const place = slot === 0 ? "key" : "second key";
      button.setAttribute("aria-label", `${ACTIONS[action].name}, ${place}: ${code === undefined ? "none" : keyName(code)}`);
    }
  }

  /** True while the next key is one to be set: it must not do anything else. */
  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  /** Forgets that a key was to be set. */
  cancel(): void {
    if (this.waiting !== undefined) {
      delete this.waiting.button.dataset["waiting"];
      this.waiting = undefined;
      this.show(this.bindings);
    }
  }

  private row(action: Action): HTMLElement {
    const buttons = Array.from({ length: KEYS_PER_ACTION }, (_, slot) => this.keyButton(action, slot));
    return element("div", "keys-row", element("span", "keys-name", ACTIONS[action].name), ...buttons);
  }

  private keyButton(action: Action, slot: number): HTMLElement {
    const button = element("button", "key-button");
    button.type = "button";
    const entry = { action, slot, button };
    this.buttons.push(entry);
    button.addEventListener("click", () => this.wait(entry));
    button.addEventListener("keydown", (event) => this.take(event));
    button.addEventListener("blur", () => this.cancel());
    return button;
  }

  private wait(entry: KeyButton): void {
    this.cancel();
    this.waiting = entry;
    entry.button.dataset["waiting"] = "true";
    setText(entry.button, "Press a key");
    setText(this.told, `Press the key for “${ACTIONS[entry.action].name}”, or Esc to keep it.`);
  }

  private take(event: KeyboardEvent): void {
    const { waiting } = this;
    if (waiting === undefined || event.repeat) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.cancel();
    if (event.code === "Escape") {
      setText(this.told, "Nothing has changed.");
      return;
    }
    const { bindings, conflict } = rebind(this.bindings, waiting.action, waiting.slot, event.code);
    if (bindings !== this.bindings) {
      this.change(bindings);
    }
    setText(this.told, conflict ?? `“${ACTIONS[waiting.action].name}” is ${keyName(event.code)} now.`);
  }
}
