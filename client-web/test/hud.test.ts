import { describe, expect, test } from "vitest";

import type { Scores } from "../src/arena/protocol/scores.ts";
import type { PlayerState } from "../src/arena/protocol/state.ts";
import { PHASES } from "../src/arena/protocol/status.ts";
import { isolated } from "../src/arena/ui/isolated.ts";
import { KillFeed, sentenceOf } from "../src/arena/ui/kill_feed.ts";
import { announcementOf, clockOf } from "../src/arena/ui/phase.ts";
import { Respawn } from "../src/arena/ui/respawn.ts";
import { ordinal, resultOf, standingsOf } from "../src/arena/ui/standings.ts";
import type { RosterEntry } from "../src/tickroom/protocol/message.ts";
import { healthy } from "./snapshots.ts";

const ROSTER: ReadonlyMap<number, RosterEntry> = new Map(
  ["Ada", "Bob", "Cy", "Dee"].map((name, entity) => [entity, { player: entity, entity, bot: entity === 2, name }]),
);

/** Each number row: score, deaths. */
function states(...rows: readonly (readonly [number, number])[]): Map<number, PlayerState> {
  const state = healthy({ x: 0, y: 0, vx: 0, vy: 0 });
  return new Map(rows.map(([score, deaths], entity) => [entity, { ...state, score, deaths }]));
}

/** As a divided match tells them. */
const NOBODY: Scores = new Map();

describe("the scoreboard", () => {
  test("has the best first; equals share a rank", () => {
    const rows = standingsOf(NOBODY, states([100, 2], [300, 0], [100, 1], [0, 0]), ROSTER, 2);
    expect(rows.map(({ rank, name }) => [rank, name])).toEqual([[1, "Bob"], [2, "Cy"], [2, "Ada"], [4, "Dee"]]);
    expect(rows.find((row) => row.own)).toMatchObject({ name: "Cy", bot: true });
  });

  test("has everybody of whom the match tells, and who is seen as it is seen", () => {
    const score = (points: number) => ({ score: points, kills: 1, deaths: 2, assists: 3, team: undefined });
    const told: Scores = new Map([[0, score(100)], [1, score(200)], [3, score(200)], [9, score(900)]]);
    const rows = standingsOf(told, states([300, 0]), ROSTER, 1);
    // Entity 9 has left and is in no roster.
    expect(rows.map(({ rank, name, own }) => [rank, name, own])).toEqual([[1, "Ada", false], [2, "Bob", true], [2, "Dee", false]]);
    expect(rows[2]).toEqual({ rank: 2, entity: 3, name: "Dee", bot: false, own: false, score: 200, kills: 1, deaths: 2, assists: 3, team: undefined });
    expect(resultOf(rows).text).toBe("You came 2nd of 3.");
    expect(standingsOf(told, new Map(), new Map(), undefined)).toEqual([]);
  });

  test("shows somebody whose name has not come yet", () => {
    expect(standingsOf(NOBODY, states([0, 0]), new Map(), undefined)).toMatchObject([{ name: "…", own: false }]);
  });
});

