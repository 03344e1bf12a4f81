/** Draws the kill feed. Names are text, whatever they look like. */

import { element } from "./element.ts";
import type { KillLine } from "./kill_feed.ts";

export class KillFeedView {
  readonly root = element("ol", "kill-feed");
  private shown = "";

  constructor() {
    // The HUD says aloud what of it matters to the own player.
    this.root.setAttribute("aria-hidden", "true");
  }

  show(lines: readonly KillLine[]): void {
    const ids = lines.map((line) => line.id).join();
    if (ids === this.shown) {
      return;
    }
    this.shown = ids;
    this.root.replaceChildren(...lines.map(row));
  }
}

function row(line: KillLine): HTMLElement {
  const rest = line.ricochet
    ? [element("span", "ricochet", "caught their own ricochet")]
    : [weaponSign(line.weapon), element("bdi", "victim", line.victim)];
  const made = element("li", "kill", element("bdi", "killer", line.killer), ...rest);
  made.dataset["role"] = line.role;
  return made;
}

function weaponSign(weapon: string): HTMLElement {
  const sign = element("span", "weapon", weapon);
  sign.dataset["weapon"] = weapon;
  return sign;
}
