import { describe, expect, test } from "vitest";

import { agoText, clockText, linkToMoment, replayIn, spokenText, withReplay } from "../src/arena/replay/moment.ts";
import { replayAction } from "../src/arena/replay/replay_keys.ts";
import { speedBeside, Steering, type Standing } from "../src/arena/replay/steering.ts";
import type { Playback } from "../src/tickroom/match.ts";

test.each([
  ["", { kind: "none" }],
  ["?replay=17-match-1", { kind: "moment", name: "17-match-1", tick: 0 }],
  ["?replay=a&t=2.5", { kind: "moment", name: "a", tick: 150 }],
  ["?replay=a&t=-3", { kind: "moment", name: "a", tick: 0 }],
  ["?replay=a&t=soon", { kind: "moment", name: "a", tick: 0 }],
  ["?replay=a&t=1e99", { kind: "moment", name: "a", tick: 60_000_000 }],
  ["?replay=a&t=Infinity", { kind: "moment", name: "a", tick: 0 }],
  ["?replay=", { kind: "broken" }],
  ["?replay=../a", { kind: "broken" }],
  [`?replay=${"a".repeat(65)}`, { kind: "broken" }],
  ["?replay=%3Cb%3E", { kind: "broken" }],
] as const)("the link %s leads to %o", (link, expected) => {
  expect(replayIn(new URLSearchParams(link))).toEqual(expected);
});

test("a link holds the page, the recording and the moment, and leads back to it", () => {
  const link = linkToMoment("http://host:3000/?room=BCDFGHJKMN&link=4g#x", "17-match-1", 754);
  expect(link).toBe("http://host:3000/?replay=17-match-1&t=12.6");
  expect(replayIn(new URL(link).searchParams)).toEqual({ kind: "moment", name: "17-match-1", tick: 756 });
});

test("the address keeps what else it has, and the moment only of the same recording", () => {
  expect(withReplay("http://h/?replay=a&t=3&link=4g", "a")).toBe("http://h/?replay=a&t=3&link=4g");
  expect(withReplay("http://h/?replay=a&t=3", "b")).toBe("http://h/?replay=b");
  expect(withReplay("http://h/?replay=a&t=3&link=4g", undefined)).toBe("http://h/?link=4g");
});

test.each([
  [0, "0:00", "0 seconds"],
  [61 * 60, "1:01", "1 minute 1 second"],
  [59.99 * 60, "0:59", "59 seconds"],
  [3600 * 60 + 125 * 60, "1:02:05", "62 minutes 5 seconds"],
])("tick %i is %s on a clock", (tick, clock, spoken) => {
  expect([clockText(tick), spokenText(tick)]).toEqual([clock, spoken]);
});

test.each([
  [1000, 1000, "just now"],
  [1000, 900, "just now"],
  [1000, 1000 + 59 * 60, "59 min ago"],
  [1000, 1000 + 47 * 3600, "47 h ago"],
  [1000, 1000 + 48 * 3600, "2 days ago"],
])("what was written at %i is at %i %s", (then, now, text) => {
  expect(agoText(then, now)).toBe(text);
});

test("keys steer the recording, and a control that has the focus keeps its own", () => {
  expect(replayAction("Space", "page")).toEqual({ kind: "toggle" });
  expect(replayAction("ArrowLeft", "page")).toEqual({ kind: "skip", ticks: -300 });
  expect(replayAction("ArrowLeft", "slider")).toEqual({ kind: "skip", ticks: -300 });
  expect(replayAction("ArrowUp", "slider")).toBeUndefined();
  expect(replayAction("Space", "panel")).toEqual({ kind: "toggle" });
  expect(replayAction("Space", "button")).toBeUndefined();
  expect(replayAction("End", "button")).toEqual({ kind: "edge", end: true });
  for (const focus of ["control", "field", "text"] as const) {
    expect(replayAction("ArrowUp", focus)).toBeUndefined();
  }
  expect(replayAction("toString", "page")).toBeUndefined();
});

test("the next speed is beside the present one, and there is a fastest and a slowest", () => {
  expect([1, 2, 4, 8, 16].map((quarters) => speedBeside(quarters, 1))).toEqual([2, 4, 8, 16, 16]);
  expect([1, 2, 4, 8, 16].map((quarters) => speedBeside(quarters, -1))).toEqual([1, 1, 2, 4, 8]);
});

