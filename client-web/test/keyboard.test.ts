import { beforeEach, describe, expect, test, vi } from "vitest";

import { DEFAULT_BINDINGS, rebind, type PageAction } from "../src/arena/input/actions.ts";
import { Keyboard } from "../src/arena/input/keyboard.ts";

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
  let acted: PageAction[] = [];

  beforeEach(() => {
    vi.stubGlobal("HTMLInputElement", class {});
    vi.stubGlobal("HTMLTextAreaElement", class {});
    vi.stubGlobal("HTMLSelectElement", class {});
    vi.stubGlobal("Element", class {});
    plays = true;
    acted = [];
    page = new FakeWindow();
    keyboard = new Keyboard(page as unknown as Window, { plays: () => plays, act: (action) => acted.push(action) });
    return () => vi.unstubAllGlobals();
  });

  test("makes a wish of WASD and arrows, and opposite keys cancel", () => {
    expect(keyboard.take()).toMatchObject({ move: { x: 0, y: 0 } });
    page.key("keydown", "KeyD");
    page.key("keydown", "ArrowUp");
    expect(keyboard.take()).toMatchObject({ move: { x: 1, y: -1 } });
    page.key("keydown", "ArrowLeft");
    expect(keyboard.take()).toMatchObject({ move: { x: 0, y: -1 } });
    page.key("keyup", "KeyD");
    expect(keyboard.take()).toMatchObject({ move: { x: -1, y: -1 } });
  });

  test("holds a direction until the last of its keys is let go", () => {
    page.key("keydown", "KeyW");
    page.key("keydown", "ArrowUp");
    page.key("keyup", "KeyW");
    expect(keyboard.take().move.y).toBe(-1);
  });

  test("lets go when the page loses the focus or is hidden", () => {
    page.key("keydown", "KeyW");
    page.dispatchEvent(new Event("blur"));
    expect(keyboard.take().move.y).toBe(0);
    page.key("keydown", "KeyW");
    page.document.dispatchEvent(new Event("visibilitychange"));
    expect(keyboard.take().move.y).toBe(0);
  });

  test("leaves shortcuts and other keys to the browser", () => {
    expect(page.key("keydown", "KeyD", { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(page.key("keydown", "Enter").defaultPrevented).toBe(false);
    expect(page.key("keydown", "ArrowDown").defaultPrevented).toBe(true);
    expect(keyboard.take()).toMatchObject({ move: { x: 0, y: 1 } });
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
    expect(keyboard.take()).toMatchObject({ move: { x: 1, y: 0 }, dash: false });
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

  test("has other keys once they are set, and lets go of what is held", () => {
    page.key("keydown", "KeyW");
    keyboard.bind(rebind(DEFAULT_BINDINGS, "up", 0, "KeyI").bindings);
    expect(keyboard.take().move.y).toBe(0);
    page.key("keydown", "KeyW");
    expect(keyboard.take().move.y).toBe(0);
    page.key("keydown", "KeyI");
    expect(keyboard.take().move.y).toBe(-1);
  });

  test("hands keys of the page on once for each press, in menus too", () => {
    plays = false;
    page.key("keydown", "KeyN");
    page.key("keydown", "KeyN", { repeat: true });
    page.key("keydown", "KeyM", { ctrlKey: true });
    page.key("keydown", "KeyO");
    expect(acted).toEqual(["panel", "settings"]);
  });
});
