import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { noticeOf, type Notice, type NoticeAction } from "../src/arena/ui/notice.ts";
import { NoticeView } from "../src/arena/ui/notice_view.ts";
import { faked, stubDocument, type FakeDocument, type FakeElement } from "./fake_dom.ts";
import { LOST, PLAYING } from "./situations.ts";

const CRASHED = noticeOf({ ...PLAYING, session: { kind: "ended", reason: "crashed" }, canWatchAgain: true });
const TAKEN = noticeOf({ ...PLAYING, session: { kind: "seat taken" } });
const GONE = noticeOf({ ...LOST, connection: { kind: "gone" } });

let page: FakeDocument;
let acts: NoticeAction[];
let view: NoticeView;
let dialog: FakeElement;
let banner: FakeElement;

function show(notice: Notice | undefined): void {
  view.show(notice, 0);
}

beforeEach(() => {
  page = stubDocument();
  acts = [];
  view = new NoticeView((action) => acts.push(action));
  const [first, second] = faked(view.root).content;
  banner = faked(first);
  dialog = faked(second);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function buttons(): string[] {
  return dialog.querySelectorAll("button").flatMap((button) => (button.hidden ? [] : [button.textContent]));
}

test("a banner is a status, and takes nothing from whoever plays", () => {
  show(noticeOf(LOST));
  expect([banner.dataset["form"], dialog.open, view.asks]).toEqual(["banner", false, false]);
  expect(banner.find("notice-words").attributes.get("role")).toBe("status");
  expect(banner.find("notice-title").textContent).toBe("Connection lost");
  expect(page.activeElement).toBe(page.body);
  show(undefined);
  expect([banner.dataset["form"], banner.textContent]).toEqual(["none", ""]);
});

describe("a decision", () => {
  test("is asked for by a dialog that has a name and the focus, until it is taken", () => {
    show(CRASHED);
    expect([banner.dataset["form"], banner.textContent, dialog.open, view.asks]).toEqual(["none", "", true, true]);
    expect(dialog.attributes.get("aria-labelledby")).toBe("notice-title");
    expect(dialog.find("notice-title").textContent).toBe("The match has crashed");
    expect(buttons()).toEqual(["Play again", "Watch how it ended", "Menu"]);
    expect(page.activeElement).toBe(dialog.find("Play again"));
    for (const label of buttons()) {
      dialog.find(label).fire("click");
    }
    expect(acts).toEqual(["play", "watch again", "menu"]);
    show(undefined);
    expect([dialog.open, view.asks, dialog.textContent]).toEqual([false, false, ""]);
    expect(acts).toHaveLength(3);
  });

  test("that is another one has the focus again", () => {
    show(CRASHED);
    dialog.find("Menu").focus();
    show(CRASHED);
    expect(page.activeElement).toBe(dialog.find("Menu"));
    show(GONE);
    expect(page.activeElement).toBe(dialog.find("Try again"));
  });

  test.each([
    ["after the end of a match", CRASHED, ["menu"]],
    ["when another tab plays", TAKEN, ["menu"]],
    ["without a server", GONE, []],
  ])("%s is refused with Esc as far as there is a way, and stays otherwise", (_, notice, expected) => {
    show(notice);
    expect(dialog.fire("cancel")).toBe(true);
    expect(acts).toEqual(expected);
    // The browser closes it all the same.
    dialog.close();
    expect(acts).toEqual([...expected, ...expected]);
    show(notice);
    expect(dialog.open).toBe(true);
  });
});
