/** Presets and sliders that make the link worse than it is. */

import type { Conditions } from "../../tickroom/net/conditioner.ts";
import { DIRECT, PRESETS } from "../../tickroom/net/conditions.ts";
import { element, pressButton, setText } from "./element.ts";
import { SLIDERS, type Slider } from "./link_sliders.ts";

export class LinkControls {
  readonly root: HTMLElement;
  private readonly sliders = SLIDERS.map((slider) => ({ slider, ...this.row(slider) }));
  private readonly presets = Object.entries({ none: DIRECT, ...PRESETS }).map(([name, conditions]) => ({
    button: pressButton("net-preset", () => this.apply(conditions), name),
    conditions,
  }));

  /** `link` is what is made slow. */
  constructor(private readonly link: { conditions: Conditions }) {
    const presets = element("div", "net-presets", ...this.presets.map(({ button }) => button));
    this.root = element("div", "net-link", presets, ...this.sliders.map(({ root }) => root));
    this.apply(link.conditions);
  }

  private apply(conditions: Conditions): void {
    this.link.conditions = conditions;
    for (const { slider, input, output } of this.sliders) {
      input.value = String(slider.of(conditions));
      setText(output, valueText(slider, slider.of(conditions)));
    }
    for (const { button, conditions: preset } of this.presets) {
      button.setAttribute("aria-pressed", String(JSON.stringify(preset) === JSON.stringify(conditions)));
    }
  }

  private row(slider: Slider): { root: HTMLElement; input: HTMLInputElement; output: HTMLElement } {
    const input = element("input", "");
    input.type = "range";
    input.min = "0";
    input.max = String(slider.max);
    input.addEventListener("input", () => this.apply(slider.set(this.link.conditions, Number(input.value))));
    // After a drag of the mouse the arrows steer the player again.
    input.addEventListener("pointerup", () => input.blur());
    const output = element("output", "");
    return { root: element("label", "net-slider", element("span", "", slider.label), input, output), input, output };
  }
}

function valueText({ unit }: Slider, value: number): string {
  return value === 0 ? "none" : `${value} ${unit}`;
}
