/**
 * The mouse or a pen: where it points in the picture, whether its trigger is held, and whether its other button was
 * pressed. A press that begins and ends between two ticks still fires once. Fingers are those of `touch.ts`.
 *
 * While one button is down the others tell of themselves by `pointermove` alone, so each event is asked for all of them.
 */

import type { Point } from "../../tickroom/sim/prediction.ts";

/** Bits of `PointerEvent.buttons`. */
const LEFT = 1;
const RIGHT = 2;

export class Pointer {
  private place: Point | undefined;
  private down = 0;
  private held = false;
  private pressed = false;
  private railPressed = false;
  private moved = false;

  /** Listens until the page is closed; `frame` is the picture, `page` the window around it. */
  constructor(
    private readonly frame: HTMLElement,
    page: Window,
  ) {
    for (const kind of ["pointermove", "pointerdown", "pointerup"] as const) {
      page.addEventListener(kind, (event) => this.follow(event));
    }
    page.addEventListener("pointercancel", () => this.release());
    page.addEventListener("blur", () => this.release());
    frame.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** Where it is in the picture, 0 to 1 on each axis, also outside; undefined before it was seen. */
  get position(): Point | undefined {
    return this.place;
  }

  /** True when it moved or was pressed since the last call. */
  takeMoved(): boolean {
    const { moved } = this;
    this.moved = false;
    return moved;
  }

  /** True when the trigger is held, or was since the last call. */
  takeFire(): boolean {
    const fires = this.held || this.pressed;
    this.pressed = false;
    return fires;
  }

  /** True when the right button was pressed since the last call. */
  takeRail(): boolean {
    const charges = this.railPressed;
    this.railPressed = false;
    return charges;
  }

  private follow(event: PointerEvent): void {
    if (event.pointerType === "touch") {
      return;
    }
    this.moved = true;
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    if (width > 0 && height > 0) {
      this.place = { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
    }
    // It comes only when none was down, whatever was heard of before: of a press that was cancelled the end may be missed.
    const before = event.type === "pointerdown" ? 0 : this.down;
    const begun = event.buttons & ~before;
    this.down = event.buttons;
    this.held &&= (event.buttons & LEFT) !== 0;
    if (begun === 0 || !this.isOnPicture(event.target)) {
      return;
    }
    if ((begun & LEFT) !== 0) {
      this.held = true;
      this.pressed = true;
    }
    this.railPressed ||= (begun & RIGHT) !== 0;
  }

  private isOnPicture(target: EventTarget | null): boolean {
    return target instanceof Element && this.frame.contains(target) && !isControl(target);
  }

  private release(): void {
    this.held = false;
    this.pressed = false;
    this.railPressed = false;
  }
}

function isControl(target: Element): boolean {
  return target.closest("button, input, select, a, dialog, aside") !== null;
}
