import { expect, test } from "vitest";

import { Announcer } from "../src/arena/ui/announcer.ts";

function rig(): { announcer: Announcer; said: () => string | null } {
  const target = { textContent: "" } as HTMLElement;
  return { announcer: new Announcer(target), said: () => target.textContent };
}

test("sentences are said one after the other, with time for each", () => {
  const { announcer, said } = rig();
  announcer.say("One.", false);
  announcer.say("Two.", false);
  const check = (nowMs: number, text: string): void => {
    announcer.tick(nowMs);
    expect(said()).toBe(text);
  };
  check(1000, "One.");
  check(2499, "One.");
  check(2500, "Two.");
  check(9000, "Two.");
  announcer.say("Three.", false);
  check(9001, "Three.");
});

test("a sentence that comes twice is another text the second time, so that it is read out", () => {
  const { announcer, said } = rig();
  const all = [0, 2000, 4000].map((nowMs) => {
    announcer.say("Again.", false);
    announcer.tick(nowMs);
    return said();
  });
  expect(all).toEqual(["Again.", "Again.\u00a0", "Again."]);
});

test("of too many the oldest that is not urgent is left out", () => {
  const { announcer, said } = rig();
  announcer.say("Phase.", true);
  for (const text of ["Kill 1.", "Kill 2.", "Kill 3.", "Kill 4."]) {
    announcer.say(text, false);
  }
  const all = [0, 2000, 4000, 6000].map((nowMs) => {
    announcer.tick(nowMs);
    return said();
  });
  expect(all).toEqual(["Phase.", "Kill 3.", "Kill 4.", "Kill 4."]);
});

test("of urgent ones alone the oldest is left out", () => {
  const { announcer, said } = rig();
  ["a", "b", "c", "d", "e"].forEach((text) => announcer.say(text, true));
  announcer.tick(0);
  expect(said()).toBe("c");
});
