/** How soon the own player may use rail and dash again: a ring for each beside the vitals, full when it may. */

import { keyName, type Bindings } from "../input/actions.ts";
import type { Own } from "../protocol/own.ts";
import { RAIL } from "../protocol/weapon.ts";
import { DASH_COOLDOWN_TICKS } from "../sim/dash.ts";
import { element, setText } from "./element.ts";

/** `off`: not now, whatever it has waited. */
export type AbilityState = "ready" | "charging" | "cooling" | "off";

/** One ability at one moment. */
export interface Ability {
  readonly state: AbilityState;
  /** 0 right after its use, 1 when it may be used. */
  readonly share: number;
  /** Until then, seconds. */
  readonly leftS: number;
}

export interface Abilities {
  readonly rail: Ability;
  readonly dash: Ability;
}

/** `fires`: weapons have an effect in this phase. */
export function abilitiesOf(own: Own, alive: boolean, fires: boolean, tickHz: number): Abilities {
  const ability = (leftTicks: number, cooldownTicks: number, charging: boolean, usable: boolean): Ability => ({
    state: !usable ? "off" : charging ? "charging" : leftTicks > 0 ? "cooling" : "ready",
    share: 1 - Math.min(1, leftTicks / cooldownTicks),
    leftS: leftTicks / tickHz,
  });
  return {
    rail: ability(own.railCooldownTicks, RAIL.cooldownTicks, own.railChargeTicks > 0, alive && fires),
    dash: ability(own.dash.cooldownTicks, DASH_COOLDOWN_TICKS, false, alive),
  };
}

/** What a screen reader says. Whole seconds, so that it does not change with each picture. */
export function wordsOf({ state, leftS }: Ability): string {
  switch (state) {
    case "ready":
      return "ready";
    case "charging":
      return "charging";
    case "cooling":
      return `ready in ${Math.ceil(leftS)} s`;
    case "off":
      return "not now";
  }
}

export class AbilitiesView {
  private readonly rail = new Ring("Rail");
  private readonly dash = new Ring("Dash");
  readonly root = element("div", "abilities", this.rail.root, this.dash.root);

  /** Names the keys that do it, as the player has set them. */
  setKeys(bindings: Bindings): void {
    this.rail.setKey(bindings.rail);
    this.dash.setKey(bindings.dash);
  }

  show({ rail, dash }: Abilities): void {
    this.rail.show(rail);
    this.dash.show(dash);
  }
}

class Ring {
  readonly root: HTMLElement;
  private readonly key = element("kbd", "ability-key");
  private words = "";
  private share = "";

  constructor(name: string) {
    const label = element("span", "ability-name", name);
    this.key.setAttribute("aria-hidden", "true");
    this.root = element("div", "ability", element("div", "ability-ring"), label, this.key);
    this.root.setAttribute("role", "meter");
    this.root.setAttribute("aria-label", name);
    this.root.setAttribute("aria-valuemin", "0");
    this.root.setAttribute("aria-valuemax", "100");
  }

  /** A ring has room for one. */
  setKey(codes: readonly string[]): void {
    const [code] = codes;
    setText(this.key, code === undefined ? "" : keyName(code));
  }

  show(ability: Ability): void {
    const share = ability.share.toFixed(3);
    if (share !== this.share) {
      this.share = share;
      this.root.style.setProperty("--share", share);
    }
    const words = wordsOf(ability);
    if (words !== this.words) {
      this.words = words;
      this.root.dataset["state"] = ability.state;
      this.root.setAttribute("aria-valuenow", String(Math.round(ability.share * 100)));
      this.root.setAttribute("aria-valuetext", words);
    }
  }
}
