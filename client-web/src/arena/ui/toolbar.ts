/** The buttons of the page itself, in a corner over menu and match, and what gamepad is used. */

import { element, pressButton, setText } from "./element.ts";

export class Toolbar {
  readonly root = element("div", "toolbar");
  private readonly pad = element("span", "toolbar-pad");
  private readonly mute: HTMLButtonElement;

  constructor(actions: { readonly mute: () => void; readonly settings: () => void }) {
    this.pad.setAttribute("aria-live", "polite");
    this.mute = pressButton("tool", actions.mute, "Mute");
    this.root.append(this.pad, this.mute, pressButton("tool", actions.settings, "Settings"));
  }

  showMuted(muted: boolean): void {
    this.mute.setAttribute("aria-pressed", String(muted));
  }

  /** The name of the gamepad in use; undefined when there is none. */
  showPad(name: string | undefined): void {
    setText(this.pad, name === undefined ? "" : "Gamepad connected");
    this.pad.title = name ?? "";
  }
}