test("ranks are read out as in English", () => {
  const words = [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 112].map(ordinal);
  expect(words).toEqual(["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "101st", "112th"]);
});

describe("the results", () => {
  const result = (own: number, ...rows: readonly (readonly [number, number])[]) =>
    resultOf(standingsOf(NOBODY, states(...rows), ROSTER, own));

  test("name the winner and the own place", () => {
    expect(result(0, [100, 0], [300, 0])).toEqual({ title: `${isolated("Bob")} wins`, text: "You came 2nd of 2." });
    expect(result(1, [100, 0], [300, 0])).toEqual({ title: "Victory!", text: "You won with 300 points." });
    expect(result(0, [300, 0], [300, 0], [0, 0])).toEqual({ title: "A draw", text: "You came 1st of 3." });
    expect(result(9, [1, 0], [0, 0]).text).toBe("");
    expect(resultOf([]).title).toMatch(/over/);
  });
});

describe("the clock", () => {
  const check = (phase: (typeof PHASES)[number], ticksLeft: number) =>
    clockOf({ phase, round: 0, ends: 1000 + ticksLeft, teams: undefined }, 1000, 60);

  test("counts down to the end of the phase and not below", () => {
    expect(check("live", 180 * 60).time).toBe("3:00");
    expect(check("live", 61).time).toBe("0:02");
    expect(check("live", -5).time).toBe("0:00");
  });

  test("warns in the last ten seconds of a fight", () => {
    expect([check("live", 660).urgent, check("live", 600).urgent, check("results", 60).urgent]).toEqual([false, true, false]);
  });

  test("has large digits before a round", () => {
    expect([180, 121, 61, 1, 0].map((left) => check("countdown", left).big)).toEqual(["3", "3", "2", "1", undefined]);
    expect(check("live", 100).big).toBeUndefined();
  });

  test("does not promise that a kill decides in sudden death: a third player's may not", () => {
    expect(announcementOf("sudden death")).toBe("Sudden death. The first to lead wins.");
  });

  test("has words for every phase", () => {
    for (const phase of PHASES) {
      expect(check(phase, 60).label).not.toBe("");
      expect(announcementOf(phase)).toMatch(/\.$/);
    }
  });
});

/** The first kill in a life. */
const FIRST = { streak: 1, shutdown: false };

describe("the kill feed", () => {
  test("keeps the last five lines for six seconds", () => {
    const feed = new KillFeed();
    for (let index = 0; index < 7; index += 1) {
      feed.add({ kind: "killed", killer: 0, victim: 1, weapon: "pulse", ...FIRST }, ROSTER, 3, index * 1000);
    }
    expect(feed.visible(6500).map((line) => line.id)).toEqual([2, 3, 4, 5, 6]);
    expect(feed.visible(9500).map((line) => line.id)).toEqual([4, 5, 6]);
    expect(feed.visible(60_000)).toEqual([]);
  });

  test("knows what a kill means for the own player", () => {
    const feed = new KillFeed();
    const sentence = (killer: number, victim: number): string | undefined =>
      sentenceOf(feed.add({ kind: "killed", killer, victim, weapon: "rail", ...FIRST }, ROSTER, 3, 0));
    expect(sentence(0, 1)).toBeUndefined();
    expect(sentence(1, 1)).toBeUndefined();
    expect(sentence(3, 1)).toBe(`You eliminated ${isolated("Bob")}.`);
    expect(sentence(1, 3)).toBe(`${isolated("Bob")} eliminated you.`);
    expect(sentence(3, 3)).toBe("You caught your own ricochet.");
    expect(sentence(77, 3)).toBe(`${isolated("somebody")} eliminated you.`);
  });

  test("remembers the name of who has left", () => {
    const feed = new KillFeed();
    const roster = new Map(ROSTER);
    feed.add({ kind: "killed", killer: 0, victim: 1, weapon: "pulse", ...FIRST }, roster, 3, 0);
    roster.clear();
    expect(feed.visible(10)).toMatchObject([{ killer: "Ada", victim: "Bob", role: "none" }]);
  });
});

test("the way back is counted from the first snapshot without a life", () => {
  const respawn = new Respawn();
  respawn.observe(true, 100);
  expect(respawn.secondsLeft(100, 60)).toBeUndefined();
  respawn.observe(false, 103);
  respawn.observe(false, 106);
  expect([103, 163, 200, 500].map((tick) => respawn.secondsLeft(tick, 60))).toEqual([2, 1, 1, 1]);
  respawn.observe(true, 223);
  expect(respawn.secondsLeft(223, 60)).toBeUndefined();
});

describe("the results of teams", () => {
  const rows = (team: "blue" | "orange") =>
    standingsOf(new Map([[0, { score: 100, kills: 1, deaths: 0, assists: 0, team }]]), new Map(), ROSTER, 0);

  test("are a victory for those whose team has more points", () => {
    expect(resultOf(rows("blue"), [300, 200])).toEqual({ title: "Victory!", text: "Blue 300, Orange 200" });
    expect(resultOf(rows("orange"), [300, 200]).title).toBe("Blue wins");
    expect(resultOf(rows("orange"), [0, 200]).title).toBe("Victory!");
    expect(resultOf(rows("blue"), [200, 200]).title).toBe("A draw");
  });
});
