import { beforeEach, expect, test, vi } from "vitest";

import { Controls } from "../src/arena/input/controls.ts";
import { Pointer } from "../src/arena/input/pointer.ts";
import { Play } from "../src/arena/play.ts";
import { SeenRound } from "../src/arena/replay/seen_round.ts";
import { untouched } from "../src/arena/switchboard.ts";
import { newMatch } from "./loop.ts";

/** As much of a window, and of the picture in it, as a pointer listens to. */
class FakeWindow extends EventTarget {
  getBoundingClientRect(): Pick<DOMRect, "left" | "top" | "width" | "height"> {
    return { left: 0, top: 0, width: 0, height: 0 };
  }

  click(button: number): void {
    for (const type of ["pointerdown", "pointerup"]) {
      this.dispatchEvent(Object.assign(new Event(type), { button }));
    }
  }
}

beforeEach(() => {
  vi.stubGlobal("Element", class {});
  return () => vi.unstubAllGlobals();
});

test("a click beside the buttons of the menu is no shot in the match that begins, and one in the match is one", () => {
  const page = new FakeWindow();
  const controls = new Controls([], new Pointer(page as unknown as HTMLElement, page as unknown as Window));
  const click = (): void => [0, 2].forEach((button) => page.click(button));
  click();
  const play = new Play(newMatch(), new Map(), controls, () => undefined, untouched(), new SeenRound());
  expect(play.intent(0)).toMatchObject({ fire: false, rail: false });
  click();
  expect(play.intent(0)).toMatchObject({ fire: true, rail: true });
  expect(play.intent(0)).toMatchObject({ fire: false, rail: false });
});
