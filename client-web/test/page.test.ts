import { beforeEach, describe, expect, test, vi } from "vitest";

import { Keyboard } from "../src/arena/input/keyboard.ts";
import { cameraOn } from "../src/arena/render/camera.ts";
import { nameProblem, suggestName } from "../src/arena/ui/player_name.ts";
import { GIVE_UP_MS, retryDelayMs } from "../src/tickroom/net/retry.ts";
import { Xorshift32 } from "./random.ts";

/** As much of a window as the keyboard listens to. */
class FakeWindow extends EventTarget {
  readonly document = new EventTarget();

  key(type: "keydown" | "keyup", code: string, more: object = {}): Event {
    const event = Object.assign(new Event(type, { cancelable: true }), { code, ...more });
    this.dispatchEvent(event);
    return event;
  }
}

describe("the keyboard", () => {
  let page: FakeWindow;
  let keyboard: Keyboard;
  let plays = true;

  beforeEach(() => {
    vi.stubGlobal("HTMLInputElement", class {});
    vi.stubGlobal("HTMLTextAreaElement", class {});
    plays = true;
    page = new FakeWindow();
    keyboard = new Keyboard(page as unknown as Window, () => plays);
    return () => vi.unstubAllGlobals();
  });

  test("makes a wish of WASD and arrows, and opposite keys cancel", () => {
    expect(keyboard.take()).toMatchObject({ moveX: 0, moveY: 0 });
    page.key("keydown", "KeyD");
    page.key("keydown", "ArrowUp");
    expect(keyboard.take()).toMatchObject({ moveX: 127, moveY: -127 });
    page.key("keydown", "ArrowLeft");
    expect(keyboard.take()).toMatchObject({ moveX: 0, moveY: -127 });
    page.key("keyup", "KeyD");
    expect(keyboard.take()).toMatchObject({ moveX: -127, moveY: -127 });
  });

  test("holds a direction until the last of its keys is let go", () => {
    page.key("keydown", "KeyW");
    page.key("keydown", "ArrowUp");
    page.key("keyup", "KeyW");
    expect(keyboard.take().moveY).toBe(-127);
  });

  test("lets go when the page loses the focus or is hidden", () => {
    page.key("keydown", "KeyW");
    page.dispatchEvent(new Event("blur"));
    expect(keyboard.take().moveY).toBe(0);
    page.key("keydown", "KeyW");
    page.document.dispatchEvent(new Event("visibilitychange"));
    expect(keyboard.take().moveY).toBe(0);
  });

  test("leaves shortcuts and other keys to the browser", () => {
    expect(page.key("keydown", "KeyD", { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(page.key("keydown", "Enter").defaultPrevented).toBe(false);
    expect(page.key("keydown", "ArrowDown").defaultPrevented).toBe(true);
    expect(keyboard.take()).toMatchObject({ moveX: 0, moveY: 127 });
  });

  test("has the trigger on the space bar; a short press counts once", () => {
    page.key("keydown", "Space");
    expect([keyboard.take().fire, keyboard.take().fire]).toEqual([true, true]);
    page.key("keyup", "Space");
    expect(keyboard.take().fire).toBe(false);
    page.key("keydown", "Space");
    page.key("keyup", "Space");
    expect([keyboard.take().fire, keyboard.take().fire]).toEqual([true, false]);
  });

  test("tells a dash and the rail once for each press, also when the key stays down", () => {
    for (const [code, action] of [["ShiftLeft", "dash"], ["ShiftRight", "dash"], ["KeyE", "rail"]] as const) {
      page.key("keydown", code);
      page.key("keydown", code, { repeat: true });
      expect([keyboard.take()[action], keyboard.take()[action]]).toEqual([true, false]);
      page.key("keydown", code, { repeat: true });
      expect(keyboard.take()[action]).toBe(false);
      page.key("keyup", code);
    }
    page.key("keydown", "KeyD", { shiftKey: true });
    expect(keyboard.take()).toMatchObject({ moveX: 127, dash: false });
  });

  test("takes Space and Tab only while somebody plays: menus need them", () => {
    expect(page.key("keydown", "Tab").defaultPrevented).toBe(true);
    expect(keyboard.wantsScores).toBe(true);
    page.key("keyup", "Tab");
    plays = false;
    expect(page.key("keydown", "Tab").defaultPrevented).toBe(false);
    expect(page.key("keydown", "Space").defaultPrevented).toBe(false);
    expect([keyboard.take().fire, keyboard.wantsScores]).toEqual([false, false]);
  });
});

test("names are checked as in shared/src/name.rs", () => {
  for (const good of ["Ada", "  Ada ", "<b>Ada</b>", "日本語の名前", "x".repeat(24), "🎲".repeat(24)]) {
    expect(nameProblem(good), good).toBeUndefined();
  }
  for (const bad of ["", " \t ", "x".repeat(25), "🎲".repeat(25), "A\u0000B", "A\u202EB", "A\u200BB"]) {
    expect(nameProblem(bad), bad).toMatch(/\.$/);
  }
});

test("every suggested name is one that the server takes", () => {
  const random = new Xorshift32(11);
  const names = new Set(Array.from({ length: 500 }, () => suggestName(() => random.share())));
  expect(names.size).toBeGreaterThan(100);
  for (const name of names) {
    expect(nameProblem(name), name).toBeUndefined();
  }
});

test("the camera follows, and stops a little beyond the edge of the map", () => {
  const map = { width: 2000, height: 1500 };
  expect(cameraOn({ x: 1000, y: 700 }, map)).toEqual({ x: 1000, y: 700 });
  expect(cameraOn({ x: 16, y: 16 }, map)).toEqual({ x: 408, y: 198 });
  expect(cameraOn({ x: 1990, y: 1490 }, map)).toEqual({ x: 1592, y: 1302 });
  expect(cameraOn({ x: 16, y: 16 }, { width: 400, height: 300 })).toEqual({ x: 200, y: 150 });
});

test("tries come soon at first, then every few seconds, and never at the same moment for all", () => {
  const delays = Array.from({ length: 12 }, (_, index) => retryDelayMs(index + 1, 0));
  expect(delays[0]).toBeLessThan(500);
  expect(delays).toEqual([...delays].sort((a, b) => a - b));
  expect(delays.at(-1)).toBeLessThan(GIVE_UP_MS / 5);
  expect(retryDelayMs(5, 0.999)).toBeLessThan(retryDelayMs(5, 0));
});
