/** The own health and shield, large at the lower edge. */

import { HEALTH_MAX } from "../protocol/state.ts";
import { element, setText } from "./element.ts";

/** From here on the picture warns. */
const LOW = 35;

export interface Vitality {
  readonly health: number;
  readonly alive: boolean;
  readonly shielded: boolean;
  /** What damage takes before health. */
  readonly armor: number;
}

export function isLow({ health, alive }: Vitality): boolean {
  return alive && health <= LOW;
}

export class Vitals {
  readonly root = element("div", "vitals");
  private readonly bar = element("div", "health-fill");
  private readonly number = element("span", "health-number");
  private readonly shield = element("span", "shield-state", "Shield");
  private shown: Vitality | undefined;

  constructor() {
    const track = element("div", "health-track", this.bar);
    this.root.append(this.number, track, this.shield);
    this.root.setAttribute("role", "meter");
    this.root.setAttribute("aria-label", "Health");
    this.root.setAttribute("aria-valuemin", "0");
    this.root.setAttribute("aria-valuemax", String(HEALTH_MAX));
  }

  show(vitality: Vitality): void {
    const { health, alive, shielded, armor } = vitality;
    // The state of one snapshot is shown by several pictures.
    if (vitality === this.shown) {
      return;
    }
    this.shown = vitality;
    this.root.setAttribute("aria-valuenow", String(health));
    this.root.dataset["grade"] = !alive ? "dead" : isLow(vitality) ? "low" : "good";
    this.bar.style.transform = `scaleX(${health / HEALTH_MAX})`;
    setText(this.number, String(health));
    setText(this.shield, armor > 0 ? `Shield ${armor}` : "Shield");
    this.shield.dataset["on"] = String(shielded || armor > 0);
  }
}
