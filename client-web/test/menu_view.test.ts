import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Menu } from "../src/arena/ui/menu.ts";
import { waitText } from "../src/arena/ui/notice.ts";
import { faked, stubDocument, type FakeDocument, type FakeElement } from "./fake_dom.ts";

let page: FakeDocument;
let left: number;
let menu: Menu;
let root: FakeElement;

beforeEach(() => {
  page = stubDocument();
  left = 0;
  menu = new Menu(
    () => undefined,
    () => undefined,
    () => undefined,
    () => {
      left += 1;
      menu.setJoining(false, "");
    },
  );
  root = faked(menu.root);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a join that is under way can be given up, and then the big button has the focus again", () => {
  const play = root.find("play");
  const cancel = root.find("cancel");
  expect([play.textContent, cancel.hidden]).toEqual(["Play", true]);
  play.focus();
  menu.setJoining(true, "");
  expect([play.textContent, play.disabled, cancel.hidden]).toEqual(["Joining…", true, false]);
  cancel.focus();
  cancel.fire("click", { detail: 0 });
  expect([left, play.textContent, play.disabled, cancel.hidden]).toEqual([1, "Play", false, true]);
  expect(page.activeElement).toBe(play);
});

test("a join that ends leaves the focus where somebody has put it", () => {
  const name = root.find("name");
  menu.setJoining(true, "");
  name.focus();
  menu.setJoining(false, "");
  expect(page.activeElement).toBe(name);
  menu.setJoining(true, "");
  menu.show(false);
  menu.setJoining(false, "");
  expect(page.activeElement).toBe(page.body);
});

test("why it takes long stands there as long as it does", () => {
  const wait = root.find("menu-wait");
  const words = (["busy", "silent"] as const).map((server) => {
    menu.setJoining(true, waitText({ kind: "joining", server }));
    return wait.textContent;
  });
  expect(words).toEqual(["The server is busy; trying again…", "The server does not answer; trying again…"]);
  for (const session of [{ kind: "joining" }, { kind: "idle" }] as const) {
    menu.setJoining(session.kind === "joining", waitText(session));
    expect(wait.textContent).toBe("");
  }
});