describe("how a recording goes on", () => {
  const REAL: Playback = { endTick: 6000, speedQuarters: 4 };

  /** One that goes on at real speed, at tick 600 where it began, and has said nothing. */
  const PLAIN: Standing = { playback: REAL, era: 0, beganTick: 600, drawnTick: 600, seekingTick: undefined };

  function steering(): Steering {
    const made = new Steering(REAL);
    expect(made.advance(PLAIN, 0)).toBeUndefined();
    return made;
  }

  /** It has begun anew so often, last at this tick and speed. */
  function begun(era: number, beganTick: number, speedQuarters = 4): Standing {
    return { ...PLAIN, playback: { ...REAL, speedQuarters }, era, beganTick, drawnTick: beganTick };
  }

  test("a wish leaves at once, and shows before it is granted", () => {
    const made = steering();
    made.seek(1200.4);
    expect(made.shown).toMatchObject({ tick: 1200, waits: true, stands: false });
    expect(made.advance({ ...PLAIN, drawnTick: 610 }, 16)).toEqual({ quarters: 4, to: 1200 });
    expect(made.shown.tick).toBe(1200);
    expect(made.advance(begun(1, 1200), 300)).toBeUndefined();
    expect(made.shown).toMatchObject({ tick: 1200, waits: false });
  });

  test("of wishes that come fast the newest leaves, and none is forgotten", () => {
    const made = steering();
    made.seek(100);
    expect(made.advance(PLAIN, 0)).toEqual({ quarters: 4, to: 100 });
    made.seek(200);
    made.seek(300);
    made.toggle();
    expect(made.advance(begun(1, 100), 100)).toBeUndefined();
    expect(made.shown).toMatchObject({ tick: 300, waits: true, stands: true });
    expect(made.advance(begun(1, 100), 250)).toEqual({ quarters: 0, to: 300 });
    expect(made.advance(begun(2, 300, 0), 500)).toBeUndefined();
    expect(made.shown.waits).toBe(false);
  });

  test("where an older wish leads to is passed through on the way to the newest", () => {
    const made = steering();
    made.seek(100);
    made.advance(PLAIN, 0);
    made.seek(200);
    expect(made.advance(PLAIN, 250)).toEqual({ quarters: 4, to: 200 });
    made.advance(begun(1, 100), 300);
    expect(made.shown).toMatchObject({ tick: 200, waits: true });
    made.toggle();
    expect(made.advance(begun(1, 100), 500)).toEqual({ quarters: 0, to: undefined });
    made.advance(begun(2, 200), 600);
    expect(made.shown).toMatchObject({ tick: 200, waits: false, stands: true });
    expect(made.advance(begun(3, 203, 0), 700)).toBeUndefined();
    expect(made.shown).toMatchObject({ tick: 203, waits: false, stands: true });
  });

  test("a moment that was wished for and not taken is wished for again when the speed after it was", () => {
    const made = steering();
    made.seek(5000);
    made.advance(PLAIN, 0);
    made.toggle();
    expect(made.advance(PLAIN, 300)).toEqual({ quarters: 0, to: undefined });
    expect(made.advance(begun(1, 618, 0), 400)).toBeUndefined();
    expect(made.shown).toMatchObject({ tick: 5000, waits: true });
    expect(made.advance(begun(1, 618, 0), 600)).toEqual({ quarters: 0, to: 5000 });
    made.advance(begun(2, 5000, 0), 700);
    expect(made.shown).toMatchObject({ tick: 5000, waits: false, stands: true });
  });

  test("a wish of which nothing is heard is sent again, one that is on its way is not", () => {
    const made = steering();
    made.seek(5000);
    expect(made.advance(PLAIN, 0)).toEqual({ quarters: 4, to: 5000 });
    expect(made.advance(PLAIN, 3000)).toBeUndefined();
    expect(made.advance(PLAIN, 3001)).toEqual({ quarters: 4, to: 5000 });
    for (let second = 4; second < 60; second += 1) {
      expect(made.advance({ ...PLAIN, seekingTick: second * 60 }, second * 1000)).toBeUndefined();
    }
    expect(made.advance(begun(1, 5000), 60_000)).toBeUndefined();
    expect(made.advance(begun(1, 5000), 90_000)).toBeUndefined();
  });

  test("pause keeps the speed for later, which can be chosen meanwhile", () => {
    const made = steering();
    made.toggle();
    expect(made.advance(PLAIN, 0)).toEqual({ quarters: 0, to: undefined });
    made.setSpeed(16);
    expect(made.advance(begun(1, 600, 0), 1000)).toBeUndefined();
    expect(made.shown).toMatchObject({ quarters: 16, stands: true });
    made.toggle();
    expect(made.advance(begun(1, 600, 0), 2000)).toEqual({ quarters: 16, to: undefined });
  });

  test("at the end it stands, and begins again", () => {
    const made = steering();
    made.act({ kind: "edge", end: true });
    expect(made.advance(PLAIN, 0)).toEqual({ quarters: 4, to: 6000 });
    made.advance({ ...begun(1, 6000), drawnTick: 6000.4 }, 300);
    expect(made.shown).toMatchObject({ tick: 6000, stands: true });
    made.toggle();
    expect(made.advance(begun(1, 6000), 600)).toEqual({ quarters: 4, to: 0 });
    expect(made.shown.stands).toBe(false);
  });

  test("at the end another speed is for when it begins again: asked for at once it would begin anew shortly before the end", () => {
    const made = steering();
    made.advance({ ...PLAIN, drawnTick: 6000 }, 0);
    made.setSpeed(16);
    expect(made.advance({ ...PLAIN, drawnTick: 6000 }, 1000)).toBeUndefined();
    made.toggle();
    expect(made.advance({ ...PLAIN, drawnTick: 6000 }, 2000)).toEqual({ quarters: 16, to: 0 });
  });

  test("steps stay within the recording", () => {
    const made = steering();
    made.act({ kind: "skip", ticks: -900 });
    expect(made.shown.tick).toBe(0);
    made.act({ kind: "skip", ticks: 99_999 });
    expect(made.shown.tick).toBe(6000);
  });

  test("one that was paused before the connection broke is paused still", () => {
    const made = new Steering({ endTick: 6000, speedQuarters: 0 });
    made.advance(begun(0, 600, 0), 0);
    expect(made.shown).toMatchObject({ stands: true, quarters: 4 });
  });
});
