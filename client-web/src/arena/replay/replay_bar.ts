/** The controls of a recording: play and pause, the moment, the speed, and a link to what is shown. */

import { SPEEDS_QUARTERS } from "../../tickroom/protocol/steer.ts";
import { element, pressButton, setText } from "../ui/element.ts";
import { LinkCopy } from "../ui/link_copy.ts";
import { clockText, secondsOf, spokenText, ticksOf } from "./moment.ts";
import type { Shown } from "./steering.ts";

/** What the controls do. */
export interface ReplayBarActions {
  toggle(): void;
  seek(tick: number): void;
  setSpeed(quarters: number): void;
  /** To what is shown now. */
  link(): string;
}

export class ReplayBar {
  readonly root: HTMLElement;
  readonly slider = element("input", "replay-slider");
  private readonly play: HTMLButtonElement;
  private readonly time = element("span", "replay-time");
  private readonly speed = element("select", "replay-speed");
  private readonly copy: LinkCopy;
  private readonly goal = element("span", "");
  private readonly way = element("span", "");
  private held = false;

  constructor(private readonly actions: ReplayBarActions) {
    this.play = pressButton("watch-button replay-play", () => actions.toggle(), "❚❚");
    this.makeSlider();
    this.makeSpeed();
    this.copy = new LinkCopy({ button: "watch-button", field: "replay-link" }, "Link to this moment", () => actions.link());
    const { button, field } = this.copy;
    button.title = "A link to this moment";
    // Said once; how far it is changes too often to be read out.
    this.way.setAttribute("aria-hidden", "true");
    const journey = element("span", "replay-way", this.goal, this.way);
    journey.setAttribute("role", "status");
    this.root = element("div", "replay-bar", this.play, this.slider, this.time, this.speed, button, field, journey);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Recording");
    this.root.hidden = true;
  }

  hide(): void {
    this.root.hidden = true;
    this.copy.field.hidden = true;
    this.held = false;
  }

  /** `passedTick` is how far it is on its way to a moment that takes long. */
  show({ tick, endTick, quarters, stands, waits }: Shown, passedTick: number | undefined): void {
    if (this.root.hidden) {
      this.root.hidden = false;
      this.takeFocus();
    }
    setText(this.play, stands ? "▶" : "❚❚");
    const label = stands ? "Play" : "Pause";
    if (this.play.getAttribute("aria-label") !== label) {
      this.play.setAttribute("aria-label", label);
      this.play.title = `${label} (Space)`;
    }
    setText(this.goal, passedTick === undefined ? "" : `Going to ${clockText(tick)}`);
    setText(this.way, passedTick === undefined ? "" : `, at ${clockText(passedTick)}`);
    setText(this.time, `${clockText(this.held ? ticksOf(this.slider.valueAsNumber) : tick)} / ${clockText(endTick)}`);
    if (this.speed.value !== String(quarters)) {
      this.speed.value = String(quarters);
    }
    const max = secondsOf(endTick).toFixed(1);
    if (this.slider.max !== max) {
      this.slider.max = max;
    }
    // Whoever holds the slider says where it is.
    if (!this.held) {
      this.slider.value = secondsOf(tick).toFixed(1);
    }
    // What has the focus is read out with each change: while it goes on that would not end.
    if (stands || waits || document.activeElement !== this.slider) {
      this.speak(`${spokenText(tick)} of ${spokenText(endTick)}`);
    }
  }

  private speak(text: string): void {
    if (this.slider.getAttribute("aria-valuetext") !== text) {
      this.slider.setAttribute("aria-valuetext", text);
    }
  }

  /** Whoever has no pointer begins at the controls: elsewhere Tab shows the standings. */
  private takeFocus(): void {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body || activeElement.closest("[hidden]") !== null) {
      this.play.focus();
    }
  }

  private makeSlider(): void {
    const { slider } = this;
    slider.type = "range";
    slider.min = "0";
    slider.max = "0";
    slider.step = "0.1";
    slider.setAttribute("aria-label", "Moment of the recording");
    slider.addEventListener("pointerdown", () => (this.held = true));
    for (const ends of ["pointerup", "pointercancel", "blur"]) {
      slider.addEventListener(ends, () => (this.held = false));
    }
    slider.addEventListener("input", () => this.actions.seek(ticksOf(slider.valueAsNumber)));
  }

  private makeSpeed(): void {
    const { speed } = this;
    speed.setAttribute("aria-label", "Speed");
    for (const quarters of SPEEDS_QUARTERS.filter((each) => each > 0)) {
      const option = element("option", "", `${NAMES[quarters] ?? quarters / 4}×`);
      option.value = String(quarters);
      speed.append(option);
    }
    // A list keeps all keys for itself: whoever has opened it with a pointer is done with it after the choice.
    let isPointed = false;
    speed.addEventListener("pointerdown", () => (isPointed = true));
    speed.addEventListener("blur", () => (isPointed = false));
    speed.addEventListener("change", () => {
      this.actions.setSpeed(Number(speed.value));
      if (isPointed) {
        speed.blur();
      }
    });
  }
}

const NAMES: Readonly<Record<number, string>> = { 1: "¼", 2: "½" };
