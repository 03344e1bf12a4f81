/**
 * The mouse or a pen: where it points in the picture, whether its trigger is held, and whether its other button was
 * pressed. A press that begins and ends between two ticks still fires once. Fingers are those of `touch.ts`.
 */

import type { Point } from "../../tickroom/sim/prediction.ts";

const LEFT_BUTTON = 0;
const RIGHT_BUTTON = 2;

export class Pointer {
  private place: Point | undefined;
  private held = false;
  private pressed = false;
  private railPressed = false;
  private moved = false;

  /** Listens until the page is closed; `frame` is the picture, `page` the window around it. */
  constructor(
    private readonly frame: HTMLElement,
    page: Window,
  ) {
    page.addEventListener("pointermove", (event) => this.move(event));
    frame.addEventListener("pointerdown", (event) => this.press(event));
    page.addEventListener("pointerup", (event) => this.letGo(event));
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

  private move(event: PointerEvent): void {
    if (event.pointerType === "touch") {
      return;
    }
    this.moved = true;
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    if (width > 0 && height > 0) {
      this.place = { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
    }
  }

  private press(event: PointerEvent): void {
    this.move(event);
    if (event.pointerType === "touch" || isControl(event.target)) {
      return;
    }
    if (event.button === LEFT_BUTTON) {
      this.held = true;
      this.pressed = true;
    }
    this.railPressed ||= event.button === RIGHT_BUTTON;
  }

  private letGo(event: PointerEvent): void {
    if (event.button === LEFT_BUTTON) {
      this.held = false;
    }
  }

  private release(): void {
    this.held = false;
    this.pressed = false;
    this.railPressed = false;
  }
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, input, select, a, dialog, aside") !== null;
}
