/** The buttons of the page itself, in a corner over menu and match, and what gamepad is used. */

import type { FoundPad } from "../input/gamepad.ts";
import { element, pressButton, setText } from "./element.ts";

export class Toolbar {
  readonly root = element("div", "toolbar");
  private readonly pad = element("span", "toolbar-pad");
  private readonly network: HTMLButtonElement;
  private readonly mute: HTMLButtonElement;

  constructor(actions: { readonly network: () => void; readonly mute: () => void; readonly settings: () => void }) {
    this.network = pressButton("tool tool-network", actions.network, "Network");
    this.network.setAttribute("aria-expanded", "false");
    this.pad.setAttribute("aria-live", "polite");
    this.mute = pressButton("tool", actions.mute, "Mute");
    this.root.append(this.pad, this.network, this.mute, pressButton("tool", actions.settings, "Settings"));
  }

  /** Whether the panel of the network is open. */
  showNetwork(open: boolean): void {
    this.network.setAttribute("aria-expanded", String(open));
  }

  showMuted(muted: boolean): void {
    this.mute.setAttribute("aria-pressed", String(muted));
  }

  /** The gamepad that is there; undefined when there is none. */
  showPad(found: FoundPad | undefined): void {
    setText(this.pad, found === undefined ? "" : found.isUsed ? "Gamepad connected" : `Gamepad not supported: ${found.name}`);
    this.pad.dataset["used"] = String(found?.isUsed ?? false);
    this.pad.title = found?.name ?? "";
  }
}
