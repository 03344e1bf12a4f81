import { beforeEach, expect, test, vi } from "vitest";

import { Controls } from "../src/arena/input/controls.ts";
import { Pointer } from "../src/arena/input/pointer.ts";
import { Play } from "../src/arena/play.ts";
import { SeenRound } from "../src/arena/replay/seen_round.ts";
import { untouched } from "../src/arena/switchboard.ts";
import { newMatch } from "./loop.ts";

/** As much of a window, and of the picture in it, as a pointer listens to. */
class FakeWindow extends EventTarget {
  closest(): null {
    return null;
  }

  getBoundingClientRect(): Pick<DOMRect, "left" | "top" | "width" | "height"> {
    return { left: 0, top: 0, width: 0, height: 0 };
  }

  contains(): boolean {
    return true;
  }

  /** `buttons` are the bits of those that go down and up. */
  click(buttons: number): void {
    this.dispatchEvent(Object.assign(new Event("pointerdown"), { buttons }));
    this.dispatchEvent(Object.assign(new Event("pointerup"), { buttons: 0 }));
  }
}

beforeEach(() => {
  vi.stubGlobal("Element", FakeWindow);
  return () => vi.unstubAllGlobals();
});

test("a click beside the buttons of the menu is no shot in the match that begins, and one in the match is one", () => {
  const page = new FakeWindow();
  const controls = new Controls([], new Pointer(page as unknown as HTMLElement, page as unknown as Window));
  const click = (): void => [1, 2].forEach((buttons) => page.click(buttons));
  click();
  const play = new Play(newMatch(), new Map(), controls, () => undefined, untouched(), new SeenRound());
  expect(play.intent(0)).toMatchObject({ fire: false, rail: false });
  click();
  expect(play.intent(0)).toMatchObject({ fire: true, rail: true });
  expect(play.intent(0)).toMatchObject({ fire: false, rail: false });
});
