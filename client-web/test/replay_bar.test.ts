import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ReplayBar } from "../src/arena/replay/replay_bar.ts";
import { WatchBar } from "../src/arena/ui/watch_bar.ts";
import { faked, stubDocument, type FakeDocument } from "./fake_dom.ts";

let page: FakeDocument;

beforeEach(() => {
  page = stubDocument();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const nothing = (): void => undefined;

function replayBar(speeds: number[] = []) {
  return new ReplayBar({ toggle: nothing, seek: nothing, setSpeed: (quarters) => speeds.push(quarters), link: () => "" });
}

test("a speed that is chosen with a pointer leaves the keys to the recording, and one chosen with keys the focus where it is", () => {
  const speeds: number[] = [];
  const list = faked(replayBar(speeds).root).find("replay-speed");
  list.focus();
  list.fire("pointerdown");
  list.value = "8";
  list.fire("change");
  expect([speeds, page.activeElement]).toEqual([[8], page.body]);
  list.fire("blur");
  list.focus();
  list.value = "2";
  list.fire("change");
  expect(speeds).toEqual([8, 2]);
  expect(page.activeElement).toBe(list);
});

test("the buttons of both bars give the keys back after a click, and keep the focus of whoever has no pointer", () => {
  const bars = [replayBar().root, new WatchBar({ step: nothing, setFree: nothing, join: nothing }).root];
  const buttons = bars.flatMap((bar) => faked(bar).querySelectorAll("button")).filter((button) => button.textContent !== "Copy link");
  expect(buttons).toHaveLength(5);
  for (const button of buttons) {
    button.focus();
    button.fire("click", { detail: 0 });
    expect(page.activeElement).toBe(button);
    button.fire("click", { detail: 1 });
    expect(page.activeElement).toBe(page.body);
  }
});
