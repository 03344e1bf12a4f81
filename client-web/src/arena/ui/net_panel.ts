/** A panel to try what a bad network feels like (key N): presets and sliders for the link, and what comes of them. */

import type { Counters } from "../../tickroom/counters.ts";
import type { Timing } from "../../tickroom/match.ts";
import type { Conditions } from "../../tickroom/net/conditioner.ts";
import { DIRECT, PRESETS } from "../../tickroom/net/conditions.ts";
import { element, setText } from "./element.ts";
import { SLIDERS, type Slider } from "./link_sliders.ts";

/** What the panel tells about; undefined where there is no match. */
export interface NetFigures {
  readonly roundTripMs: number | undefined;
  readonly timing: Timing | undefined;
  readonly counters: Readonly<Counters> | undefined;
}

/** Numbers that change more often cannot be read. */
const REFRESH_MS = 500;

const NONE = "–";

export class NetPanel {
  readonly root = element("aside", "net-panel");
  private readonly values = new Map<string, HTMLElement>();
  private readonly sliders = SLIDERS.map((slider) => ({ slider, ...this.row(slider) }));
  private readonly presets = Object.entries({ none: DIRECT, ...PRESETS }).map(([name, conditions]) => {
    const button = element("button", "net-preset", name);
    button.type = "button";
    button.addEventListener("click", (event) => {
      this.apply(conditions);
      // After a click of the mouse the keys steer the player again.
      if (event.detail > 0) {
        button.blur();
      }
    });
    return { button, conditions };
  });
  private shownMs = -Infinity;
  private bytesBefore = 0;

  /** `link` is what is made slow. */
  constructor(private readonly link: { conditions: Conditions }) {
    const figures = element("dl", "net-figures");
    for (const name of ["Round trip", "Inputs early", "Corrections", "Received", "Others drawn"]) {
      const value = element("dd", "", NONE);
      this.values.set(name, value);
      figures.append(element("dt", "", name), value);
    }
    this.root.setAttribute("aria-label", "Network");
    this.root.tabIndex = -1;
    this.root.append(
      element("h2", "net-title", "Network"),
      element("div", "net-presets", ...this.presets.map(({ button }) => button)),
      ...this.sliders.map(({ root }) => root),
      figures,
    );
    this.root.hidden = true;
    this.apply(link.conditions);
  }

  toggle(): void {
    this.root.hidden = !this.root.hidden;
    if (!this.root.hidden) {
      // The next Tab goes into the panel; what steers the player still does.
      this.root.focus();
    }
    this.shownMs = -Infinity;
  }

  /** To be called in each frame; it asks for the figures only when it shows them. */
  tick(nowMs: number, figures: () => NetFigures): void {
    const elapsedMs = nowMs - this.shownMs;
    if (this.root.hidden || elapsedMs < REFRESH_MS) {
      return;
    }
    this.shownMs = nowMs;
    this.show(figures(), elapsedMs);
  }

  private show({ roundTripMs, timing, counters }: NetFigures, elapsedMs: number): void {
    const bytes = counters?.snapshotBytes ?? 0;
    // A new match counts from 0.
    const bytesPerS = bytes >= this.bytesBefore ? ((bytes - this.bytesBefore) * 1000) / elapsedMs : undefined;
    this.bytesBefore = bytes;
    this.set("Round trip", roundTripMs, "ms", 0);
    this.set("Inputs early", timing?.slackTicks, "ticks", 1);
    this.set("Corrections", counters?.corrections, "", 0);
    this.set("Received", counters === undefined ? undefined : bytesPerS, "B/s", 0);
    this.set("Others drawn", timing?.delayMs, "ms ago", 0);
  }

  private set(name: string, value: number | undefined, unit: string, digits: number): void {
    const target = this.values.get(name);
    if (target !== undefined) {
      setText(target, value === undefined ? NONE : `${value.toFixed(digits)} ${unit}`.trim());
    }
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
