import { describe, expect, test } from "vitest";

import type { Killed } from "../src/arena/protocol/event.ts";
import { mvpOf } from "../src/arena/ui/mvp.ts";
import { leadersOf } from "../src/arena/ui/leaders.ts";
import type { Standing } from "../src/arena/ui/standings.ts";
import { Streaks } from "../src/arena/ui/streaks.ts";

const OWN = 0;
const TICK_HZ = 60;

/** Tells of deaths as the server does: with the run of the killer, and whether that of the victim was worth points. */
class Referee {
  private readonly runs = new Map<number, number>();

  death(killer: number, victim: number): Killed {
    const ended = this.runs.get(victim) ?? 0;
    this.runs.delete(victim);
    const streak = killer === victim ? 0 : (this.runs.get(killer) ?? 0) + 1;
    this.runs.set(killer, streak);
    return { kind: "killed", killer, victim, weapon: "pulse", streak, shutdown: ended >= 3 };
  }
}

/** Each death: killer, victim, second. Gives what is called out. */
function called(...deaths: readonly (readonly [number, number, number])[]): (string | undefined)[] {
  const [streaks, referee] = [new Streaks(TICK_HZ), new Referee()];
  return deaths.map(([killer, victim, second]) => streaks.add(referee.death(killer, victim), second * TICK_HZ, OWN)?.text);
}

describe("what is called out", () => {
  test("kills that follow one another within four seconds belong together", () => {
    expect(called([0, 1, 10], [0, 2, 14], [0, 3, 18], [0, 4, 23])).toEqual([undefined, "Double kill", "Triple kill", undefined]);
  });

  test("the rarest words are for many in one life, whatever the time between them", () => {
    const deaths = Array.from({ length: 15 }, (_, index) => [0, 1, index * 10] as const);
    const words = called(...deaths);
    expect([words[4], words[9], words[14]]).toEqual(["Killing spree", "Unstoppable", "Legend"]);
    expect(words.filter((word) => word !== undefined)).toHaveLength(3);
    expect(called(...Array.from({ length: 8 }, (_, index) => [0, 1, index] as const)).slice(3)).toEqual([
      "Quad kill", "Killing spree", "Rampage", "Rampage", "Rampage",
    ]);
  });

  test("an own death ends the run, and so does the own ricochet", () => {
    for (const killer of [7, OWN]) {
      expect(called([0, 1, 10], [killer, OWN, 11], [0, 2, 12])).toEqual([undefined, undefined, undefined]);
    }
  });

  test("who killed the own player last is avenged once", () => {
    expect(called([5, OWN, 10], [0, 4, 20], [0, 5, 30], [0, 5, 40])).toEqual([undefined, undefined, "Revenge", undefined]);
  });

  test("the end of somebody's run of three is a shutdown", () => {
    expect(called([5, 1, 1], [5, 2, 2], [5, 3, 3], [0, 5, 30])).toEqual([undefined, undefined, undefined, "Shutdown"]);
    expect(called([5, 1, 1], [5, 2, 2], [0, 5, 30])).toEqual([undefined, undefined, undefined]);
  });

  test("what does not count, as in a warm-up, is not called out", () => {
    const streaks = new Streaks(TICK_HZ);
    const kill: Killed = { kind: "killed", killer: OWN, victim: 1, weapon: "rail", streak: 0, shutdown: false };
    expect([streaks.add(kill, 0, OWN), streaks.add(kill, 1, OWN), streaks.best.size]).toEqual([undefined, undefined, 0]);
  });

  test("whoever joins in the middle of a run hears of it as it is", () => {
    const kill: Killed = { kind: "killed", killer: OWN, victim: 1, weapon: "rail", streak: 10, shutdown: false };
    expect(new Streaks(TICK_HZ).add(kill, 0, OWN)?.text).toBe("Unstoppable");
  });

  test("the longest run of everybody is kept until the round is over", () => {
    const [streaks, referee] = [new Streaks(TICK_HZ), new Referee()];
    const die = (killer: number, victim: number) => streaks.add(referee.death(killer, victim), 0, OWN);
    [[5, 1], [5, 2], [1, 5], [5, 1], [2, 1]].forEach(([killer = 0, victim = 0]) => die(killer, victim));
    expect([...streaks.best]).toEqual([[5, 2]]);
    streaks.clear();
    expect(streaks.best.size).toBe(0);
  });
});

function standing(rank: number, entity: number, kills: number, deaths: number, own = false): Standing {
  return { rank, entity, name: `P${entity}`, bot: false, own, score: kills * 100, kills, deaths, assists: entity, team: undefined, presence: undefined };
}

describe("the best of a round", () => {
  test("is the one with the most points, with what it did", () => {
    const rows = [standing(1, 3, 12, 1), standing(2, 0, 5, 2, true)];
    expect(mvpOf(rows, new Map([[3, 7]]))).toEqual({ name: "P3", own: false, text: "12 kills · 1 death · 3 assists · 7 in a row" });
    expect(mvpOf([standing(1, 0, 1, 0, true)], new Map())).toEqual({ name: "P0", own: true, text: "1 kill · 0 deaths" });
  });

  test("is nobody where nobody has a kill", () => {
    expect([mvpOf([], new Map()), mvpOf([standing(1, 0, 0, 0)], new Map())]).toEqual([undefined, undefined]);
  });
});

test("the corner has the best five, and the own player after them if it is not one of them", () => {
  const rows = (own: number): Standing[] => Array.from({ length: 8 }, (_, index) => standing(index + 1, index, 8 - index, 0, index === own));
  const ranks = (own: number): number[] => leadersOf(rows(own)).map(({ rank }) => rank);
  expect([ranks(2), ranks(5), ranks(7), ranks(99)]).toEqual([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 8], [1, 2, 3, 4, 5]]);
  expect(leadersOf([])).toEqual([]);
});
