/** The touch screen: two sticks where the thumbs go down, and buttons for rail, dash and scores. */

import { element } from "../ui/element.ts";
import type { DeviceWish } from "./device.ts";
import { STICK_RADIUS_PX, Thumbs, type StickName } from "./thumbs.ts";

const STICKS: readonly StickName[] = ["move", "aim"];

export class Touch {
  readonly root = element("div", "touch");
  private readonly thumbs = new Thumbs();
  private readonly knobs = { move: knob("move"), aim: knob("aim") };
  private readonly scores = element("button", "touch-button", "Scores");
  private railPressed = false;
  private dashPressed = false;
  private leftHanded = false;
  private hasTouch: boolean;

  /** Shown from the first touch on, and at once where the finger is the usual pointer. */
  constructor(page: Window) {
    this.hasTouch = page.matchMedia("(pointer: coarse)").matches;
    const rail = this.button("Rail", () => (this.railPressed = true));
    const dash = this.button("Dash", () => (this.dashPressed = true));
    this.scores.type = "button";
    this.scores.setAttribute("aria-pressed", "false");
    this.scores.addEventListener("click", () => this.scores.setAttribute("aria-pressed", String(!this.wantsScores)));
    this.root.append(
      this.knobs.move.root,
      this.knobs.aim.root,
      element("div", "touch-buttons", this.scores, rail, dash),
    );
    this.root.hidden = true;
    this.root.dataset["hand"] = "right";
    page.addEventListener("pointerdown", (event) => this.notice(event), { capture: true });
    this.root.addEventListener("pointerdown", (event) => this.down(event));
    this.root.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
      this.root.addEventListener(end, (event) => this.up(event));
    }
    page.addEventListener("blur", () => this.release());
    page.document.addEventListener("visibilitychange", () => this.release());
  }

  /** There are fingers on this screen. */
  get isUsed(): boolean {
    return this.hasTouch;
  }

  get wantsScores(): boolean {
    return !this.root.hidden && this.scores.getAttribute("aria-pressed") === "true";
  }

  /** Whether somebody plays, and with which hand. */
  show(plays: boolean, leftHanded: boolean): void {
    const hidden = !plays || !this.hasTouch;
    // Asked with each frame.
    if (hidden === this.root.hidden && leftHanded === this.leftHanded) {
      return;
    }
    this.leftHanded = leftHanded;
    this.root.dataset["hand"] = leftHanded ? "left" : "right";
    if (hidden && !this.root.hidden) {
      this.release();
      this.scores.setAttribute("aria-pressed", "false");
    }
    this.root.hidden = hidden;
  }

  take(): DeviceWish {
    const wish = { ...this.thumbs.wish(), rail: this.railPressed, dash: this.dashPressed };
    this.railPressed = false;
    this.dashPressed = false;
    return wish;
  }

  private notice({ pointerType }: PointerEvent): void {
    this.hasTouch ||= pointerType === "touch";
  }

  private down(event: PointerEvent): void {
    if (event.target !== this.root || event.pointerType === "mouse") {
      return;
    }
    event.preventDefault();
    const stick = Thumbs.stickAt(event.clientX, this.root.clientWidth, this.leftHanded);
    if (this.thumbs.down(stick, event.pointerId, { x: event.clientX, y: event.clientY })) {
      this.root.setPointerCapture(event.pointerId);
      this.draw();
    }
  }

  private move(event: PointerEvent): void {
    this.thumbs.move(event.pointerId, { x: event.clientX, y: event.clientY });
    this.draw();
  }

  private up(event: PointerEvent): void {
    this.thumbs.up(event.pointerId);
    this.draw();
  }

  private release(): void {
    this.thumbs.clear();
    this.railPressed = false;
    this.dashPressed = false;
    this.draw();
  }

  private draw(): void {
    for (const name of STICKS) {
      const { root, thumb } = this.knobs[name];
      const shown = this.thumbs.shown(name);
      root.dataset["held"] = String(shown !== undefined);
      root.style.translate = shown === undefined ? "" : `${shown.at.x}px ${shown.at.y}px`;
      const { x, y } = shown?.push ?? { x: 0, y: 0 };
      thumb.style.translate = `${x * STICK_RADIUS_PX}px ${y * STICK_RADIUS_PX}px`;
    }
  }

  /** At once when the finger goes down: a click would come only when it is lifted. */
  private button(label: string, press: () => void): HTMLElement {
    const button = element("button", "touch-button", label);
    button.type = "button";
    button.addEventListener("pointerdown", press);
    button.addEventListener("click", (event) => {
      // Of a screen reader or a keyboard: no finger came first.
      if (event.detail === 0) {
        press();
      }
    });
    return button;
  }
}

function knob(name: StickName): { readonly root: HTMLElement; readonly thumb: HTMLElement } {
  const thumb = element("span", "touch-thumb");
  const root = element("div", "touch-stick", thumb, element("span", "touch-name", name === "move" ? "Walk" : "Aim + fire"));
  root.dataset["stick"] = name;
  root.setAttribute("aria-hidden", "true");
  return { root, thumb };
}
